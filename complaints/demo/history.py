"""A past of seven closed months and the days since, made through the services.

Time goes in rounds: listings come in, are matched and pushed; hours later reviewers judge,
complainants complain; a day later the platform decides. What people say follows the truth about
each listing, which the marketplace's program tells, and a fixed draw a link, so that the same past
comes out whenever it is made. The last days stay unfinished: links to judge, complaints to decide.
"""

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from http import HTTPStatus
from itertools import islice
from typing import Any

import httpx
from django.conf import settings
from django.db import connection
from django.utils import timezone
from standardwebhooks import Webhook

from complaints.demo.market import Market
from complaints.demo.people import Cast, Team
from complaints.models import Complaint, Decision, Order
from complaints.services import decisions, filing, orders
from portal.core.actors import Actor, of_member
from portal.core.models import OutboxMessage, Role
from pushes.models import (
    FeedbackFact,
    Listing,
    ListingVersion,
    ReviewPolicy,
    SecondLook,
    SuspectedLink,
    Verdict,
)
from pushes.services import (
    control,
    intake,
    links,
    matching,
    registry,
    retuning,
    review,
    review_policy,
    second_looks,
)
from pushes.services.loop_policy import Choices, set_loop_policy
from pushes.services.observations import parse

ROUND, RECENT_ROUND = timedelta(days=7), timedelta(days=1)
# Nothing of these days is left out; their links are partly still to be judged.
RECENT = timedelta(days=8)
LAST_LISTING = timedelta(hours=2)
TO_JUDGE, TO_COMPLAIN, TO_DECIDE = timedelta(hours=5), timedelta(hours=6), timedelta(hours=26)
UNDECIDED = timedelta(days=3)
LEARNING_ROUNDS, EXPLORATION, SECOND_LOOKS = 12, 0.10, 0.10
# Shares of links: overlooked until their term is over; of these judged late nevertheless.
OVERLOOKED, LATE = 0.05, 0.02
CANNOT_TELL, LEFT_RECENTLY, NO_COMPLAINT, REJECTED = 0.04, 0.6, 0.1, 0.08
# Rounds after which the planner's statistics are made anew.
ROUNDS_COUNTED = 4
# Share of verdicts that are wrong; nobody's are all right.
ERRS = 0.03
INFRINGING = (SuspectedLink.State.COUNTERFEIT, SuspectedLink.State.OTHER_INFRINGEMENT)
UNJUDGED = (SuspectedLink.State.PENDING, SuspectedLink.State.LAPSED)


@dataclass
class Past:
    """What a past is made of. ``told`` are the marketplace's lines, oldest first.

    In a past that ``learns`` the loop turns in the last twelve weeks, and promotes by itself.
    """

    market: Market
    cast: Cast
    brand_ids: dict[int, str]
    told: list[dict[str, Any]]
    since: datetime
    now: datetime
    learns: bool = False

    def __post_init__(self) -> None:
        self.truths = {line["listing"]["external_id"]: line["truth"] for line in self.told}
        self.teams = {team.organisation.pk: team for team in self.cast.brands.values()}
        self.settled = timedelta(seconds=settings.UNDO_SECONDS + 1)


def make(past: Past) -> None:
    """Live through the past, round by round."""
    if past.learns:
        _choose(past)
    waiting = iter(past.told)
    upcoming = next(waiting, None)
    turned_at = past.now - LEARNING_ROUNDS * ROUND
    for number, at in enumerate(rounds(past.since, past.now)):
        if number % ROUNDS_COUNTED == 0:
            _count_rows()
        arrived = []
        while upcoming is not None and _seen_at(upcoming) <= at:
            arrived.append(upcoming["listing"])
            upcoming = next(waiting, None)
        _arrive(past, arrived, at)
        if at + TO_COMPLAIN < past.now:
            links.lapse_due(now=at)
            judged = _judge(past, at + TO_JUDGE)
            _complain(past, judged, at + TO_COMPLAIN)
        if at + TO_DECIDE < past.now:
            _decide(past, at + TO_DECIDE)
            turned_at = _turn_the_loop(past, at + TO_DECIDE, turned_at)
    links.lapse_due(now=past.now)
    if past.learns:
        control.nightly(now=past.now)
    _take_down(past)
    _keep_old_mail_back(past)


