"""The page shell: preferences, navigation, error pages, time zones, account languages."""

from datetime import UTC, datetime

import pytest
from allauth.account.models import EmailAddress
from django.core.paginator import Paginator
from django.http import HttpRequest
from django.template import engines
from django.template.loader import get_template
from django.test import Client, RequestFactory
from django.urls import reverse
from django.utils import timezone, translation
from django_cotton.compiler_regex import CottonCompiler

from portal.core.actors import of_member
from portal.core.models import Role
from portal.core.web import context, navigation
from portal.core.web.middleware import zone_of
from tests.factories import MemberFactory, OrganisationFactory, UserFactory

pytestmark = pytest.mark.django_db
HTMX = {"HX-Request": "true"}


def render(source: str, **values: object) -> str:
    template = engines["django"].from_string(CottonCompiler().process(source))
    return template.render(values, RequestFactory().get("/?q=a&page=2"))


def test_a_theme_is_kept_in_a_cookie_and_written_into_the_page():
    client = Client()
    client.post("/preferences/", {"theme": "dark", "next": "/accounts/login/"})
    assert 'data-theme="dark"' in client.get("/accounts/login/").content.decode()


def test_an_unknown_theme_or_language_is_not_kept():
    client = Client()
    client.post("/preferences/", {"theme": "neon", "language": "de", "shortcuts": "maybe"})
    assert not client.cookies


def test_a_forged_theme_cookie_does_not_reach_the_page():
    client = Client()
    client.cookies["theme"] = "x-onload"
    assert 'data-theme="auto"' in client.get("/").content.decode()


@pytest.mark.parametrize("next_url", ["https://evil.test/", "//evil.test", "javascript:x", ""])
def test_preferences_lead_back_to_our_own_pages_only(next_url: str):
    answer = Client().post("/preferences/", {"theme": "dark", "next": next_url})
    assert answer.headers["Location"] == "/"


def test_a_chosen_language_is_kept_with_the_user(signed_in):
    member = MemberFactory()
    client = signed_in(member)
    client.post("/preferences/", {"language": "zh-hans"})
    member.user.refresh_from_db()
    assert member.user.language == "zh-hans"


def test_a_new_browser_gets_the_language_its_user_chose_elsewhere():
    user = UserFactory(language="zh-hans")
    EmailAddress.objects.create(user=user, email=user.email, verified=True, primary=True)
    client = Client()
    client.post("/accounts/login/", {"login": user.email, "password": "correct horse"})
    assert 'lang="zh-hans"' in client.get("/accounts/email/").content.decode()


def test_somebody_who_signs_up_in_chinese_is_written_to_in_chinese(django_user_model):
    fields = {"email": "new@example.test", "password1": "vex-lumen-42", "password2": "vex-lumen-42"}
    Client(headers={"accept-language": "zh-hans"}).post("/accounts/signup/", fields)
    assert django_user_model.objects.get(email="new@example.test").language == "zh-hans"


def test_every_navigation_entry_leads_to_a_page_and_has_an_icon():
    for entry in navigation._entries:
        assert reverse(entry.url_name)
        assert "<svg" in render("{% lucide name %}", name=entry.icon.removeprefix("lucide-"))


def test_the_entry_with_the_longest_matching_address_is_the_current_one():
    owner = of_member(MemberFactory())
    entries = navigation.entries_for(owner)
    links = context.links(entries, reverse("core:jobs") + "x/")
    assert [link.url for link in links if link.current] == [reverse("core:jobs")]


def test_an_unknown_address_is_answered_with_a_page_that_leads_on():
    answer = Client().get("/no/such/page")
    assert answer.status_code == 404
    assert 'href="/"' in answer.content.decode()


def test_what_a_role_may_not_open_is_refused_with_the_reason(signed_in):
    viewer = MemberFactory(role=Role.VIEWER)
    answer = signed_in(viewer).get(reverse("core:organisation"))
    assert answer.status_code == 403
    assert "Your role does not allow this." in answer.content.decode()


def test_a_refusal_to_htmx_goes_to_the_toasts_whatever_it_asked_to_replace(signed_in):
    viewer = MemberFactory(role=Role.VIEWER)
    answer = signed_in(viewer).get(reverse("core:organisation"), headers=HTMX)
    assert (answer.status_code, answer.headers["HX-Retarget"]) == (403, "#toasts")
    assert "<html" not in answer.content.decode()


@pytest.mark.parametrize("name", ["400", "403", "403_csrf", "404", "500"])
def test_error_pages_need_nothing_but_a_request(name: str):
    request = RequestFactory().get("/")
    html = get_template(f"{name}.html").render({}, None if name == "500" else request)
    assert "<h1>" in html


def test_a_post_without_token_is_told_what_to_do():
    answer = Client(enforce_csrf_checks=True).post("/preferences/", {"theme": "dark"})
    assert answer.status_code == 403
    assert "load the page again" in answer.content.decode()


@pytest.mark.parametrize(
    ("user_zone", "organisation_zone", "expected"),
    [
        ("UTC", "Asia/Shanghai", "Asia/Shanghai"),
        ("Europe/Berlin", "Asia/Shanghai", "Europe/Berlin"),
        ("UTC", "Mars/Olympus", "UTC"),
    ],
)
def test_moments_are_shown_in_the_readers_zone(user_zone, organisation_zone, expected):
    member = MemberFactory(
        user=UserFactory(zone=user_zone), organisation=OrganisationFactory(zone=organisation_zone)
    )
    assert str(zone_of(of_member(member))) == expected


def test_one_readers_zone_does_not_reach_the_next_request(signed_in):
    signed_in(MemberFactory()).get("/accounts/email/")
    assert timezone.get_current_timezone_name() == "UTC"


def test_a_moment_reads_in_the_current_zone_and_language():
    moment = datetime(2026, 6, 3, 20, 0, tzinfo=UTC)
    with timezone.override("Asia/Shanghai"):
        assert "4 Jun 2026, 04:00" in render('<c-time :at="at" />', at=moment)


def test_values_shown_by_components_are_escaped():
    evil = '"><img src=x>&'
    html = render(
        '<c-button name="{{ x }}" :value="x" data-copy="{{ x }}">{{ x }}</c-button>'
        '<c-card title="{{ x }}">{{ x }}</c-card><c-badge state="{{ x }}">{{ x }}</c-badge>',
        x=evil,
    )
    assert "<img" not in html
    assert html.count("&lt;img") == 8


def test_pagination_keeps_the_filters():
    html = render('<c-pagination :page="page" />', page=Paginator(range(120), 50).page(2))
    assert "q=a&amp;page=3" in html
    assert "51–100 of 120" in html


def test_a_price_of_zero_is_shown_and_a_missing_one_is_a_dash():
    assert "0.00" in render('<c-price :amount="amount" currency="CNY" />', amount=0)
    assert "–" in render('<c-price :amount="amount" currency="" />', amount=None)


def test_every_language_is_offered_by_its_own_name():
    with translation.override("zh-hans"):
        names = [choice.name for choice in context.page(HttpRequest())["language_choices"]]
    assert names == ["English", "简体中文"]


def test_no_component_passes_attributes_on_unescaped(settings):
    components = (settings.BASE_DIR / "portal" / "templates" / "cotton").rglob("*.html")
    careless = [path.name for path in components if "{{ attrs }}" in path.read_text()]
    assert careless == []
