"""What can be read of complaints, and by whom."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.db.models import (
    Count,
    Exists,
    F,
    IntegerField,
    OuterRef,
    Prefetch,
    Q,
    QuerySet,
    Subquery,
)
from django.db.models.fields.json import KT
from django.db.models.functions import Coalesce

from complaints.models import (
    Complaint,
    ComplaintMessage,
    CounterNotice,
    Decision,
    HearingClock,
    Order,
    Reinstatement,
    RightReview,
    SampledReview,
    StatementDelivery,
    StatementOfReasons,
    Strike,
)
from portal.core.actors import Actor
from portal.core.models import JournalEntry, Mandate, Member, Organisation
from portal.core.policies import Permission, permissions_of
from portal.core.scope import narrow
from pushes.models import Seller, SuspectedLink
from pushes.selectors import asked_blind

# Verdicts on which a complaint can rest.
INFRINGING = (SuspectedLink.State.COUNTERFEIT, SuspectedLink.State.OTHER_INFRINGEMENT)
# What lists and pages of complaints show without asking again for each row.
SHOWN = (
    "organisation",
    "registration",
    "decision__statement",
    "link__brand",
    "link__product_model",
    "link__listing__marketplace",
    "link__version__seller",
)


def complaints_visible_to(actor: Actor | None) -> QuerySet[Complaint]:
    """Return the organisation's complaints; the platform's people see all that were filed."""
    rows = narrow(
        Complaint.objects.select_related(*SHOWN),
        actor,
        Permission.VIEW_COMPLAINTS,
        "organisation_id",
        brand="link__brand_id",
    ).exclude(link__in=asked_blind(actor))
    if actor is not None and actor.is_platform:
        # What can still be undone has not reached the platform yet.
        rows = rows.exclude(state__in=[Complaint.State.HELD, Complaint.State.UNDONE])
    return rows


def held_of(actor: Actor, now: datetime) -> QuerySet[Complaint]:
    """Return the actor's own complaints that can still be taken back, newest first."""
    if actor.member is None:
        return Complaint.objects.none()
    return (
        complaints_visible_to(actor)
        .filter(state=Complaint.State.HELD, filed_by=actor.member, held_until__gte=now)
        .order_by("-pk")
    )


def links_to_complain_about(actor: Actor | None) -> QuerySet[SuspectedLink]:
    """Return links the actor may complain about; a writing key need not be able to read."""
    links = narrow(
        SuspectedLink.objects.all(),
        actor,
        Permission.FILE_COMPLAINT,
        "organisation_id",
        brand="brand_id",
    )
    return links.exclude(pk__in=asked_blind(actor))


def rejected_about(links: Iterable[SuspectedLink]) -> dict[int, Complaint]:
    """Return the newest rejected complaint about each link (by id) that has one."""
    rows = Complaint.objects.filter(link__in=links, state=Complaint.State.REJECTED)
    return {row.link_id: row for row in rows.select_related("decision").order_by("pk")}


def ready_to_file(actor: Actor | None) -> QuerySet[SuspectedLink]:
    """Return links judged as infringements about which no complaint stands, newest first.

    Nor those whose offer is still the one about which a complaint was overturned.
    """
    own = Complaint.objects.filter(link=OuterRef("pk"))
    standing = own.exclude(state__in=Complaint.CLOSED)
    offer = KT("notice__evidence__snapshot_hash")
    overturned = own.filter(state=Complaint.State.OVERTURNED).annotate(offer=offer)
    overturned = overturned.filter(offer=OuterRef("snapshot_hash"))
    return (
        links_to_complain_about(actor)
        .filter(state__in=INFRINGING)
        .exclude(Exists(standing))
        .exclude(Exists(overturned))
        .select_related("brand", "listing__marketplace", "version__seller")
        .order_by("-judged_at", "-pk")
    )


def decision_queue(actor: Actor | None) -> QuerySet[Complaint]:
    """Return complaints that wait for a decision: due first, then by harm, then the oldest.

    Terms end with a day, so complaints due on one day have the same deadline and harm orders them.
    """
    rows = complaints_visible_to(actor).filter(state__in=Complaint.OPEN)
    return rows.order_by(F("due_at").asc(nulls_first=True), "-harm", "filed_at", "pk")


