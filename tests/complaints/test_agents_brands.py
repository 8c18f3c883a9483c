"""A letter for one brand: of the others its agent reads, judges, changes and hears nothing."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from brands import selectors as registry
from brands.models import Characteristic, ProductModel
from brands.services import (
    bulk_import,
    catalogue,
    credential_audit,
    credential_life,
    product_models,
    registration,
)
from brands.services.product_models import ProductFacts
from complaints.selectors import complaints_visible_to, links_to_complain_about
from portal.core import exports, jobs, scope
from portal.core.actors import of_member
from portal.core.errors import InvalidInput, NotAllowed
from portal.core.live.hearers import hearer_of
from portal.core.live.topics import Event
from portal.core.models import Job, JobError, Role
from portal.core.selectors import jobs_visible_to
from portal.core.web.middleware import ACTING_FOR_KEY
from pushes.models import Verdict
from pushes.selectors import links_to_judge, links_visible_to, listings_visible_to
from pushes.services import bulk, review
from pushes.services.notices import Holding, holdings_of, near_deadlines
from pushes.services.reviewers import reviewers_of
from tests.brands.test_forgery import letter as letter_of
from tests.factories import (
    BrandFactory,
    ComplaintFactory,
    InfringingLinkFactory,
    MemberFactory,
    OrganisationFactory,
    ProductModelFactory,
    SuspectedLinkFactory,
)

pytestmark = pytest.mark.django_db


class Stage:
    """A rights holder of two brands, and an agent whose letter names the first of them."""

    def __init__(self, now) -> None:
        self.now = now
        self.named = BrandFactory(name="Velmora")
        self.holder = self.named.organisation
        self.other = BrandFactory(organisation=self.holder, name="Orbex")
        self.agent = MemberFactory(organisation=OrganisationFactory(agent=True))
        self.reviewer = MemberFactory(organisation=self.agent.organisation, role=Role.REVIEWER)
        self.letter = letter_of(
            now, holder=self.holder, agent=self.agent.organisation, submitted_by=self.agent
        )
        self.letter.brands.set([self.named])
        self.auditor = of_member(MemberFactory(platform_admin=True, role=Role.PLATFORM_AUDITOR))
        credential_audit.take(actor=self.auditor, now=now, credential=self.letter)
        credential_audit.approve(actor=self.auditor, now=now, credential=self.letter)

    @property
    def acting(self):
        return scope.actor_for(self.agent, self.holder, self.now)

    def end(self) -> None:
        """The auditor suspends the letter; the mandate ends with it."""
        credential_life.suspend(
            actor=self.auditor,
            now=self.now,
            credential=self.letter,
            code="not_confirmed",
            note="The rights holder does not know this agent.",
        )


@pytest.fixture
def stage(now):
    return Stage(now)


def browser_of(stage, signed_in, member=None):
    browser = signed_in(member or stage.reviewer)
    session = browser.session
    session[ACTING_FOR_KEY] = stage.holder.pk
    session.save()
    return browser


def test_the_agent_sees_links_and_complaints_of_the_named_brand_only(stage) -> None:
    seen, unseen = (InfringingLinkFactory(brand=brand) for brand in (stage.named, stage.other))
    for select in (links_visible_to, links_to_judge, links_to_complain_about):
        assert list(select(stage.acting)) == [seen]
    assert list(listings_visible_to(stage.acting)) == [seen.listing]
    for link in (seen, unseen):
        ComplaintFactory(link=link)
    assert [complaint.link for complaint in complaints_visible_to(stage.acting)] == [seen]
    own = scope.actor_for(MemberFactory(organisation=stage.holder), stage.holder, stage.now)
    assert set(links_visible_to(own)) == {seen, unseen}


def test_the_registry_of_the_other_brand_is_not_the_agents(stage) -> None:
    for brand in (stage.named, stage.other):
        ProductModelFactory(brand=brand)
    assert list(registry.brands_visible_to(stage.acting)) == [stage.named]
    assert list(registry.brands_editable_by(stage.acting)) == [stage.named]
    models = registry.product_models_visible_to(stage.acting)
    assert [model.brand for model in models] == [stage.named]


def test_a_verdict_on_the_other_brand_is_refused_one_by_one_and_together(stage) -> None:
    seen, unseen = (SuspectedLinkFactory(brand=brand) for brand in (stage.named, stage.other))
    with pytest.raises(NotAllowed) as refused:
        review.give_verdict(
            actor=stage.acting, link=unseen, outcome="genuine", right="", now=stage.now
        )
    assert refused.value.code == "outside_mandate"
    result = bulk.give_verdicts(
        actor=stage.acting, links=[seen, unseen], outcome="genuine", reason="Ours.", now=stage.now
    )
    assert [verdict.link for verdict in result.given] == [seen]
    assert [refusal.link for refusal in result.refused] == [unseen]
    assert Verdict.objects.get().link == seen


def test_pages_of_the_other_brand_are_not_found(stage, signed_in) -> None:
    now = timezone.now()
    type(stage.letter.mandate).objects.update(valid_to=now.date() + timedelta(days=30))
    seen, unseen = (SuspectedLinkFactory(brand=brand) for brand in (stage.named, stage.other))
    complaint = ComplaintFactory(link=InfringingLinkFactory(brand=stage.other))
    browser = browser_of(stage, signed_in)
    assert browser.get(f"/links/{seen.uuid}").status_code == 200
    assert browser.get(f"/links/{unseen.uuid}").status_code == 404
    assert browser.get(complaint.get_absolute_url()).status_code == 404
    bundle = reverse("complaints:evidence_bundle", args=[complaint.uuid])
    assert browser.get(bundle).status_code == 404
    listed = browser.get("/links/").content.decode()
    assert str(seen.uuid) in listed
    assert str(unseen.uuid) not in listed
    verdict = {"outcome": "genuine", "link": str(unseen.uuid), "reason": "x", "confirmed": "1"}
    browser.post("/links/verdicts", verdict)
    assert not Verdict.objects.exists()


def test_the_agent_changes_the_named_brand_only(stage) -> None:
    facts = ProductFacts(name="Runner", model_number="R-1")
    product_models.register_product_model(
        actor=stage.acting, now=stage.now, brand=stage.named, facts=facts
    )
    with pytest.raises(NotAllowed) as refused:
        product_models.register_product_model(
            actor=stage.acting, now=stage.now, brand=stage.other, facts=facts
        )
    assert refused.value.code == "outside_mandate"
    with pytest.raises(NotAllowed) as refused:
        registration.register_brand(
            actor=stage.acting, now=stage.now, organisation=stage.holder, name="Third"
        )
    assert refused.value.code == "outside_mandate"
    assert [model.brand for model in ProductModel.objects.all()] == [stage.named]


def test_an_imported_file_changes_the_named_brand_only(stage) -> None:
    text = (
        "kind,brand,name,model_number\n"
        "brand,Third,,\nproduct_model,Velmora,Runner,R-1\nproduct_model,Orbex,Walker,W-1\n"
    )
    job = bulk_import.start(
        actor=stage.acting,
        now=stage.now,
        organisation=stage.holder,
        content=text.encode(),
        name="registry.csv",
    )
    jobs.run_chunk(job.pk, stage.now)
    assert [model.brand for model in ProductModel.objects.all()] == [stage.named]
    codes = JobError.objects.filter(job=job).order_by("row").values_list("code", flat=True)
    assert list(codes) == ["outside_mandate", "outside_mandate"]
    with pytest.raises(InvalidInput) as refused:
        catalogue.upload(
            actor=stage.acting,
            now=stage.now,
            organisation=stage.holder,
            content=text.encode(),
            name="models.csv",
            what="product_model",
        )
    assert refused.value.errors[0].code == "outside_mandate"


def test_the_agent_is_asked_and_reminded_about_the_named_brand_only(stage) -> None:
    for brand in (stage.named, stage.other, stage.other):
        SuspectedLinkFactory(brand=brand, due_at=stage.now + timedelta(days=1))
    for brand, asked in ((stage.named, True), (stage.other, False)):
        reviewers = reviewers_of(stage.holder.pk, now=stage.now, brand_id=brand.pk)
        assert (stage.reviewer in reviewers) is asked
    assert stage.reviewer not in reviewers_of(stage.holder.pk, now=stage.now)
    held = holdings_of([stage.reviewer], now=stage.now)[stage.reviewer.pk]
    limited = Holding(stage.holder.pk, frozenset({stage.named.pk}))
    assert limited in held
    near = near_deadlines(held, now=stage.now, within=timedelta(days=5))
    assert [group[4] for group in near[limited]] == [1]


def test_live_events_of_the_other_brand_are_not_heard(stage) -> None:
    hearer = hearer_of(stage.acting, "session")
    assert hearer is not None

    def event(brand_id: int | None) -> Event:
        return Event(1, "links", "pushed", "id", "", stage.holder.pk, None, brand_id)

    assert hearer.hears(event(stage.named.pk))
    assert not hearer.hears(event(stage.other.pk))
    assert not hearer.hears(event(None))
    own = scope.actor_for(MemberFactory(organisation=stage.holder), stage.holder, stage.now)
    whole = hearer_of(own, "session")
    assert whole is not None
    assert whole.hears(event(stage.other.pk))


# --------------------------------------------------------------------------- jobs


def started_import(stage, rows: int = 3) -> Job:
    lines = [f"product_model,Velmora,Runner {n},R-{n}" for n in range(rows)]
    return bulk_import.start(
        actor=stage.acting,
        now=stage.now,
        organisation=stage.holder,
        content="\n".join(["kind,brand,name,model_number", *lines]).encode(),
        name="registry.csv",
    )


def test_an_import_stops_with_the_reason_when_the_mandate_ends_between_chunks(
    stage, settings
) -> None:
    settings.IMPORT_CHUNK = 1
    job = started_import(stage)
    assert jobs.run_chunk(job.pk, stage.now)
    stage.end()
    assert not jobs.run_chunk(job.pk, stage.now)
    job.refresh_from_db()
    assert (job.state, job.done) == (Job.State.FAILED, 1)
    assert "mandate" in job.error
    assert ProductModel.objects.count() == 1


def test_an_import_stops_when_who_started_it_left(stage) -> None:
    job = started_import(stage)
    type(stage.agent).objects.filter(pk=stage.agent.pk).update(active=False)
    assert not jobs.run_chunk(job.pk, stage.now)
    job.refresh_from_db()
    assert (job.state, job.done) == (Job.State.FAILED, 0)
    assert "no member" in job.error


def test_an_export_of_a_former_agent_is_not_written(stage) -> None:
    SuspectedLinkFactory(brand=stage.named)
    job = exports.start(actor=stage.acting, now=stage.now, dataset="links", suffix="csv")
    stage.end()
    jobs.run_chunk(job.pk, stage.now)
    job.refresh_from_db()
    assert (job.state, job.file) == (Job.State.FAILED, None)
    assert "mandate" in job.error


def test_an_export_holds_the_named_brand_only(stage) -> None:
    for brand in (stage.named, stage.other):
        SuspectedLinkFactory(brand=brand)
    job = exports.start(actor=stage.acting, now=stage.now, dataset="links", suffix="csv")
    jobs.run_chunk(job.pk, stage.now)
    job.refresh_from_db()
    assert (job.state, job.done) == (Job.State.DONE, 1)


def test_jobs_of_others_are_not_shown_to_an_agent_for_some_brands(stage) -> None:
    own = scope.actor_for(MemberFactory(organisation=stage.holder), stage.holder, stage.now)
    theirs = jobs.create("test", actor=own, now=stage.now, organisation=stage.holder)
    mine = started_import(stage)
    assert list(jobs_visible_to(stage.acting)) == [mine]
    assert set(jobs_visible_to(own)) == {mine, theirs}


def test_a_mandate_that_no_longer_lets_register_ends_the_import(stage) -> None:
    job = started_import(stage)
    mandate = stage.letter.mandate
    type(mandate).objects.filter(pk=mandate.pk).update(acts=["judge"])
    jobs.run_chunk(job.pk, stage.now)
    job.refresh_from_db()
    assert (job.state, job.error) == (Job.State.FAILED, "Your role does not allow this.")
    assert not Characteristic.objects.exists()
