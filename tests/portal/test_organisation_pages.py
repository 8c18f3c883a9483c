"""Organisation and staff pages, through a browser's requests."""

import pytest
from django.test import Client

from portal.core import jobs
from portal.core.actors import SYSTEM
from portal.core.models import ApiKey, JobError, Member, Organisation
from tests.factories import MarketplaceFactory, MemberFactory, OrganisationFactory, UserFactory

pytestmark = pytest.mark.django_db


def test_a_new_user_registers_a_rights_holder_and_owns_it():
    client, user = Client(), UserFactory()
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    fields = {"kind": "rights_holder", "name": "Tolvane", "country": "CN", "zone": "Asia/Shanghai"}
    assert client.post("/organisation/register/", fields).status_code == 302
    member = Member.objects.get(user=user)
    assert (member.role, member.organisation.name) == ("owner", "Tolvane")
    again = client.post("/organisation/register/", fields)
    assert "already registered" in again.content.decode()


def test_the_organisation_page_lists_people_and_shows_a_new_key_once(signed_in):
    owner = MemberFactory()
    client = signed_in(owner)
    assert owner.user.email in client.get("/organisation/").content.decode()
    made = client.post("/organisation/keys/", {"name": "ERP", "scopes": ["links:read"]})
    key = ApiKey.objects.get()
    assert f"{key.prefix}." in made.content.decode()
    assert f"{key.prefix}." not in client.get("/organisation/").content.decode()


def test_a_reviewer_does_not_reach_the_organisation_page(signed_in):
    assert signed_in(MemberFactory(role="reviewer")).get("/organisation/").status_code == 403


def test_an_invitation_with_a_wrong_role_shows_the_error_at_the_field(signed_in):
    answer = signed_in(MemberFactory()).post(
        "/organisation/invitations/", {"email": "nobody", "role": "owner"}
    )
    assert answer.status_code == 422
    assert "valid email" in answer.content.decode()


def test_another_tenant_s_key_and_member_are_not_found(signed_in):
    client, other = signed_in(MemberFactory()), MemberFactory()
    client.post(f"/organisation/members/{other.uuid}/remove")
    assert Member.objects.get(pk=other.pk).active


def test_the_platform_connects_a_marketplace(signed_in):
    client = signed_in(MemberFactory(platform_admin=True))
    MarketplaceFactory()
    assert client.get("/organisation/all/").status_code == 200
    made = client.post(
        "/organisation/marketplaces/new/",
        {"slug": "harbour", "name": "Harbour", "jurisdiction": "CN", "zone": "Asia/Shanghai"},
    )
    assert "whsec_" in made.content.decode()
    assert ApiKey.objects.get(marketplace__slug="harbour")


@pytest.mark.parametrize("address", ["/organisation/all/", "/organisation/mail/"])
def test_staff_pages_are_closed_to_brands(signed_in, address):
    assert signed_in(MemberFactory()).get(address).status_code == 403
    assert signed_in(MemberFactory(platform_admin=True)).get(address).status_code == 200


def test_a_job_shows_progress_and_an_error_file_no_spreadsheet_runs(signed_in):
    owner = MemberFactory()
    job = jobs.create("test", actor=SYSTEM, now=owner.joined_at, organisation=owner.organisation)
    JobError.objects.create(job=job, row=7, field="price", code="negative", message="=cmd()")
    client = signed_in(owner)
    assert "price" in client.get(f"/organisation/jobs/{job.uuid}/").content.decode()
    content = b"".join(client.get(f"/organisation/jobs/{job.uuid}/errors.csv")).decode()
    assert "7,price,negative,'=cmd()" in content
    stranger = signed_in(MemberFactory())
    assert stranger.get(f"/organisation/jobs/{job.uuid}/").status_code == 404


def test_switching_reaches_own_organisations_only(signed_in):
    owner = MemberFactory()
    second = MemberFactory(user=owner.user, organisation=OrganisationFactory(name="Second"))
    client = signed_in(owner)
    assert "Second" in client.get("/organisation/switch/").content.decode()
    client.post("/organisation/switch/", {"organisation": second.organisation.uuid})
    assert "Second" in client.get("/organisation/").content.decode()
    other = Organisation.objects.create(
        kind="rights_holder", name="Other", country="CN", created_at=owner.joined_at
    )
    client.post("/organisation/switch/", {"organisation": other.uuid})
    assert "Other" not in client.get("/organisation/").content.decode()
