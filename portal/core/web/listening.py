"""When somebody may have lost the right to listen: asked at once, not with the next ping."""

from typing import Any

from django.contrib.auth.signals import user_logged_out

from portal.core import live
from portal.core.models import JournalEntry, Notice

# Verbs after which a member may hear less than before.
LOSSES = ("member.changed", "member.removed", "mandate.ended")


def connect() -> None:
    """Watch the journal and sign-outs."""
    live.recheck_after(LOSSES)
    live.register(
        live.Topic("notices", Notice, None, {"notice.given": "given"}, member=_member_told)
    )
    user_logged_out.connect(_signed_out, dispatch_uid="live")


def _signed_out(**_details: Any) -> None:
    live.recheck()


def _member_told(entry: JournalEntry) -> int | None:
    member = entry.data.get("member_id")
    return member if isinstance(member, int) else None
