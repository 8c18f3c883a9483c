"""States of links, verdicts, rulesets and thresholds."""

from portal.core.states import machine

VERDICTS = "counterfeit other_infringement genuine authorised appraisal"

LINK = machine(
    "link",
    # Above a brand's weekly capacity a link waits, ranked and without a clock.
    overflow="pending gone",
    pending=f"{VERDICTS} lapsed gone",
    lapsed=VERDICTS,
    gone="pending",
    appraisal="counterfeit other_infringement genuine authorised",
    # A correction, with a reason; barred while a complaint stands.
    counterfeit="other_infringement genuine authorised appraisal",
    other_infringement="counterfeit genuine authorised appraisal",
    genuine="counterfeit other_infringement authorised appraisal pending",
    authorised="counterfeit other_infringement genuine appraisal pending",
)

VERDICT = machine("verdict", held="final undone")

SECOND_LOOK = machine("second_look", open="held dropped", held="open agreed disagreed dropped")

CONFLICT = machine("conflict", open="resolved")

RULESET = machine(
    "ruleset",
    candidate="shadow champion refused",
    shadow="champion refused",
    champion="retired rolled_back",
    retired="champion",
)

CONTROL = machine(
    "control",
    proposed="in_force refused superseded",
    in_force="superseded",
)
