"""Names of brands are claims until somebody proved them.

A name is matched only in force: the operator imported it, the mark of an approved registration
says the same, or an auditor approved it. So nobody gets listings of a known brand by adding its
name to a brand of their own after the audit (``docs/decisions/0008-proven-brands.md``).
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime, timedelta

from django.db import transaction
from django.utils.translation import gettext as _

from brands.models import Brand, BrandName, Registration
from brands.models.right import CredentialState
from brands.policies import may_audit_name
from brands.reading.comparing import fold_name
from brands.selectors import proven
from portal.core import states
from portal.core.actors import Actor
from portal.core.errors import InvalidInput
from portal.core.models import Mandate

State = BrandName.State


def covered_words(brand_ids: Sequence[int]) -> Mapping[int, frozenset[str]]:
    """Return for each brand what the marks of its approved registrations say, folded."""
    words: defaultdict[int, set[str]] = defaultdict(set)
    through = Registration.brands.through.objects.filter(
        brand_id__in=brand_ids, registration__state=CredentialState.APPROVED
    ).exclude(registration__mark_text="")
    for brand_id, mark in through.values_list("brand_id", "registration__mark_text"):
        words[brand_id].add(fold_name(mark))
    return defaultdict(frozenset, {key: frozenset(value) for key, value in words.items()})


def state_of(text: str, covered: frozenset[str], actor: Actor) -> str:
    """Return the state of a new name: the operator's word and the mark's are proof."""
    proven_at_once = actor.kind == "system" or fold_name(text) in covered
    return State.IN_FORCE if proven_at_once else State.CLAIMED


def check_rename(brand: Brand, name: str) -> None:
    """Refuse to rename a proven brand into something nobody proved.

    Folding alone (another case, another width) is no new name.
    """
    if fold_name(name) == fold_name(brand.name) or not proven(Brand.objects.filter(pk=brand.pk)):
        return
    in_force = brand.names.filter(state=State.IN_FORCE).values_list("text", flat=True)
    known = covered_words([brand.pk])[brand.pk] | {fold_name(text) for text in in_force}
    if fold_name(name) not in known:
        raise InvalidInput.one(
            "name",
            "not_proven",
            _(
                "This brand was approved under another name. Add “%(name)s” as another name; once "
                "an auditor has approved it, it may become the main one."
            )
            % {"name": name},
        )


def prove(
    registration: Registration, chosen: Iterable[BrandName], *, actor: Actor, now: datetime
) -> int:
    """Bring names into force after an approval: covered ones, and those the auditor chose."""
    wanted = {name.pk for name in chosen}
    brands = list(registration.brands.values_list("pk", flat=True))
    covered = covered_words(brands)
    count = 0
    for name in BrandName.objects.filter(brand__in=brands, state=State.CLAIMED).order_by("pk"):
        if name.pk in wanted or fold_name(name.text) in covered[name.brand_id]:
            _move(name, State.IN_FORCE, actor, now)
            count += 1
    return count


@transaction.atomic
def decide(*, actor: Actor, now: datetime, name: BrandName, approved: bool) -> None:
    """Approve or refuse a claimed name. Raises ``StaleState`` if somebody was first."""
    may_audit_name(actor, name).require()
    _move(name, State.IN_FORCE if approved else State.REFUSED, actor, now)


def day_after(mandate: Mandate, begins: date) -> date:
    """Return the first day of a renewed mandate: never within the one before while that holds."""
    if mandate.revoked_at is not None:
        return begins
    return max(begins, mandate.valid_to + timedelta(days=1))


def _move(name: BrandName, to: str, actor: Actor, now: datetime) -> None:
    states.move(name, to, actor=actor, now=now, data={"brand_id": name.brand_id})
