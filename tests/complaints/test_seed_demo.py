"""The demo's sample data, made once by the real services and looked at from all sides."""

import json
import stat
import time
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from django.conf import settings
from django.db import transaction
from django.test import Client
from pytest_django import DjangoDbBlocker

from brands.models import Brand, Characteristic, Registration
from brands.registers import ImportedRegister
from complaints.demo import logins, seed
from complaints.models import Complaint, Order
from demo.state import State
from portal.core import journal, scope
from portal.core.models import ApiKey, JournalEntry, Marketplace, Member, Organisation
from portal.core.services import keys
from portal.figures.models import DailyFigure
from portal.figures.projections import recount
from portal.figures.selectors import association_table
from pushes.models import Listing, Ruleset, SuspectedLink, Verdict
from pushes.selectors.loop_health import loop_health

NOW = datetime(2026, 11, 18, 9, 30, tzinfo=UTC)
# The seed is made once a process, so one process runs all of these.
pytestmark = pytest.mark.xdist_group("seed")


@pytest.fixture(scope="module")
def made(
    django_db_setup: None,
    django_db_blocker: DjangoDbBlocker,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Path]:
    """The folder of a demo whose data is there while this module is tested."""
    folder = tmp_path_factory.mktemp("var")
    with pytest.MonkeyPatch.context() as patch, django_db_blocker.unblock(), transaction.atomic():
        patch.setattr(settings, "VAR_DIR", folder)
        patch.setattr(settings, "MEDIA_ROOT", folder / "media")
        assert seed.seed(now=NOW)
        yield folder
        transaction.set_rollback(True)


@pytest.fixture
def var(made: Path, db: None) -> Path:
    """The same, for one test, which may change what it likes."""
    return made


def test_the_register_knows_the_registration_that_waits_for_the_auditor(var: Path) -> None:
    [waiting] = Registration.objects.filter(state="submitted")
    entry = ImportedRegister().entry(waiting.kind, waiting.jurisdiction, waiting.number)
    assert entry is not None
    assert entry.file.is_sample
    assert entry.owner_name == waiting.owner_name


def facts_of(var: Path) -> dict[str, object]:
    content: dict[str, object] = json.loads((var / "demo.json").read_text())
    return content


def test_everybody_and_everything_is_marked_as_simulated(var: Path) -> None:
    assert Organisation.objects.filter(is_simulated=False).count() == 0
    assert Organisation.objects.count() == 9
    assert Marketplace.objects.get().is_simulated


def test_one_user_of_each_kind_can_sign_in(var: Path) -> None:
    shown = facts_of(var)["logins"]
    assert isinstance(shown, list)
    assert [login["role"] for login in shown] == list(logins.SHOWN)
    for login in shown:
        answer = Client().post(
            "/accounts/login/", {"login": login["email"], "password": login["password"]}
        )
        assert (login["email"], answer.status_code) == (login["email"], 302)


def test_the_file_with_the_passwords_is_for_its_owner_only(var: Path) -> None:
    assert stat.S_IMODE((var / "demo.json").stat().st_mode) == 0o600


def test_the_marketplaces_key_works(var: Path) -> None:
    actor = keys.actor_of(str(facts_of(var)["PORTAL_API_KEY"]))
    assert actor is not None
    assert actor.marketplace == Marketplace.objects.get()


def test_every_brand_is_registered_with_a_right_where_the_marketplace_is(var: Path) -> None:
    for brand in Brand.objects.all():
        assert brand.registrations.filter(state="approved", jurisdiction="CN").exists(), brand
    assert Brand.objects.count() == 6
    assert set(Characteristic.objects.values_list("state", flat=True)) == {"live"}


def test_one_registration_waits_for_the_auditor(var: Path) -> None:
    waiting = Registration.objects.get(state="submitted")
    assert waiting.created_at < NOW
    assert waiting.organisation.brands.get().name == "Veltrano"


def test_the_agent_may_act_for_its_principals_only(var: Path) -> None:
    agent = Member.objects.get(organisation__kind=Organisation.Kind.AGENT)
    holders = Organisation.objects.filter(kind=Organisation.Kind.RIGHTS_HOLDER)
    allowed = [row.name for row in holders if scope.may_act_for(agent, row, NOW.date())]
    assert sorted(allowed) == ["Nuvopip Toys (simulated)", "Veltrano Sports Holding (simulated)"]