def _count_rows() -> None:
    """Let the planner know what there is: a past is one transaction, which no vacuum looks into."""
    models = (Listing, ListingVersion, SuspectedLink, Verdict, FeedbackFact, Complaint, Decision)
    tables = ", ".join(connection.ops.quote_name(model._meta.db_table) for model in models)
    with connection.cursor() as cursor:
        cursor.execute(f"ANALYZE {tables}")


def _turn_the_loop(past: Past, at: datetime, turned_at: datetime) -> datetime:
    """Turn the loop when a week is over; return when it was turned last."""
    if not past.learns or at < turned_at + ROUND:
        return turned_at
    retuning.nightly(now=at)
    return at


def _choose(past: Past) -> None:
    """Let rules promote themselves and explore, and have every brand look twice more often."""
    chosen = Choices(promotes_alone=True, exploration=EXPLORATION)
    set_loop_policy(actor=past.cast.admin, choices=chosen, now=past.since)
    for team in past.teams.values():
        review_policy.set_policy(
            actor=team.actor(),
            now=past.since,
            on_silence=ReviewPolicy.Silence.LAPSE,
            round_robin=False,
            second_look_share=SECOND_LOOKS,
            capacities={},
        )


def rounds(since: datetime, now: datetime) -> Iterator[datetime]:
    """The moments at which something happens: every few days, and daily at the end."""
    at, last = since + ROUND, now - LAST_LISTING
    while at < last:
        yield at
        at += ROUND if at + ROUND < now - RECENT else RECENT_ROUND
    yield last


def _seen_at(line: dict[str, Any]) -> datetime:
    return datetime.fromisoformat(line["listing"]["seen_at"])


def _arrive(past: Past, arrived: Sequence[dict[str, Any]], at: datetime) -> None:
    stream = iter(arrived)
    while batch := list(islice(stream, intake.MOST_AT_ONCE)):
        result = intake.receive(
            marketplace=past.cast.market, observations=[parse(item) for item in batch], now=at
        )
        if result.rejected:
            raise RuntimeError(f"the marketplace's past is not acceptable: {result.rejected[0]}")
    registry.poll_now()
    while matching.match_pending(now=at):
        pass


# --------------------------------------------------------------------------- judging


def _judge(past: Past, at: datetime) -> list[SuspectedLink]:
    """Give the verdicts of a round and return what was judged an infringement."""
    unjudged = SuspectedLink.objects.filter(state__in=UNJUDGED).select_related(
        "brand", "organisation", "listing"
    )
    given = []
    for number, link in enumerate(unjudged.order_by("pushed_at", "pk")):
        if not _is_judged_now(past, link, at):
            continue
        outcome, right = _outcome(past, link)
        review.give_verdict(
            actor=past.teams[link.organisation_id].actor(Role.REVIEWER),
            link=link,
            outcome=outcome,
            right=right,
            now=at + number * timedelta(seconds=5),
        )
        given.append(link.pk)
    review.settle_due(now=at + timedelta(minutes=30))
    _look_again(past, at + timedelta(minutes=40))
    found = SuspectedLink.objects.filter(pk__in=given, state__in=INFRINGING)
    return list(found.select_related("listing").order_by("organisation_id", "pk"))


def _look_again(past: Past, at: datetime) -> None:
    """Give the second answers that are asked for."""
    asked = SecondLook.objects.filter(state=SecondLook.State.OPEN)
    for look in asked.select_related("reviewer", "link__brand", "link__listing", "first"):
        outcome, right = _outcome(past, look.link, again=True)
        organisation = past.teams[look.link.organisation_id].organisation
        is_agents = look.reviewer.organisation_id != organisation.pk
        actor = of_member(look.reviewer, organisation if is_agents else None)
        second_looks.answer(actor=actor, look=look, outcome=outcome, right=right, now=at)
    second_looks.settle_due(now=at + past.settled)


def _is_judged_now(past: Past, link: SuspectedLink, at: datetime) -> bool:
    if link.pushed_at > at:
        return False
    draw = _draw(link, "diligence")
    if link.state == SuspectedLink.State.LAPSED:
        return draw < LATE
    if link.due_at is None or link.due_at > past.now:
        return draw >= LEFT_RECENTLY
    return draw >= OVERLOOKED


