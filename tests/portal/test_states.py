"""States move by compare-and-set; the loser of a race is told."""

import threading

import pytest
from django.apps import apps
from django.db import connection

from portal.core import states
from portal.core.actors import SYSTEM
from portal.core.errors import StaleState
from portal.core.models import JournalEntry
from pushes.models import SuspectedLink
from tests.factories import SuspectedLinkFactory


@pytest.mark.django_db
class TestMove:
    def test_it_writes_the_state_and_the_journal_in_one_act(self, now):
        link = SuspectedLinkFactory()
        states.move(link, "lapsed", actor=SYSTEM, now=now, data={"brand_id": link.brand_id})
        entry = JournalEntry.objects.get(subject_id=link.pk, verb="link.lapsed")
        assert entry.data == {"brand_id": link.brand_id, "from": "pending"}
        assert entry.organisation_id == link.organisation_id

    def test_a_move_outside_the_table_is_refused_in_words(self, now):
        link = SuspectedLinkFactory(state="counterfeit")
        with pytest.raises(StaleState, match="cannot become"):
            states.move(link, "pending", actor=SYSTEM, now=now)

    def test_a_row_moved_meanwhile_is_refused(self, now):
        link = SuspectedLinkFactory()
        SuspectedLink.objects.filter(pk=link.pk).update(state="gone")
        with pytest.raises(StaleState) as refused:
            states.move(link, "lapsed", actor=SYSTEM, now=now)
        assert refused.value.code == "moved_meanwhile"


@pytest.mark.django_db(transaction=True)
def test_of_twenty_movers_exactly_one_wins(now):
    link = SuspectedLinkFactory()
    outcomes: list[str] = []

    def race() -> None:
        mine = SuspectedLink.objects.get(pk=link.pk)
        start.wait()
        try:
            states.move(mine, "lapsed", actor=SYSTEM, now=now)
            outcomes.append("won")
        except StaleState:
            outcomes.append("lost")
        finally:
            connection.close()

    start = threading.Barrier(20)
    threads = [threading.Thread(target=race) for _number in range(20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(outcomes) == ["lost"] * 19 + ["won"]


def test_every_state_column_is_governed_by_a_table_that_knows_its_states():
    ungoverned = {"OutboxMessage", "Job", "CalendarYear", "ListingImage", "DocumentReading"}
    for model in apps.get_models():
        names = {field.name for field in model._meta.get_fields()}
        ours = model.__module__.split(".")[0] in {"portal", "brands", "pushes", "complaints"}
        if not ours or "state" not in names or model.__name__ in ungoverned:
            continue
        choices = dict(getattr(model._meta.get_field("state"), "flatchoices", ()))
        assert states.machine_of(model).states == set(choices), model
