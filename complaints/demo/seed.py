"""Making the sample data, all of it or nothing."""

import os
import tempfile
from datetime import datetime, timedelta
from pathlib import Path
from subprocess import Popen

from allauth.account.models import EmailAddress
from django.conf import settings
from django.db import transaction

from complaints.demo import history, logins, people, rights
from complaints.demo.history import Past
from complaints.demo.market import Market, lines_of
from portal.core import tasks
from portal.core.actors import SYSTEM
from portal.core.models import ApiKey, Marketplace, Organisation, User
from portal.core.services import keys
from pushes.services import admission, registry

# Listings of the months before the loop turns, of its twelve weeks, and of the last, lively days.
OLD_LISTINGS, LEARNT_LISTINGS, RECENT_LISTINGS = 70, 260, 60
OLD_SEED, LEARNT_SEED, RECENT_SEED = 6, 7, 5
# Figures are shown by closed month; consent must cover the first of them as a whole.
CLOSED_MONTHS = 7
LETTING_AUDIT_WAIT = timedelta(hours=20)


def is_seeded() -> bool:
    """Whether this database has the sample data."""
    return Organisation.objects.filter(name=people.PLATFORM_NAME).exists()


def seed(*, now: datetime) -> bool:
    """Make the sample data; return whether anything was made.

    One transaction: a seed that is stopped leaves nothing half done. Where the data is there and
    only ``var/demo.json`` is lost, a new password and a new key are made.
    """
    if is_seeded():
        if logins.path().is_file():
            return False
        _renew_logins(now)
        return True
    with tempfile.TemporaryDirectory(prefix="portal-demo-") as scratch:
        try:
            with transaction.atomic():
                content = _make(_market(Path(scratch)), now)
        finally:
            registry.forget()  # what was loaded meanwhile may have been rolled back
    logins.write(content)
    return True


def months_back(now: datetime, count: int) -> datetime:
    """The first of the month ``count`` months before, at noon."""
    year, month = divmod(now.year * 12 + now.month - 1 - count, 12)
    return now.replace(
        year=year, month=month + 1, day=1, hour=12, minute=0, second=0, microsecond=0
    )


def _market(scratch: Path) -> Market:
    port = int(os.environ.get("DEMO_PORT") or 8900)
    return Market(port, Path(settings.VAR_DIR) / "demo-state.sqlite3", scratch)


def _make(market: Market, now: datetime) -> dict[str, object]:
    since, founded = months_back(now, CLOSED_MONTHS), months_back(now, CLOSED_MONTHS + 1)
    drawing = market.draw()
    telling = _tell_past(market, since, now)
    cast = people.gather(market, founded)
    people.give_consent(cast, market.catalogue["association"]["members"], founded)
    token = people.new_key(cast, founded)
    password = logins.set_password(_demo_users())
    lines_of(drawing)
    rights.import_register(cast, founded)
    brands = rights.register_all(market, cast, founded)
    put_in_force(founded + rights.AUDIT_TIME)
    names = {brand.pk: catalogue_id for catalogue_id, brand in brands.items()}
    told = [line for process in telling for line in lines_of(process)]
    history.make(Past(market, cast, names, told, since, now, learns=True))
    rights.submit_the_last(market, cast, brands, now - LETTING_AUDIT_WAIT)
    tasks.seal()
    secret = cast.market.order_secret
    return logins.facts(market, password=password, token=token, secret=secret)


def _tell_past(market: Market, since: datetime, now: datetime) -> list["Popen[bytes]"]:
    learning, recent = now - history.LEARNING_ROUNDS * history.ROUND, now - history.RECENT
    spans = [
        (OLD_SEED, OLD_LISTINGS, since, learning),
        (LEARNT_SEED, LEARNT_LISTINGS, learning, recent),
        (RECENT_SEED, RECENT_LISTINGS, recent, now - history.LAST_LISTING),
    ]
    return [
        market.tell_past(seed=number, count=count, since=first, until=last)
        for number, count, first, last in spans
    ]


def put_in_force(now: datetime) -> None:
    """Admit the characteristics and have the engine know everything registered so far."""
    registry.champion(now=now)
    while admission.admit_pending(now=now):
        pass
    tasks.seal()
    registry.forget()


def _demo_users() -> list[User]:
    found = EmailAddress.objects.filter(user__memberships__organisation__is_simulated=True)
    return [address.user for address in found.select_related("user").distinct()]


def _renew_logins(now: datetime) -> None:
    market = _market(Path())
    row = Marketplace.objects.get(slug=market.catalogue["marketplace"]["slug"])
    with transaction.atomic():
        _key, token = keys.create(
            actor=SYSTEM,
            now=now,
            name="Listings",
            scopes=[ApiKey.Scope.LISTINGS_WRITE],
            marketplace=row,
        )
        password = logins.set_password(_demo_users())
    logins.write(logins.facts(market, password=password, token=token, secret=row.order_secret))
