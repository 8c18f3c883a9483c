"""Requests made to break something: each is answered with a refusal, never with a failure."""

import base64
import json

import pytest
from django.test import Client

from tests.factories import ApiKeyFactory, MemberFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def owner(signed_in):
    return signed_in(MemberFactory())


@pytest.fixture
def call():
    """Call the API with a key that may write the registry."""
    scopes = ["registry:read", "registry:write", "links:read"]
    organisation = MemberFactory().organisation
    key = ApiKeyFactory(marketplace=None, organisation=organisation, scopes=scopes)
    authorization = f"Api-Key {key.prefix}.secret"

    def send(method, path, body=None):
        return Client().generic(
            method, path, body or b"", content_type="application/json",
            HTTP_AUTHORIZATION=authorization,
        )  # fmt: skip

    return send


@pytest.mark.parametrize("page", ["/registry/", "/complaints/", "/links/"])
@pytest.mark.parametrize("words", ["\0", "a\0b", "x" * 100_000, "%_\\" * 50])
def test_a_search_for_anything_is_answered(owner, page, words):
    assert owner.get(page, {"q": words}).status_code == 200


@pytest.mark.parametrize("organisation", ["", "nonsense"])
def test_a_forged_choice_of_organisation_is_refused(owner, organisation):
    answer = owner.post("/organisation/switch/", {"organisation": organisation})
    assert answer.status_code == 404


@pytest.mark.parametrize("position", ["abc", "\0", "-1", "1 OR 1=1", "²"])
def test_a_forged_cursor_is_not_found(call, position):
    cursor = base64.b64encode(f"p={position}".encode()).decode()
    assert call("GET", f"/api/v1/links?cursor={cursor}").status_code == 404


def test_our_own_cursor_works(call):
    for name in ("Velmora", "Zorvex", "Quillon"):
        assert call("POST", "/api/v1/brands", json.dumps({"name": name})).status_code == 201
    first = call("GET", "/api/v1/brands?page_size=2").json()
    second = call("GET", first["next"].removeprefix("http://testserver")).json()
    names = [row["name"] for page in (first, second) for row in page["results"]]
    assert names == ["Quillon", "Zorvex", "Velmora"]


@pytest.mark.parametrize("body", [b"[" * 100_000, b'{"name": NaN}', b'{"name": ' + b"9" * 5000])
def test_a_body_made_to_break_the_reader_is_no_json(call, body):
    assert call("POST", "/api/v1/brands", body).status_code == 400


def test_no_endpoint_reads_a_body_above_the_limit(call, settings):
    settings.DATA_UPLOAD_MAX_MEMORY_SIZE = 1000
    body = json.dumps({"name": "x" * 1000})
    assert call("POST", "/api/v1/brands", body).status_code == 413


def test_a_key_with_a_nul_is_unknown():
    answer = Client().get("/api/v1/links", headers={"Authorization": "Api-Key \0.a"})
    assert answer.status_code == 401


def test_a_page_of_a_signed_in_user_is_kept_nowhere(owner):
    assert owner.get("/registry/").headers["Cache-Control"] == "private, no-store"
    assert "Cache-Control" not in Client().get("/").headers


def test_a_refusal_that_leads_back_to_an_address_of_forms_is_read_there(owner):
    """As when a form came back with errors: its own address is the page before."""
    refused = "/organisation/members/00000000-0000-4000-8000-000000000000/remove"
    answer = owner.post(refused, headers={"Referer": f"http://testserver{refused}"}, follow=True)
    page = answer.content.decode()
    assert (answer.status_code, answer["Allow"]) == (405, "POST")
    assert "There is no such member." in page
    assert "it only takes what a form sends" in page


def test_a_refusal_never_leads_to_another_host(owner):
    refused = f"/organisation/members/{MemberFactory().uuid}/remove"
    back = owner.post(refused, headers={"Referer": "http://testserver//evil.example/x"})
    assert back.status_code == 404
    back = owner.post(refused, headers={"Referer": "http://testserver/organisation/?a=b"})
    assert back.headers["Location"] == "/organisation/?a=b"
