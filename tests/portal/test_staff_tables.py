"""Staff tables are read by platform administrators and written by nobody."""

import pytest
from django.contrib import admin
from django.test import Client

from portal.admin import ReadOnlyAdmin
from tests.factories import ApiKeyFactory, MemberFactory, OrganisationFactory, SuspectedLinkFactory

pytestmark = pytest.mark.django_db


def test_an_administrator_opens_every_table_and_no_form_writes(signed_in):
    SuspectedLinkFactory()
    key = ApiKeyFactory()
    client = signed_in(MemberFactory(platform_admin=True))
    for model, table in admin.site._registry.items():
        assert isinstance(table, ReadOnlyAdmin), model
    for name in ("core/member", "brands/registration", "pushes/suspectedlink", "complaints/order"):
        assert client.get(f"/staff/{name}/").status_code == 200, name
        assert client.get(f"/staff/{name}/add/").status_code == 403, name
    page = client.get(f"/staff/core/apikey/{key.pk}/change/")
    assert page.status_code == 200
    assert key.secret_hash not in page.content.decode()
    assert client.post(f"/staff/core/apikey/{key.pk}/change/", {}).status_code == 403
    assert client.post(f"/staff/core/apikey/{key.pk}/delete/", {}).status_code == 403


@pytest.mark.parametrize("role", ["owner", "platform_auditor"])
def test_everybody_else_is_sent_to_the_sign_in(signed_in, role):
    kind = "platform" if role.startswith("platform") else "rights_holder"
    member = MemberFactory(role=role, organisation=OrganisationFactory(kind=kind))
    member.user.is_staff = member.user.is_superuser = True
    member.user.save()
    answer = signed_in(member).get("/staff/core/member/")
    assert answer.status_code == 302
    assert Client().get("/staff/", follow=True).redirect_chain[-1][0].startswith("/accounts/login")