def reviews_visible_to(actor: Actor | None) -> QuerySet[SampledReview]:
    """Return drawn reviews that wait: for the platform, without what is about its own people."""
    if actor is None or actor.member is None or not actor.is_platform:
        return SampledReview.objects.none()
    if Permission.DECIDE_COMPLAINT not in permissions_of(actor):
        return SampledReview.objects.none()
    return _not_own(actor.member, SampledReview.State.WAITING)


def corrections_waiting(actor: Actor | None) -> QuerySet[SampledReview]:
    """Return reviews that disagreed and wait for a second person; for the platform only."""
    if actor is None or actor.member is None or not actor.is_platform:
        return SampledReview.objects.none()
    rows = _not_own(actor.member, SampledReview.State.DISAGREED)
    return rows.select_related("reviewed_by__user", *(f"complaint__{name}" for name in SHOWN))


def _not_own(member: Member, state: str) -> QuerySet[SampledReview]:
    """Return reviews in a state, without those about organisations the member belongs to."""
    own = Member.objects.filter(user_id=member.user_id, active=True)
    return (
        SampledReview.objects.filter(state=state)
        .exclude(complaint__organisation__in=own.values("organisation_id"))
        .select_related(*(f"complaint__{name}" for name in SHOWN))
        .order_by("drawn_at", "pk")
    )


def client_figures(agent: Organisation) -> QuerySet[Any]:
    """Return an agent's mandates, each with counts of the complaints it filed for that client."""
    filed = Complaint.objects.filter(
        organisation=OuterRef("rights_holder"), filed_by__organisation=OuterRef("agent")
    )

    def count(*states: str) -> Coalesce:
        rows = filed.filter(state__in=states).order_by().values("organisation")
        counted = rows.annotate(n=Count("pk")).values("n")
        return Coalesce(Subquery(counted, output_field=IntegerField()), 0)

    state = Complaint.State
    return (
        Mandate.objects.filter(agent=agent)
        .select_related("rights_holder")
        .annotate(
            open_count=count(state.HELD, *Complaint.OPEN),
            established_count=count(state.ESTABLISHED, state.CONTESTED),
            rejected_count=count(state.REJECTED),
            frozen_count=count(state.FROZEN),
        )
        .order_by("rights_holder__name", "-valid_to")
    )


def right_reviews_open_to(actor: Actor | None) -> QuerySet[RightReview]:
    """Return decisions whose right fell and about which nobody has said anything yet."""
    rows = RightReview.objects.filter(outcome="").select_related(
        *(f"complaint__{path}" for path in SHOWN)
    )
    if actor is None or not actor.is_platform:
        return rows.none()
    return rows.order_by("created_at", "pk")


def history_of(complaint: Complaint) -> QuerySet[JournalEntry]:
    """Return what the journal says about the complaint and all that belongs to it, oldest first.

    Its link (how it was pushed and judged), orders, counter-notices, reinstatements and messages.
    """
    found = Q(subject_type=Complaint._meta.label_lower, subject_id=complaint.pk)
    found |= Q(subject_type=SuspectedLink._meta.label_lower, subject_id=complaint.link_id)
    for rows in (
        complaint.orders,
        complaint.counter_notices,
        complaint.reinstatements,
        ComplaintMessage.objects.filter(complaint=complaint),
    ):
        label = rows.model._meta.label_lower
        found |= Q(subject_type=label, subject_id__in=list(rows.values_list("pk", flat=True)))
    return JournalEntry.objects.filter(found).order_by("id")


def thread_of(complaint: Complaint) -> QuerySet[ComplaintMessage]:
    """Return the messages of a complaint the caller was allowed to see, oldest first."""
    rows = ComplaintMessage.objects.filter(complaint=complaint)
    return rows.select_related("member__user", "member__organisation").order_by("pk")


def others_about(complaint: Complaint, actor: Actor) -> QuerySet[Complaint]:
    """Return visible complaints about the same link, oldest first: filed before or again."""
    rows = complaints_visible_to(actor).filter(link=complaint.link_id)
    return rows.exclude(pk=complaint.pk).order_by("pk")


