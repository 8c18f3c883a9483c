"""Aggregates: projected from the journal, suppressed before anybody sees them."""

from datetime import UTC, date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.core import events, journal
from portal.core.actors import SYSTEM
from portal.core.models import AssociationMembership, JournalEntry, JournalSeal, Organisation
from portal.figures import projections
from portal.figures.models import DailyFigure
from portal.figures.selectors import association_table, closed_months
from portal.figures.suppression import Cell, hidden_parts, merged
from tests.factories import BrandFactory, MemberFactory, OrganisationFactory

TODAY = date(2026, 6, 3)
MAY = datetime(2026, 5, 12, 4, 0, tzinfo=UTC)


def seal_and_project() -> None:
    journal.seal()
    consumer = next(c for c in events.consumers() if c.name == "figures")
    while events.run(consumer):
        pass


def happened(brand, verb="link.pushed", at=MAY, **data):
    journal.record(verb, brand, actor=SYSTEM, now=at, data={"brand_id": brand.pk, **data})


def association_of(brands, consented_on=date(2025, 1, 1)):
    association = OrganisationFactory(association=True)
    for brand in brands:
        AssociationMembership.objects.create(
            association=association,
            rights_holder=brand.organisation,
            consented_on=consented_on,
        )
    return association


def shown(association, measure, today=TODAY):
    table = association_table(association, today)
    return next(row for row in table.rows if row.measure == measure).values[-1]


@pytest.mark.django_db
class TestAssociationTable:
    def test_it_adds_up_five_brands(self):
        brands = BrandFactory.create_batch(5)
        for brand in brands:
            happened(brand)
        seal_and_project()
        assert shown(association_of(brands), "pushed") == 5

    def test_it_hides_a_cell_of_four_brands(self):
        brands = BrandFactory.create_batch(6)
        for brand in brands[:4]:
            happened(brand)
        seal_and_project()
        assert shown(association_of(brands), "pushed") is None

    def test_it_counts_brands_of_consenting_members_only(self):
        brands = BrandFactory.create_batch(6)
        for brand in brands:
            happened(brand)
        seal_and_project()
        assert shown(association_of(brands[:5]), "pushed") == 5

    def test_a_consent_within_the_month_does_not_count_for_it(self):
        brands = BrandFactory.create_batch(5)
        for brand in brands:
            happened(brand)
        seal_and_project()
        late = association_of(brands, consented_on=date(2026, 5, 2))
        assert shown(late, "pushed") is None

    def test_a_withdrawal_does_not_change_months_already_shown(self):
        brands = BrandFactory.create_batch(5)
        for brand in brands:
            happened(brand)
        seal_and_project()
        association = association_of(brands)
        AssociationMembership.objects.filter(rights_holder=brands[0].organisation).update(
            withdrawn_on=date(2026, 6, 1)
        )
        assert shown(association, "pushed") == 5

    def test_a_brand_that_dominates_a_cell_hides_it(self):
        brands = BrandFactory.create_batch(6)
        for brand in brands:
            happened(brand)
        for _number in range(50):
            happened(brands[0])
        seal_and_project()
        assert shown(association_of(brands), "pushed") is None

    def test_a_hidden_outcome_cannot_be_had_by_subtraction(self):
        brands = BrandFactory.create_batch(6)
        for brand in brands:
            happened(brand, "verdict.final", outcome="counterfeit", in_time=True)
            happened(brand, "verdict.final", outcome="genuine", in_time=True)
        happened(brands[0], "verdict.final", outcome="authorised", in_time=True)
        seal_and_project()
        association = association_of(brands)
        assert shown(association, "judged") == 13
        visible = {
            name: shown(association, name) for name in ("judged_counterfeit", "judged_genuine")
        }
        # One of the two safe outcomes is given up to protect the single authorised seller.
        assert list(visible.values()).count(None) == 1

    def test_the_brands_of_one_rights_holder_do_not_hide_each_other(self):
        owner = OrganisationFactory()
        brands = BrandFactory.create_batch(6, organisation=owner)
        for brand in brands:
            happened(brand)
        seal_and_project()
        assert shown(association_of(brands[:1]), "pushed") is None

    def test_the_established_complaint_of_one_brand_cannot_be_had_by_subtraction(self):
        brands = BrandFactory.create_batch(6)
        for brand in brands:
            happened(brand, "complaint.filed")
            happened(brand, "complaint.rejected")
        happened(brands[0], "complaint.filed")
        happened(brands[0], "complaint.established")
        seal_and_project()
        association = association_of(brands)
        assert shown(association, "complaints") == 7
        assert shown(association, "established") is None
        assert shown(association, "rejected") is None

    def test_the_rejected_complaint_of_one_brand_cannot_be_had_from_the_listings_taken_down(self):
        brands = BrandFactory.create_batch(6)
        for brand in brands:
            happened(brand, "complaint.filed")
            happened(brand, "complaint.established")
            happened(brand, "order.acknowledged", kind="take_down")
        happened(brands[0], "complaint.filed")
        happened(brands[0], "complaint.rejected")
        seal_and_project()
        association = association_of(brands)
        assert shown(association, "complaints") == 7
        assert shown(association, "established") is None
        assert shown(association, "rejected") is None
        assert shown(association, "taken_down") is None

    def test_the_waiting_complaint_of_one_brand_cannot_be_had_from_the_decided_ones(self):
        brands = BrandFactory.create_batch(12)
        for brand in brands[:6]:
            happened(brand, "complaint.filed")
            happened(brand, "complaint.established")
        for brand in brands[6:]:
            happened(brand, "complaint.filed")
            happened(brand, "complaint.rejected")
        happened(brands[0], "complaint.filed")
        seal_and_project()
        association = association_of(brands)
        assert shown(association, "complaints") == 13
        assert None in {shown(association, "established"), shown(association, "rejected")}

    def test_what_comes_back_or_goes_up_again_is_not_counted_twice(self):
        brands = BrandFactory.create_batch(6)
        for brand in brands:
            happened(brand, "complaint.filed", **{"from": "held"})
            happened(brand, "complaint.filed", **{"from": "frozen"})
            happened(brand, "order.acknowledged", kind="reinstate")
        seal_and_project()
        association = association_of(brands)
        assert shown(association, "complaints") == 6
        assert shown(association, "taken_down") in {0, None}

    def test_the_running_month_is_not_shown(self):
        assert closed_months(TODAY)[-1].first == date(2026, 5, 1)
        assert closed_months(date(2026, 1, 31))[-1].first == date(2025, 12, 1)


