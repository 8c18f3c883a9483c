"""Appeals of a tier: the rights holder says why, a person of the platform answers with reasons."""

from datetime import datetime, timedelta

from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from complaints import policies
from complaints.credit_selectors import day_of
from complaints.models import CreditAccount, TierAppeal
from complaints.services import credit
from complaints.tier_rules import LADDER, Tier
from portal.core import journal, states
from portal.core.actors import Actor
from portal.core.errors import InvalidInput, NotAllowed, StaleState

LONGEST_TEXT = 4000
# A granted tier is not lost again by the same figures before the account could show new ones.
HOLD = timedelta(days=30)


@transaction.atomic
def make(
    *, actor: Actor, account: CreditAccount, statement: str, wanted: str, now: datetime
) -> TierAppeal:
    """Appeal the account's tier. Raises ``StaleState`` while an earlier appeal is open."""
    policies.may_appeal_tier(actor, account).require()
    if actor.member is None:
        raise NotAllowed("people_only", _("Only people can appeal."))
    _check_text("statement", statement)
    if wanted not in CreditAccount.Tier.values or not _is_higher(wanted, account.tier):
        raise InvalidInput.one("wanted", "not_higher", _("Choose a tier above the present one."))
    CreditAccount.objects.select_for_update(no_key=True).get(pk=account.pk)
    if account.appeals.filter(state=TierAppeal.State.OPEN).exists():
        raise StaleState("appeal_open", _("An appeal about this account waits for its answer."))
    appeal = TierAppeal.objects.create(
        account=account,
        statement=statement.strip(),
        wanted=wanted,
        made_by=actor.member,
        made_at=now,
    )
    journal.record("tier_appeal.made", appeal, actor=actor, now=now, data=_data(appeal))
    return appeal


@transaction.atomic
def withdraw(*, actor: Actor, appeal: TierAppeal, now: datetime) -> None:
    """Take an open appeal back."""
    policies.may_appeal_tier(actor, appeal.account).require()
    states.move(appeal, TierAppeal.State.WITHDRAWN, actor=actor, now=now, data=_data(appeal))


@transaction.atomic
def answer(*, actor: Actor, appeal: TierAppeal, granted: bool, reasons: str, now: datetime) -> None:
    """Answer an open appeal, with reasons either way.

    Granted, the account has the tier asked for, the lock-out ends, and for 30 days the figures
    cannot take it away; what misuse takes away an appeal of the misuse step must give back.
    """
    policies.may_answer_appeal(actor, appeal.account).require()
    if actor.member is None:
        raise NotAllowed("not_platform", _("Only people of the platform answer appeals."))
    _check_text("reasons", reasons)
    states.move(
        appeal,
        TierAppeal.State.GRANTED if granted else TierAppeal.State.REFUSED,
        actor=actor,
        now=now,
        data=_data(appeal),
        changes={
            "answer": reasons.strip(),
            "answered_by": actor.member,
            "answered_at": now,
        },
    )
    account = appeal.account
    if granted:
        credit.grant(
            account=account,
            tier=Tier(appeal.wanted),
            held_until=day_of(now) + HOLD,
            actor=actor,
            now=now,
        )
        # What misuse takes away counts from now on, not from the next assessment.
        credit.assess(account=account, now=now)
    credit.tell_owners(
        account,
        key=f"tier-appeal:{appeal.uuid}",
        subject=gettext_noop("Your appeal was answered: %(tier)s"),
        text=gettext_noop(
            "The platform answered your appeal about the good-faith account (%(reason)s). The "
            "tier is now: %(tier)s. Read the reasons here:"
        ),
        now=now,
    )


def _is_higher(wanted: str, present: str) -> bool:
    return LADDER.index(Tier(wanted)) > LADDER.index(Tier(present))


def _check_text(field: str, text: str) -> None:
    if not text.strip():
        raise InvalidInput.one(field, "required", _("Give your reasons."))
    if len(text) > LONGEST_TEXT:
        raise InvalidInput.one(
            field,
            "too_long",
            _("At most %(limit)s characters.") % {"limit": LONGEST_TEXT},
        )


def _data(appeal: TierAppeal) -> dict[str, object]:
    return {"account_id": appeal.account_id, "wanted": appeal.wanted}
