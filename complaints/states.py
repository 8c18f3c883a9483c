"""States of complaints, orders, counter-notices and what follows from them."""

from portal.core.states import machine

COMPLAINT = machine(
    "complaint",
    held="filed undone",
    filed="under_audit established rejected frozen withdrawn",
    under_audit="filed established rejected frozen withdrawn",
    frozen="filed rejected",
    withdrawn="filed",
    established="contested retracted",
    contested="established overturned retracted",
)

ORDER = machine("order", queued="sent failed", sent="acknowledged failed", failed="queued")

CONSEQUENCE = machine("consequence", proposed="ordered declined dropped", ordered="ended")

MISUSE_STEP = machine("misuse_step", proposed="in_force dismissed", in_force="ended lifted")

MISUSE_APPEAL = machine("misuse_appeal", open="granted refused")

SAMPLED_REVIEW = machine("sampled_review", waiting="agreed disagreed", disagreed="corrected upheld")

APPEAL = machine("tier_appeal", open="granted refused withdrawn")

COUNTER_NOTICE = machine(
    "counter_notice",
    submitted="forwarded",
    forwarded="brand_replied brand_silent",
    brand_replied="accepted refused",
    brand_silent="accepted refused",
)

# A reinstatement is asked for by one administrator and confirmed by another.
REINSTATEMENT = machine("reinstatement", requested="confirmed declined")

STATEMENT_DELIVERY = machine("statement_delivery", waiting="sent refused", refused="waiting")