@pytest.mark.django_db
def test_a_recount_from_the_journal_gives_the_same_figures():
    brands = BrandFactory.create_batch(3)
    for number, brand in enumerate(brands):
        for _repeat in range(number + 1):
            happened(brand)
        happened(brand, "verdict.final", outcome="genuine", in_time=bool(number))
    seal_and_project()
    last = JournalSeal.objects.order_by("-seq").values_list("seq", flat=True)[0]
    stored = {
        (f.day, f.organisation_id, f.brand_id, f.measure): f.count
        for f in DailyFigure.objects.all()
    }
    assert stored == projections.recount(last)


@pytest.mark.django_db
class TestAccess:
    def test_an_association_reaches_its_figures_and_nothing_else(self, signed_in):
        member = MemberFactory(organisation=OrganisationFactory(association=True), role="viewer")
        client = signed_in(member)
        assert client.get("/figures/").status_code == 200
        for address in ("/links/", "/complaints/", "/registry/", "/rules/"):
            assert client.get(address).status_code in {403, 404}, address
        for address in ("/api/v1/links", "/api/v1/complaints", "/api/v1/brands"):
            assert client.get(address).status_code == 403, address

    def test_every_look_leaves_an_audit_line(self, signed_in):
        member = MemberFactory(organisation=OrganisationFactory(association=True), role="viewer")
        signed_in(member).get("/figures/figures.csv")
        assert JournalEntry.objects.filter(verb="figures.viewed", actor_id=member.pk).count() == 1

    def test_a_rights_holder_is_refused(self, signed_in):
        assert signed_in(MemberFactory()).get("/figures/").status_code == 403

    def test_a_suppressed_cell_is_empty_in_the_csv(self, signed_in):
        brands = BrandFactory.create_batch(5)
        association = association_of(brands)
        member = MemberFactory(organisation=association, role="viewer")
        content = signed_in(member).get("/figures/figures.csv").content.decode("utf-8-sig")
        assert content.splitlines()[1].endswith(",,,,,,")

    def test_associations_are_organisations_of_their_own_kind(self):
        assert Organisation.Kind.ASSOCIATION in Organisation.Kind.values


cells = st.dictionaries(st.integers(0, 8), st.integers(0, 20), max_size=8).map(Cell)


@given(parts=st.dictionaries(st.sampled_from("abcdef"), cells, min_size=2))
def test_whatever_can_be_derived_from_hidden_parts_is_safe_or_everything_is_hidden(parts):
    hidden = hidden_parts(parts, 5, total_shown=True)
    for name, cell in parts.items():
        assert name in hidden or cell.is_safe(5)
    if hidden and hidden != set(parts):
        assert merged([parts[name] for name in hidden]).is_safe(5)
