"""What the four journeys are played on: the demo's brands, a ticking worker, the marketplace."""

import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

import httpx
from django.conf import settings
from django.utils import timezone

from brands.models import Brand
from complaints import tasks as complaint_ticks
from complaints.demo import history, people, rights, seed
from complaints.demo.history import Past
from complaints.demo.market import LIVE_SEED, Market, lines_of
from complaints.demo.people import Cast
from complaints.models import Complaint
from complaints.services import filing
from portal.core import outbox
from portal.core import tasks as core_ticks
from portal.core.models import Role, User
from pushes import tasks as push_ticks
from pushes.models import SuspectedLink
from pushes.services import review
from tests.demo.conftest import free_port
from tests.journeys.beside import beside
from tests.journeys.pages import PASSWORD

PATIENCE = 180.0


@dataclass
class Stage:
    """The demo's organisations and brands, without a past."""

    market: Market
    cast: Cast
    brands: dict[str, Brand]
    token: str

    def user(self, email: str) -> User:
        """One of the demo's people."""
        return User.objects.get(email=email)


def set_stage(folder: Path, *, founded: datetime) -> Stage:
    """Register everybody and everything as of ``founded``; all sign in with ``PASSWORD``.

    What the auditor finds waiting is the right that holds where the marketplace is.
    """
    market = Market(free_port(), folder / "market.sqlite3", folder)
    drawing = market.draw()
    audited_brand, _place = rights.LEFT_TO_AUDIT
    first = next(item for item in market.catalogue["brands"] if item["id"] == audited_brand)
    first["registrations"].reverse()
    cast = people.gather(market, founded)
    people.give_consent(cast, market.catalogue["association"]["members"], founded)
    token = people.new_key(cast, founded)
    lines_of(drawing)
    brands = rights.register_all(market, cast, founded)
    rights.submit_the_last(market, cast, brands, founded)
    seed.put_in_force(founded + rights.AUDIT_TIME)
    for user in User.objects.all():
        user.set_password(PASSWORD)
        user.save()
    return Stage(market, cast, brands, token)


def live_through(stage: Stage, *, count: int, since: datetime, now: datetime) -> None:
    """Give the stage a past of ``count`` listings."""
    told = lines_of(stage.market.tell_past(seed=6, count=count, since=since, until=now))
    names = {brand.pk: name for name, brand in stage.brands.items()}
    history.make(Past(stage.market, stage.cast, names, told, since, now))
    core_ticks.seal()


# --------------------------------------------------------------------------- processes


def ticking() -> AbstractContextManager[None]:
    """Do in a thread what beat and the workers do; an error in it fails the test."""
    return beside(_tick)


def _tick() -> None:
    core_ticks.seal()
    push_ticks.admit_characteristics()
    push_ticks.match_pending()
    push_ticks.settle_verdicts()
    complaint_ticks.settle_complaints()
    for message_id in outbox.due(timezone.now(), limit=20):
        core_ticks.deliver(message_id)


@contextmanager
def marketplace(stage: Stage, portal: str, *, listings: int) -> Iterator[str]:
    """Run the stand-in marketplace, which posts so many listings; yield its address."""
    env = os.environ | {
        "PORTAL_URL": portal,
        "PORTAL_API_KEY": stage.token,
        "PORTAL_WEBHOOK_SECRET": stage.cast.market.order_secret,
        "DEMO_PORT": str(stage.market.port),
        "DEMO_STATE": str(stage.market.state),
        "DEMO_SEED": str(LIVE_SEED),
        "DEMO_RATE": "100",
        "DEMO_LIMIT": str(listings),
    }
    process = subprocess.Popen(
        [sys.executable, "-m", "demo"], cwd=settings.BASE_DIR, env=env, stderr=subprocess.DEVNULL
    )
    try:
        wait_for(lambda: _has_posted(stage.market.site, listings))
        yield stage.market.site
    finally:
        process.terminate()
        process.wait(10)


def _has_posted(site: str, listings: int) -> bool:
    try:
        health = httpx.get(f"{site}/healthz").json()
    except httpx.TransportError:
        return False
    return bool(health["all"] >= listings and health["waiting"] == 0)


def wait_for(condition: Callable[[], object], seconds: float = PATIENCE) -> None:
    """Wait until ``condition`` holds."""
    stop = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < stop, "it took too long"
        time.sleep(0.1)


def a_year_ago() -> datetime:
    """Long enough ago for every month shown."""
    return timezone.now() - timedelta(days=365)


# --------------------------------------------------------------------------- links and complaints


def a_link(stage: Stage, brand: str) -> SuspectedLink:
    """The likeliest counterfeit of a brand."""
    links = SuspectedLink.objects.filter(
        brand=stage.brands[brand], state="pending", product_model__isnull=False
    )
    found = links.order_by("-score", "pk").first()
    assert found is not None
    return found


def a_filed_complaint(stage: Stage, brand: str) -> Complaint:
    """A complaint about a link of a brand, as its people would have filed it."""
    link = a_link(stage, brand)
    team = next(
        team for team in stage.cast.brands.values() if team.organisation == link.organisation
    )
    owner = team.actor(Role.OWNER)
    review.give_verdict(actor=owner, link=link, outcome="counterfeit", now=timezone.now())
    result = filing.file(actor=owner, links=[link], now=timezone.now(), statement_accepted=True)
    (complaint,) = result.filed
    wait_for(lambda: Complaint.objects.get(pk=complaint.pk).state == Complaint.State.FILED)
    return complaint