def test_every_brand_has_links_of_several_outcomes(var: Path) -> None:
    rows = SuspectedLink.objects.values_list("brand__name", "state")
    by_brand = {name: Counter(s for n, s in rows if n == name) for name, _state in rows}
    assert len(by_brand) == 6
    for name, states in by_brand.items():
        assert sum(states.values()) >= 20, (name, states)
        assert {"counterfeit", "genuine"} <= states.keys(), (name, states)


def test_links_wait_for_the_reviewer_and_some_are_nearly_due(var: Path) -> None:
    pending = SuspectedLink.objects.filter(state="pending")
    assert pending.count() >= 10
    assert pending.filter(organisation__name__startswith="Veltrano").exists()
    assert pending.filter(due_at__lt=NOW).count() == 0
    assert pending.filter(due_at__lt=NOW + timedelta(hours=36)).exists()


def test_terms_of_the_past_were_mostly_kept_and_the_missed_ones_lapsed(var: Path) -> None:
    final = JournalEntry.objects.filter(verb="verdict.final")
    in_time = Counter(entry.data["in_time"] for entry in final)
    assert in_time[True] > 20 * in_time[False]
    assert 0 < SuspectedLink.objects.filter(state="lapsed").count() < 20
    assert Verdict.objects.filter(state="held").count() == 0


def test_complaints_were_decided_and_a_few_wait_for_the_admin(var: Path) -> None:
    states = Counter(Complaint.objects.values_list("state", flat=True))
    assert states["established"] > 50
    assert states["rejected"] > 0
    assert states["filed"] >= 2


def test_what_was_ordered_is_down_at_the_marketplace_as_well(var: Path) -> None:
    assert set(Order.objects.values_list("state", flat=True)) == {"acknowledged"}
    down = set(Listing.objects.filter(status="down").values_list("external_id", flat=True))
    memory = State(var / "demo-state.sqlite3")
    removed = {row.external_id for row in memory.latest(limit=1000, removed_only=True)}
    memory.close()
    assert removed == down
    assert len(down) > 50


def test_the_loop_has_turned_for_twelve_weeks(var: Path) -> None:
    learned = Ruleset.objects.exclude(parent=None)
    assert learned.exists()
    newest = learned.order_by("-facts")[0].evaluation
    assert newest["infringing"] > 50
    assert newest["genuine"] > 10
    assert newest["changes"]
    health = loop_health(now=NOW)
    judged = [week for week in health.weeks if week.precision is not None]
    assert len(judged) >= 10
    assert min(week.precision or 0 for week in judged) > 0.3
    assert sum(week.explored for week in health.weeks) > 0
    assert [week for week in health.weeks if week.agreement is not None]
    assert health.recall is not None


def test_the_association_sees_months_and_some_cells_are_hidden(var: Path) -> None:
    association = Organisation.objects.get(kind=Organisation.Kind.ASSOCIATION)
    table = association_table(association, NOW.date())
    cells = {row.measure: row.values for row in table.rows}
    assert sum(value is not None for value in cells["pushed"]) >= 2
    assert sum(value is not None for value in cells["judged"]) >= 4
    assert None in [value for row in table.rows for value in row.values]


def test_figures_equal_a_recount_of_the_sealed_journal(var: Path) -> None:
    assert journal.broken_seals() == []
    rows = DailyFigure.objects.values_list("day", "organisation_id", "brand_id", "measure", "count")
    assert {row[:4]: row[4] for row in rows} == dict(recount(10**9))


def test_a_second_run_changes_nothing_and_is_quick(var: Path) -> None:
    before = JournalEntry.objects.count(), (var / "demo.json").read_bytes()
    start = time.monotonic()
    assert not seed.seed(now=NOW + timedelta(days=1))
    assert time.monotonic() - start < 1
    assert (JournalEntry.objects.count(), (var / "demo.json").read_bytes()) == before


def test_lost_sign_ins_are_made_anew_without_touching_the_data(var: Path) -> None:
    before = (var / "demo.json").read_bytes()
    (var / "demo.json").unlink()
    try:
        assert seed.seed(now=NOW)
        fresh = facts_of(var)
        assert fresh["PORTAL_API_KEY"] != json.loads(before)["PORTAL_API_KEY"]
        assert fresh["PORTAL_WEBHOOK_SECRET"] == json.loads(before)["PORTAL_WEBHOOK_SECRET"]
        assert ApiKey.objects.count() == 2
    finally:
        (var / "demo.json").write_bytes(before)
