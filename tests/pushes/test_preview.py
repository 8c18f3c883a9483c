"""What a characteristic would find, what a brand would have been pushed, before either counts."""

import pytest
from django.urls import reverse

from brands.services.characteristics import Declared
from portal.core import jobs
from portal.core.actors import of_member
from portal.core.errors import NotAllowed
from portal.core.models import Role
from pushes.models import SuspectedLink
from pushes.services import dry_run, preview
from tests.factories import (
    BrandFactory,
    CharacteristicFactory,
    FeedbackFactFactory,
    ListingVersionFactory,
    MemberFactory,
    SuspectedLinkFactory,
)

pytestmark = pytest.mark.django_db
SIGNAL = {"kind": "keyword", "registered": "same factory", "contribution": 2.0}


@pytest.fixture
def brand():
    return BrandFactory(name="Velmora")


@pytest.fixture
def client(brand, signed_in):
    return signed_in(MemberFactory(organisation=brand.organisation))


def judged(brand, label, registered="same factory", **fields):
    signals = [{**SIGNAL, "registered": registered}]
    link = fields.pop("link", None) or SuspectedLinkFactory(brand=brand, signals=signals)
    return FeedbackFactFactory(
        link=link, brand=brand, label=label, vector={"keyword": 1.0}, **fields
    )


class TestPreview:
    def test_it_counts_hits_on_live_heads_and_shows_where(self, brand):
        for title in ("Velmora shoe same factory", "same factory quality bag", "Velmora shoe"):
            ListingVersionFactory(title=title)
        gone = ListingVersionFactory(title="Velmora same factory")
        gone.listing.status = "gone"
        gone.listing.save()
        found = preview.preview(brand=brand, declared=Declared("keyword", "same factory"))
        titles = [hit.version.title for hit in found.examples]
        assert found.looked_at == 3
        assert found.hits == len(titles) >= 1
        assert "Velmora shoe same factory" in titles
        assert "Velmora shoe" not in titles
        signal = found.examples[-1].signals[0]
        assert found.examples[-1].version.title[signal.start : signal.end] == "same factory"

    def test_it_stops_when_time_runs_out_and_says_so(self, brand):
        ListingVersionFactory.create_batch(3, title="Velmora same factory")
        declared = Declared("keyword", "same factory")
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(preview, "_BATCH", 1)
            patch.setattr(preview.recent_listings, "__kwdefaults__", {"before": None, "batch": 1})
            found = preview.preview(brand=brand, declared=declared, seconds=-1)
        assert (found.looked_at, found.complete) == (1, False)

    def test_what_can_never_work_is_said_at_once(self, brand):
        assert (
            "looked for already"
            in preview.preview(brand=brand, declared=Declared("keyword", "velmora")).problem
        )

    def test_the_page_shows_hits_or_where_a_pattern_is_wrong(self, brand, client):
        ListingVersionFactory(title="Velmora shoe same factory")
        address = reverse("pushes:mark-preview", args=[brand.uuid, "phrase_pattern"])
        page = client.post(address, {"value": "same (factory|workshop)"}).content.decode()
        assert "<mark" in page
        assert "No verdicts yet" in page
        page = client.post(address, {"value": "ok(?=x)y"}).content.decode()
        assert "ok<mark>(?=</mark>x)y" in page
        assert "Start writing" in client.post(address, {"value": ""}).content.decode()

    def test_another_tenants_brand_is_not_previewed(self, brand, signed_in):
        address = reverse("pushes:mark-preview", args=[brand.uuid, "keyword"])
        assert signed_in(MemberFactory()).post(address, {"value": "x"}).status_code == 404
        viewer = MemberFactory(organisation=brand.organisation, role=Role.VIEWER)
        assert signed_in(viewer).post(address, {"value": "x"}).status_code == 403


class TestExpectedPrecision:
    def test_few_verdicts_say_nothing(self, brand):
        for _n in range(4):
            judged(brand, 1)
        assert preview.expected_precision(brand, "keyword", "same factory") is None

    def test_the_last_fact_of_a_link_counts_and_the_interval_is_wilsons(self, brand, now):
        facts = [judged(brand, 1) for _n in range(9)]
        judged(brand, 0)
        judged(brand, 0, link=facts[0].link, at=now.replace(year=2027), source="overturned")
        judged(BrandFactory(), 0)
        found = preview.expected_precision(brand, "keyword", "same factory")
        assert found is not None
        assert (found.confirmed, found.judged, found.exact) == (8, 10, True)
        # By hand: (p + z²/2n ± z √(p(1-p)/n + z²/4n²)) / (1 + z²/n), p = 0.8, n = 10, z = 1.96.
        assert (round(found.low, 3), round(found.high, 3)) == (0.49, 0.943)

    def test_a_new_value_is_expected_to_do_as_its_kind_did(self, brand):
        for label in (1, 1, 0, 1, 1):
            judged(brand, label, registered="replica")
        found = preview.expected_precision(brand, "keyword", "same factory")
        assert found is not None
        assert (found.confirmed, found.judged, found.exact) == (4, 5, False)


class TestDryRun:
    def test_it_counts_what_would_be_pushed_and_pushes_nothing(self, brand, now, settings):
        brand.vouched = False
        brand.save()
        CharacteristicFactory(brand=brand, value="same factory", state="checking")
        for n in range(5):
            ListingVersionFactory(title=f"Velm0ra runner {n} same factory replica", price=9)
        ListingVersionFactory.create_batch(7, title="Garden chair")
        actor = of_member(MemberFactory(organisation=brand.organisation))
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(dry_run, "CHUNK", 5)
            job = dry_run.start(actor=actor, now=now, brand=brand)
            assert dry_run.start(actor=actor, now=now, brand=brand) == job
            job = jobs.run_to_end(job.pk)
        assert (job.state, job.total, job.done) == ("done", 12, 12)
        assert job.result["would"] == len(job.result["examples"]) == 5
        scores = [example["score"] for example in job.result["examples"]]
        assert scores == sorted(scores, reverse=True)
        assert not SuspectedLink.objects.exists()

    def test_only_who_may_edit_the_registry_starts_one(self, brand, now, signed_in):
        viewer = MemberFactory(organisation=brand.organisation, role=Role.VIEWER)
        with pytest.raises(NotAllowed):
            dry_run.start(actor=of_member(viewer), now=now, brand=brand)
        address = reverse("pushes:dry-run", args=[brand.uuid])
        assert signed_in(MemberFactory()).get(address).status_code == 404
