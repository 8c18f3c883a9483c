"""Who may judge a rights holder's links."""

from datetime import datetime

from django.db.models import Q, QuerySet

from portal.core.models import Mandate, Member
from pushes.services.notices import judging_members


def reviewers_of(
    organisation_id: int, *, now: datetime, brand_id: int | None = None
) -> QuerySet[Member]:
    """The rights holder's own reviewers and those of agents it lets judge, as they joined.

    With ``brand_id`` only those who may judge that brand's links; without it only those who may
    judge every brand's.
    """
    today = now.date()
    brands = Q(organisation__mandates_held__brand_keys=[])
    if brand_id is not None:
        brands |= Q(organisation__mandates_held__brand_keys__contains=[brand_id])
    return (
        judging_members()
        .filter(
            Q(organisation=organisation_id)
            | Q(
                brands,
                Q(organisation__mandates_held__acts=[])
                | Q(organisation__mandates_held__acts__contains=[Mandate.Act.JUDGE]),
                organisation__mandates_held__rights_holder=organisation_id,
                organisation__mandates_held__valid_from__lte=today,
                organisation__mandates_held__valid_to__gte=today,
                organisation__mandates_held__revoked_at=None,
            )
        )
        .distinct()
    )
