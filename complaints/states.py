"""States of complaints and orders."""

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

APPEAL = machine("tier_appeal", open="granted refused withdrawn")