def _outcome(past: Past, link: SuspectedLink, *, again: bool = False) -> tuple[str, str]:
    """What a reviewer of the link's brand says, or another ``again``, and the right infringed."""
    truth = past.truths[link.listing.external_id]
    if not again and _draw(link, "doubt") < CANNOT_TELL:
        return Verdict.Outcome.APPRAISAL, ""
    if truth["brand_id"] == past.brand_ids[link.brand_id]:
        outcome = truth["verdict"]
    else:
        # Another brand's copy that names this one as well, to be found under it.
        outcome = "other_infringement" if truth["kind"] == "copy" else "genuine"
    if _draw(link, "second error" if again else "error") < ERRS:
        outcome = "counterfeit" if outcome in {"genuine", "authorised"} else "genuine"
    return outcome, "trademark" if outcome == Verdict.Outcome.OTHER_INFRINGEMENT else ""


def _draw(link: SuspectedLink, purpose: str) -> float:
    """A number from 0 to 1 that is always the same for a link and a purpose."""
    text = f"{link.listing.external_id}/{link.brand.name}/{purpose}"
    return int(hashlib.sha256(text.encode()).hexdigest()[:8], 16) / 2**32


# --------------------------------------------------------------------------- complaining, deciding


def _complain(past: Past, judged: Sequence[SuspectedLink], at: datetime) -> None:
    for organisation_id, team in past.teams.items():
        chosen = [
            link
            for link in judged
            if link.organisation_id == organisation_id and _draw(link, "zeal") >= NO_COMPLAINT
        ]
        if chosen:
            actor = _complainant(past, team)
            filing.file(actor=actor, links=chosen, now=at, statement_accepted=True)
    filing.settle_due(now=at + past.settled)


def _complainant(past: Past, team: Team) -> Actor:
    """Its own complainant; else its agent; else its owner."""
    agent = past.market.catalogue["agent"]
    principals = [past.cast.brands[key].organisation.pk for key in agent["acts_for"]]
    if Role.COMPLAINANT not in team.members and team.organisation.pk in principals:
        return past.cast.agent.actor(acting_for=team.organisation)
    return team.actor(Role.COMPLAINANT)


def _decide(past: Past, at: datetime) -> None:
    """Decide what was filed; of the newest only every other one."""
    filed = Complaint.objects.filter(state=Complaint.State.FILED, filed_at__lt=at)
    shown = filed.select_related(
        "organisation",
        "registration",
        "filed_by__user",
        "link__brand",
        "link__listing__marketplace",
    )
    for number, complaint in enumerate(shown.order_by("filed_at", "pk")):
        draw = _draw(complaint.link, "decision")
        if at > past.now - UNDECIDED and draw > 0.5:
            continue
        outcome, code = Decision.Outcome.ESTABLISHED, Decision.Code.INFRINGEMENT_CLEAR
        if draw < REJECTED:
            outcome, code = Decision.Outcome.REJECTED, Decision.Code.EVIDENCE_MISSING
        decisions.decide(
            actor=past.cast.admin,
            complaint=complaint,
            outcome=outcome,
            code=code,
            now=at + number * timedelta(minutes=2),
        )


def _take_down(past: Past) -> None:
    """Have the marketplace carry out every order, a minute after it was made."""
    queued = list(
        Order.objects.filter(state=Order.State.QUEUED)
        .select_related("marketplace", "listing", "complaint__link")
        .order_by("queued_at", "pk")
    )
    webhook = Webhook(past.cast.market.order_secret)
    # The signature's own time is the real one: an old one would be refused.
    signed = [orders.signed(order, webhook, timezone.now()) for order in queued]
    messages = [{"headers": headers, "body": raw.decode()} for raw, headers in signed]
    answers = past.market.carry_out(messages, secret=past.cast.market.order_secret)
    for order, answer in zip(queued, answers, strict=True):
        at = order.queued_at + timedelta(minutes=1)
        orders.note_sent(order, now=at)
        response = httpx.Response(HTTPStatus(answer["status"]), json=answer["body"])
        orders.take_answer(order, response, now=at + timedelta(seconds=1))


def _keep_old_mail_back(past: Past) -> None:
    """Nobody needs the mail of a past that was made up; that of the last day is sent."""
    OutboxMessage.objects.filter(
        handler="mail.send",
        state=OutboxMessage.State.WAITING,
        created_at__lt=past.now - RECENT_ROUND,
    ).update(state=OutboxMessage.State.DONE, finished_at=past.now, payload={})
