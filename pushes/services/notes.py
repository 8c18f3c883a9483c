"""Remarks on links, for colleagues."""

from datetime import datetime
from typing import Final

from django.db import transaction
from django.utils.translation import gettext as _

from portal.core import journal
from portal.core.actors import Actor
from portal.core.errors import InvalidInput, NotAllowed
from portal.core.policies import Permission, may
from pushes.models import LinkNote, SuspectedLink

LONGEST: Final = 2000


@transaction.atomic
def write(*, actor: Actor, link: SuspectedLink, text: str, now: datetime) -> LinkNote:
    """Keep a note. Raises ``InvalidInput`` for an empty or long one."""
    may(actor, Permission.JUDGE_LINKS, link.organisation_id, link.brand_id).require()
    if actor.member is None:
        raise NotAllowed("no_author", _("A note needs an author."))
    text = text.strip()
    if not text:
        raise InvalidInput.one("text", "required", _("Write something."))
    if len(text) > LONGEST:
        raise InvalidInput.one("text", "too_long", _("Write at most 2000 characters."))
    note = LinkNote.objects.create(link=link, member=actor.member, text=text, at=now)
    journal.record(
        "link.noted",
        link,
        actor=actor,
        now=now,
        data={"brand_id": link.brand_id, "note_id": note.pk},
    )
    return note
