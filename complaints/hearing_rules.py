"""How a counter-notice is heard in each jurisdiction, as shipped. Plain Python.

An operator's own rule (``complaints.models.HearingRule``) wins over a shipped one. A case keeps a
copy of the rule it began under. What each field does is told in ``docs/reference/clocks.md``.
"""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from types import MappingProxyType
from typing import Any, Final, Literal

from django.utils.translation import gettext_noop

EVERYWHERE: Final = "*"
EU_MEMBERS: Final = frozenset(
    [
        "AT",
        "BE",
        "BG",
        "CY",
        "CZ",
        "DE",
        "DK",
        "EE",
        "ES",
        "FI",
        "FR",
        "GR",
        "HR",
        "HU",
        "IE",
        "IT",
        "LT",
        "LU",
        "LV",
        "MT",
        "NL",
        "PL",
        "PT",
        "RO",
        "SE",
        "SI",
        "SK",
    ]
)


@dataclass(frozen=True, slots=True)
class Rule:
    """What the law, or else the platform's own terms, say about one hearing.

    ``term_days`` days after ``term_from`` the rights holder counts as silent, unless ``stopped_by``
    came before; then ``on_silence`` happens. ``reply_days`` and ``decision_days`` are working-day
    clocks beside it. ``pauses`` names what the law lets the decision's clock stand still for.
    """

    term_kind: Literal["calendar", "working"]
    term_days: int
    term_from: Literal["reached", "submitted"]
    rolls: bool
    stopped_by: Literal["proceedings", "reply"]
    on_silence: Literal["measures_end", "decide"]
    reply_days: int
    decision_days: int
    evidence_required: bool
    identity_to_brand: bool
    source: str
    pauses: tuple[str, ...] = ("appraisal",)

    def to_dict(self) -> dict[str, Any]:
        """Return the rule as JSON values, as a case keeps it."""
        return {**asdict(self), "pauses": list(self.pauses)}

    @staticmethod
    def from_dict(content: Mapping[str, Any]) -> "Rule":
        """Return a kept rule."""
        return Rule(**{**content, "pauses": tuple(content["pauses"])})


_CHINA = Rule(
    term_kind="calendar",
    term_days=15,
    term_from="reached",
    rolls=True,
    stopped_by="proceedings",
    on_silence="measures_end",
    reply_days=5,
    decision_days=5,
    evidence_required=True,
    identity_to_brand=True,
    source=gettext_noop(
        "E-Commerce Law of the PRC (2018) art. 43: measures end when no notice of a complaint to "
        "an authority or of a suit came within 15 days after the forwarded declaration reached the "
        "rights holder; prima facie evidence: the same article and Civil Code art. 1196; a last "
        "day that is a statutory day off: Civil Code art. 203."
    ),
)
_UNITED_STATES_COPYRIGHT = Rule(
    term_kind="working",
    term_days=10,
    term_from="submitted",
    rolls=False,
    stopped_by="proceedings",
    on_silence="measures_end",
    reply_days=5,
    decision_days=5,
    evidence_required=False,
    identity_to_brand=True,
    source=gettext_noop(
        "17 U.S.C. § 512(g)(2)(C): the material is put back 10 to 14 business days after the "
        "counter-notice was received, unless notice of a court action came first; identity: "
        "§ 512(g)(3)(D)."
    ),
)
_EUROPEAN_UNION = Rule(
    term_kind="working",
    term_days=5,
    term_from="reached",
    rolls=False,
    stopped_by="reply",
    on_silence="decide",
    reply_days=5,
    decision_days=10,
    evidence_required=False,
    identity_to_brand=False,
    source=gettext_noop(
        "Regulation (EU) 2022/2065 art. 20(4) to (6): complaints are decided in a timely manner "
        "and by people; it sets no term, so the days are the platform's own."
    ),
)
_ELSEWHERE = Rule(
    term_kind="working",
    term_days=5,
    term_from="reached",
    rolls=False,
    stopped_by="reply",
    on_silence="decide",
    reply_days=5,
    decision_days=10,
    evidence_required=False,
    identity_to_brand=False,
    source=gettext_noop("The platform's own terms."),
)
# (jurisdiction, kind of right or "" for any) → rule
SHIPPED: Mapping[tuple[str, str], Rule] = MappingProxyType(
    {
        (EVERYWHERE, ""): _ELSEWHERE,
        ("CN", ""): _CHINA,
        ("US", "copyright"): _UNITED_STATES_COPYRIGHT,
        **{(member, ""): _EUROPEAN_UNION for member in sorted(EU_MEMBERS)},
    }
)


def places(jurisdiction: str, right: str) -> tuple[tuple[str, str], ...]:
    """Return where a rule is looked up, the most special place first."""
    return (
        (jurisdiction, right),
        (jurisdiction, ""),
        (EVERYWHERE, right),
        (EVERYWHERE, ""),
    )
