"""What browsers hear live of this room: links and the verdicts on them."""

from portal.core import live
from portal.core.models import JournalEntry
from portal.core.policies import Permission
from pushes.models import SuspectedLink
from pushes.states import VERDICTS

LINKS = {
    "link.pushed": "pushed",
    "link.refreshed": "changed",
    "link.deadline_recomputed": "changed",
    "link.lapsed": "lapsed",
    "link.gone": "gone",
    **{f"link.{outcome}": "judged" for outcome in VERDICTS.split()},
}
VERDICT_VERBS = {"verdict.held": "held", "verdict.undone": "undone", "verdict.final": "final"}


def register_all() -> None:
    """Register the topics; both tell the link's id."""
    live.register(live.Topic("links", SuspectedLink, Permission.VIEW_LINKS, LINKS))
    live.register(
        live.Topic("verdicts", SuspectedLink, Permission.VIEW_LINKS, VERDICT_VERBS, key=_link_of)
    )


def _link_of(entry: JournalEntry) -> int | None:
    key = entry.data.get("link_id")
    return key if isinstance(key, int) else None