def standing_complaint(link: SuspectedLink) -> Complaint | None:
    """Return the complaint that stands on the link; there is at most one."""
    return (
        Complaint.objects.select_related("registration")
        .filter(link=link)
        .exclude(state__in=Complaint.CLOSED)
        .first()
    )


def latest_complaint(link: SuspectedLink) -> Complaint | None:
    """Return the newest complaint on the link that was not undone."""
    return (
        Complaint.objects.select_related("decision")
        .filter(link=link)
        .exclude(state=Complaint.State.UNDONE)
        .order_by("-pk")
        .first()
    )


def orders_visible_to(actor: Actor | None) -> QuerySet[Order]:
    """Return orders: the platform sees all, a rights holder those its complaints caused."""
    return narrow(
        Order.objects.select_related(
            "marketplace", "listing", "complaint__link__brand", "consequence__seller"
        ),
        actor,
        Permission.VIEW_COMPLAINTS,
        "complaint__organisation_id",
        brand="complaint__link__brand_id",
    ).exclude(complaint__link__in=asked_blind(actor))


def sellers_visible_to(actor: Actor | None) -> QuerySet[Seller]:
    """Return sellers with their strikes: for people of the platform only."""
    if actor is None or not actor.is_platform:
        return Seller.objects.none()
    return Seller.objects.select_related("marketplace")


def strikes_of(seller: Seller) -> QuerySet[Strike]:
    """Return a seller's strikes, newest first."""
    return (
        Strike.objects.filter(seller=seller)
        .select_related("complaint__link__brand")
        .order_by("-at", "-pk")
    )


def prior_decisions(seller: Seller | None) -> QuerySet[Decision]:
    """Return earlier decisions on complaints about the same seller, newest first."""
    if seller is None:
        return Decision.objects.none()
    return (
        Decision.objects.filter(complaint__link__version__seller=seller)
        .select_related("complaint__link__brand")
        .order_by("-at", "-pk")
    )


def counter_notices_visible_to(actor: Actor | None) -> QuerySet[CounterNotice]:
    """Return counter-notices against the organisation's complaints; the platform sees all.

    Their running clocks come along as ``running``, the nearest first.
    """
    running = HearingClock.objects.filter(ended_at=None).order_by("due_at")
    rows = CounterNotice.objects.select_related(
        *(f"complaint__{name}" for name in SHOWN if not name.startswith("decision")),
        "replied_by__user",
        "decided_by__user",
    ).prefetch_related(Prefetch("clocks", queryset=running, to_attr="running"))
    visible = narrow(
        rows,
        actor,
        Permission.VIEW_COMPLAINTS,
        "complaint__organisation_id",
        brand="complaint__link__brand_id",
    )
    return visible.exclude(complaint__link__in=asked_blind(actor))


def reinstatements_waiting(actor: Actor | None) -> QuerySet[Reinstatement]:
    """Return reinstatements that wait for a second person; for the platform only."""
    if actor is None or not actor.is_platform:
        return Reinstatement.objects.none()
    return Reinstatement.objects.select_related(
        "asked_by__user", "complaint__link__version"
    ).filter(state=Reinstatement.State.REQUESTED)


def undoings_waiting(actor: Actor | None) -> QuerySet[Reinstatement]:
    """Return what was asked for because a right fell and waits for a second person, oldest first.

    For the platform only.
    """
    rows = reinstatements_waiting(actor).filter(ground=Reinstatement.Ground.NO_RIGHT)
    return rows.select_related("complaint__registration").order_by("asked_at", "pk")


def deliveries_visible_to(actor: Actor | None) -> QuerySet[StatementDelivery]:
    """Return records on their way to the EU Transparency Database: for the platform only."""
    if actor is None or not actor.is_platform:
        return StatementDelivery.objects.none()
    return StatementDelivery.objects.select_related("statement", "batch")


def statements_visible_to(actor: Actor | None) -> QuerySet[StatementOfReasons]:
    """Return every statement of reasons, of whatever place: for the platform only."""
    if actor is None or not actor.is_platform:
        return StatementOfReasons.objects.none()
    return StatementOfReasons.objects.order_by("pk")
