"""Rows for the measurement of live events: members with sessions, and a link to tell of."""

import time
from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal

import django

django.setup()

from django.conf import settings  # noqa: E402  # Django must be set up first
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY  # noqa: E402
from django.contrib.sessions.backends.cached_db import SessionStore  # noqa: E402
from django.utils import timezone  # noqa: E402

from brands.models import Brand  # noqa: E402
from portal.core import journal, live  # noqa: E402
from portal.core.actors import SYSTEM  # noqa: E402
from portal.core.models import JournalSeal, Marketplace, Member, Organisation, User  # noqa: E402
from pushes import matching  # noqa: E402
from pushes.models import Listing, ListingVersion, Ruleset, SuspectedLink  # noqa: E402


def organisation() -> Organisation:
    """The rights holder everybody of the measurement belongs to."""
    return Organisation.objects.get_or_create(
        kind=Organisation.Kind.RIGHTS_HOLDER,
        name="Measured",
        defaults={"country": "CN", "zone": "Asia/Shanghai", "created_at": timezone.now()},
    )[0]


def cookies(clients: int, streams_a_member: int) -> list[str]:
    """One session cookie a client; a member has ``streams_a_member`` clients."""
    made: list[str] = []
    while len(made) < clients:
        number = len(made) // streams_a_member
        user = User.objects.create(email=f"reviewer{number}@measured.example")
        Member.objects.create(
            user=user, organisation=organisation(), role="reviewer", joined_at=timezone.now()
        )
        made += [_cookie(user)] * min(streams_a_member, clients - len(made))
    return made


def _cookie(user: User) -> str:
    session = SessionStore()
    session[SESSION_KEY] = str(user.pk)
    session[BACKEND_SESSION_KEY] = settings.AUTHENTICATION_BACKENDS[0]
    session[HASH_SESSION_KEY] = user.get_session_auth_hash()
    session.save()
    return f"{settings.SESSION_COOKIE_NAME}={session.session_key}"


def sender() -> Callable[[], tuple[int, float]]:
    """Return a function that writes, seals and announces one pushed link."""
    link = _link()

    def send() -> tuple[int, float]:
        journal.record("link.pushed", link, actor=SYSTEM, now=timezone.now())
        journal.seal()
        at = time.perf_counter()
        seq = JournalSeal.objects.order_by("-seq").values_list("seq", flat=True)[0]
        live.wake()
        return seq, at

    return send


def _link() -> SuspectedLink:
    now = timezone.now()
    brand = Brand.objects.create(organisation=organisation(), name="Measured", created_at=now)
    market = Marketplace.objects.create(
        slug="m", name="Market", jurisdiction="CN", created_at=now, zone="Asia/Shanghai"
    )
    listing = Listing.objects.create(
        marketplace=market, external_id="1", first_seen_at=now, last_seen_at=now
    )
    version = ListingVersion.objects.create(
        listing=listing,
        seen_at=now,
        content_hash="0",
        title="Shoe",
        price=Decimal(1),
        currency="CNY",
    )
    content = matching.Ruleset().to_dict()
    ruleset = Ruleset.objects.create(
        content=content, content_hash="0", state=Ruleset.State.CHAMPION, created_at=now
    )
    return SuspectedLink.objects.create(
        organisation=brand.organisation,
        brand=brand,
        listing=listing,
        version=version,
        snapshot={"title": "Shoe"},
        snapshot_hash="0",
        score=0.9,
        signals=[],
        registry_revision=1,
        ruleset=ruleset,
        pushed_at=now,
        due_at=now + timedelta(days=7),
        due_zone="Asia/Shanghai",
        due_rule="working-days:5",
        calendar_version="bench",
    )
