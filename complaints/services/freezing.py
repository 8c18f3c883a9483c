"""When a credential falls, what rests on it stops; when it stands again, that goes on.

The brands room knows nothing of complaints: it moves the credential and the journal says so. This
consumer follows, in the transaction of its cursor, so each entry takes effect exactly once
whatever dies in between.

A complaint rests on its registration, and on the letter of authorisation where an agent filed it.
Open complaints are frozen while one of them does not stand. Established ones stay as they are and
are listed for review: what was decided on a forged right may have to be undone, by a person.
"""

from collections.abc import Iterator
from datetime import date, datetime
from typing import Final

from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _

from brands.models import LetterOfAuthorisation, Registration
from brands.models.right import CredentialState
from complaints.models import Complaint, RightReview
from complaints.policies import may_decide
from complaints.services import reinstatement
from complaints.services.facts import facts_of
from portal.core import journal, states
from portal.core.actors import SYSTEM, Actor
from portal.core.errors import InvalidInput, StaleState
from portal.core.models import JournalEntry

CONSUMER: Final = "complaints.credentials"
_FALLEN: Final = ("suspended", "revoked", "expired")
VERBS: Final = tuple(f"credential.{state}" for state in (*_FALLEN, "approved"))
_State = Complaint.State
_STANDING: Final = (_State.ESTABLISHED, _State.CONTESTED)
# A suspension is a doubt, not a finding: decisions are looked at again only after the two others.
_REVIEWED: Final = ("credential.revoked", "credential.expired")


def follow(entry: JournalEntry) -> None:
    """Take one journal entry about a credential."""
    is_registration = entry.data.get("credential") == "registration"
    resting = (
        Q(registration=entry.subject_id) if is_registration else _filed_under(entry.subject_id)
    )
    if entry.verb == "credential.approved":
        _thaw(_renewed(entry.subject_id) if is_registration else resting, entry)
        return
    _freeze(resting, entry)
    if entry.verb in _REVIEWED:
        _list_for_review(resting, entry)


def _filed_under(letter_id: int) -> Q:
    """Complaints the agent's people filed for the rights holder of a letter."""
    letter = LetterOfAuthorisation.objects.get(pk=letter_id)
    return Q(organisation=letter.organisation_id, filed_by__organisation=letter.agent_id)


def _renewed(registration_id: int) -> Q:
    """Complaints on a registration that is approved now, or on the one it renews."""
    row = Registration.objects.get(pk=registration_id)
    return Q(registration=row.pk) | Q(registration=row.renews_id, registration__renews=None)


# --------------------------------------------------------------------------- freezing


def _freeze(resting: Q, entry: JournalEntry) -> None:
    for complaint in _locked(Complaint.objects.filter(resting, state__in=Complaint.OPEN)):
        if stands(complaint):  # approved again by now: a later entry of the journal says so
            continue
        freeze(complaint, cause=entry.verb, now=entry.at)


def freeze(complaint: Complaint, *, cause: str, now: datetime) -> None:
    """Freeze an open complaint; the journal says which verb of the credential caused it."""
    data = {**facts_of(complaint), "cause": cause}
    states.move(complaint, _State.FROZEN, actor=SYSTEM, now=now, data=data)


def _thaw(resting: Q, entry: JournalEntry) -> None:
    for complaint in _locked(Complaint.objects.filter(resting, state=_State.FROZEN)):
        if stands(complaint):
            data = {**facts_of(complaint), "cause": entry.verb}
            states.move(complaint, _State.FILED, actor=SYSTEM, now=entry.at, data=data)


def _locked(rows: QuerySet[Complaint]) -> Iterator[Complaint]:
    """Lock the rows in the order of their keys, so that no decision comes between."""
    related = rows.select_related("registration", "link__listing", "filed_by")
    yield from related.select_for_update(of=("self",), no_key=True).order_by("pk")


def stands(complaint: Complaint, *, on: date | None = None) -> bool:
    """Whether everything the complaint rests on is approved now, and the right valid ``on`` a day.

    A registration that renews the one complained on is as good as that.
    """
    registration = complaint.registration
    approved = CredentialState.APPROVED
    alive = Registration.objects.filter(
        Q(pk=registration.pk) | Q(renews=registration.pk), state=approved
    )
    if on is not None:
        alive = alive.filter(valid_from__lte=on, valid_to__gte=on)
    if not alive.exists():
        return False
    filer = complaint.filed_by
    if filer is None or filer.organisation_id == complaint.organisation_id:
        return True
    return LetterOfAuthorisation.objects.filter(
        organisation=complaint.organisation_id, agent=filer.organisation_id, state=approved
    ).exists()


def freeze_if_fallen(complaint: Complaint, *, now: datetime) -> None:
    """Freeze a complaint that was filed this moment, if its right fell while it was held.

    The rows of the registration and of the agent's letter are locked against a change: whoever
    revokes one either did so before, and it is seen here, or does so afterwards, and the journal's
    reader finds the complaint filed.
    """
    list(Registration.objects.select_for_update(no_key=True).filter(pk=complaint.registration_id))
    if complaint.filed_by is not None:
        letters = LetterOfAuthorisation.objects.filter(
            organisation=complaint.organisation_id, agent=complaint.filed_by.organisation_id
        )
        list(letters.select_for_update(no_key=True).order_by("pk"))
    if not stands(complaint):
        freeze(complaint, cause="credential.fallen", now=now)


# --------------------------------------------------------------------------- review of decisions


def _list_for_review(resting: Q, entry: JournalEntry) -> None:
    decided = Complaint.objects.filter(resting, state__in=_STANDING).values_list("pk", flat=True)
    RightReview.objects.bulk_create(
        [
            RightReview(complaint_id=pk, cause=entry, created_at=entry.at)
            for pk in decided.order_by("pk")
        ],
        batch_size=1000,
        ignore_conflicts=True,
    )


@transaction.atomic
def close_review(
    *, actor: Actor, now: datetime, review: RightReview, outcome: str, note: str = ""
) -> None:
    """Say what becomes of a decision whose right fell: it stands, or it is to be undone.

    To be undone, its reinstatement is asked for in the same act and waits for a second person.
    """
    may_decide(actor, review.complaint).require()
    if outcome not in RightReview.Outcome.values:
        raise InvalidInput.one("outcome", "unknown", _("Choose an outcome."))
    if outcome == RightReview.Outcome.TO_UNDO and not note.strip():
        raise InvalidInput.one("note", "required", _("Say why the decision cannot stand."))
    open_ = RightReview.objects.filter(pk=review.pk, outcome="")
    closed = open_.update(outcome=outcome, note=note.strip(), closed_by=actor.member, closed_at=now)
    if not closed:
        raise StaleState("closed_meanwhile", _("Somebody else closed this review first."))
    review.outcome = outcome
    data = {**facts_of(review.complaint), "outcome": outcome}
    journal.record("right_review.closed", review, actor=actor, now=now, data=data)
    if outcome == RightReview.Outcome.TO_UNDO:
        reinstatement.request_without_right(
            actor=actor, complaint=review.complaint, note=note, now=now
        )
