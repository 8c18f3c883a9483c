"""An organisation's choices about reviewing, and each brand's weekly capacity."""

from collections.abc import Mapping
from datetime import datetime
from typing import Final

from django.db import transaction
from django.utils.translation import gettext as _

from brands.models import Brand
from brands.policies import may_edit_whole
from portal.core import journal
from portal.core.actors import Actor
from portal.core.errors import FieldError, InvalidInput, NotAllowed
from pushes.models import BrandCapacity, ReviewPolicy

MOST_A_WEEK: Final = 100_000


def policy_of(organisation_id: int) -> ReviewPolicy | None:
    """The organisation's own choices; ``None`` while the shipped ones hold."""
    return ReviewPolicy.objects.filter(organisation=organisation_id).first()


@transaction.atomic
def set_policy(
    *,
    actor: Actor,
    now: datetime,
    on_silence: str,
    round_robin: bool,
    second_look_share: float | None,
    capacities: Mapping[Brand, int | None],
) -> ReviewPolicy:
    """Keep the choices; ``capacities`` maps brands to links a week, ``None`` for no limit.

    Raises ``InvalidInput`` naming each field that is wrong.
    """
    organisation = actor.organisation
    if organisation is None:
        raise NotAllowed("no_organisation", _("Act for an organisation first."))
    may_edit_whole(actor, organisation).require()
    _check(on_silence, second_look_share, capacities, organisation.pk)
    policy, _created = ReviewPolicy.objects.update_or_create(
        organisation=organisation,
        defaults={
            "on_silence": on_silence,
            "round_robin": round_robin,
            "second_look_share": second_look_share,
            "changed_by": actor.member,
            "changed_at": now,
        },
    )
    for brand, weekly in capacities.items():
        if weekly is None:
            BrandCapacity.objects.filter(brand=brand).delete()
        else:
            BrandCapacity.objects.update_or_create(brand=brand, defaults={"weekly": weekly})
    data = {
        "on_silence": on_silence,
        "round_robin": round_robin,
        "second_look_share": second_look_share,
        "capacities": {str(brand.pk): weekly for brand, weekly in capacities.items()},
    }
    journal.record(
        "review_policy.set",
        policy,
        actor=actor,
        now=now,
        organisation_id=organisation.pk,
        data=data,
    )
    return policy


def _check(
    on_silence: str,
    share: float | None,
    capacities: Mapping[Brand, int | None],
    organisation_id: int,
) -> None:
    errors = []
    if on_silence not in ReviewPolicy.Silence.values:
        errors.append(FieldError("on_silence", "unknown", _("Choose what silence means.")))
    if share is not None and not 0 <= share <= 1:
        errors.append(FieldError("second_look_share", "range", _("Give a share from 0 to 100 %.")))
    for brand, weekly in capacities.items():
        if brand.organisation_id != organisation_id:
            raise NotAllowed("other_organisation", _("This belongs to another organisation."))
        if weekly is not None and not 1 <= weekly <= MOST_A_WEEK:
            message = _("Give a number from 1 to 100,000, or leave it empty.")
            errors.append(FieldError(f"capacity-{brand.uuid}", "range", message))
    if errors:
        raise InvalidInput(errors)
