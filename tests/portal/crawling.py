"""Following every link of the portal as each kind of reader, and what a page must not say."""

import re
import uuid
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from html.parser import HTMLParser
from typing import Any
from urllib.parse import urljoin, urlsplit

import pytest
from django.apps import apps
from django.db.models import CharField, JSONField, TextField
from django.test import Client
from django.test.client import RedirectCycleError
from django.urls import (
    NoReverseMatch,
    Resolver404,
    URLPattern,
    URLResolver,
    get_resolver,
    resolve,
    reverse,
)

from portal.core.models import Member, Role

# Three Latin words in a row are a sentence, not a name or a code.
SENTENCE = re.compile(r"[A-Za-z][A-Za-z'’-]*(?:[ ,]+[A-Za-z][A-Za-z'’-]*){2,}")
# Attributes people read or hear.
SPOKEN = {"alt", "aria-label", "placeholder", "title", "data-confirm"} | {
    f"data-{name}" for name in ("one", "other", "many", "away", "back", "ended")
}
# Shown as they are whatever the language: zones, languages' own names, formats.
ALLOWED = re.compile(
    r"(?:Africa|America|Asia|Atlantic|Australia|Europe|Pacific)|BEGIN|otpauth|application json"
)
# The API's description is for programmers: its words are those of the wire, in English.
SKIPPED = ("/api/", "/static/", "/accounts/logout", "/images/", "/live/")
# How often a route is visited by all readers together: its pages are alike.
VISITS_A_ROUTE = 2
# The table a page of the staff's is about, in its route.
STAFF_TABLE = re.compile(r"(?<=^staff/)[a-z]+/[a-z]+/")
# Rows in which texts of ours are kept, so they are no data.
GENERATED = {"core.pagemail", "core.outboxmessage", "core.joberror"}


class Texts(HTMLParser):
    """Visible texts and spoken attributes of a page, and its links."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.texts: list[str] = []
        self.links: list[str] = []
        self._open: list[tuple[str, bool]] = []
        self.feed(html)

    def handle_starttag(self, tag, attrs):
        given = {name: value or "" for name, value in attrs}
        hidden = tag in {"script", "style", "code", "pre", "kbd", "option"} or (
            given.get("lang", "zh-hans") == "en"
        )
        if tag not in {"br", "hr", "img", "input", "link", "meta", "area", "wbr", "col", "path"}:
            self._open.append((tag, hidden))
        self.texts += [value for name, value in given.items() if name in SPOKEN]
        if tag == "a":
            self.links.append(given.get("href", ""))

    def handle_endtag(self, tag):
        while self._open and self._open.pop()[0] != tag:
            pass

    def handle_data(self, data):
        if data.strip() and not any(hidden for _tag, hidden in self._open):
            self.texts.append(" ".join(data.split()))


def data_of_the_database() -> str:
    """Every text stored in any row of ours, in small letters."""
    parts: list[str] = []
    for model in apps.get_models():
        if model._meta.label_lower in GENERATED:
            continue
        names = [
            field.name
            for field in model._meta.concrete_fields
            if isinstance(field, CharField | TextField | JSONField)
        ]
        for row in model._default_manager.values_list(*names) if names else ():
            parts += [str(value) for value in row]
    return "\n".join(parts).casefold()


def english_in(html: str, known: str) -> list[str]:
    """Latin sentences of a page that are no data."""
    return [
        found.group()
        for text in Texts(html).texts
        for found in SENTENCE.finditer(text)
        if found.group().casefold() not in known and not ALLOWED.search(found.group())
    ]


def _route(path: str) -> str | None:
    """Which page a path leads to; ``None`` for what is no page of ours."""
    place = urlsplit(path).path
    if place.startswith(SKIPPED) or "/document" in place:
        return None
    try:
        found = resolve(place)
    except Resolver404:
        return None
    return None if NO_PAGES.get(found.view_name) in {"a file", "a picture"} else found.route


def crawl(
    client: Client, starts: list[str], visits: Counter[str], *, once: bool = False
) -> Iterator[tuple[str, str]]:
    """Follow every link. ``visits`` counts by route; beyond some nothing is asked again.

    ``once``: each route is shown once, and the staff's tables count as one.
    """
    waiting, seen = list(starts), set[str]()
    while waiting:
        path = waiting.pop(0)
        if path in seen:
            continue
        seen.add(path)
        route = _route(path)
        if route is None:
            continue
        most = 1 if once or route.startswith("staff/") else VISITS_A_ROUTE
        route = STAFF_TABLE.sub("table/", route) if once else route
        visits[route] += 1
        if visits[route] > most:
            continue
        page = _asked(client, path)
        if "text/html" not in page.headers.get("Content-Type", ""):
            continue
        html = page.content.decode()
        is_shown = page.status_code == 200 and not page.redirect_chain
        if not is_shown:  # refused or led on: the next reader may see it
            visits[route] -= 1
        yield path if is_shown else f"{path} ({page.status_code})", html
        waiting += [
            urljoin(path, link)
            for link in Texts(html).links
            if link and not urlsplit(link).netloc and not urlsplit(link).scheme
        ]


def _asked(client: Client, path: str) -> Any:
    try:
        return client.get(path, follow=True)
    except RedirectCycleError as error:
        pytest.fail(f"{path}: {error.redirect_chain}")


def in_chinese(member: Member | None) -> Client:
    """A browser that reads Chinese, signed in as a member or as nobody."""
    client = Client(headers={"accept-language": "zh-hans"})
    client.cookies["django_language"] = "zh-hans"
    if member is not None:
        client.force_login(member.user, backend="django.contrib.auth.backends.ModelBackend")
    return client


@dataclass(frozen=True)
class Stop:
    """A page that was shown to a reader; ``route`` is empty for a refusal."""

    reader: str
    route: str
    path: str
    html: str


def tour(
    readers: Mapping[str, Member | None], signed: list[str], *, once: bool = False
) -> Iterator[Stop]:
    """Walk the whole portal in Chinese as one reader after the other.

    Starts from every address without an id and from ``signed``, those of mails and orders.
    ``once``: one page of a kind, for the first reader to whom it is shown.
    """
    visits = Counter[str]()
    plain = [
        f"/{route}"
        for route in named_routes().values()
        if "<" not in route and "^" not in route and "logout" not in route
    ]
    for name, member in readers.items():
        starts = ["/", *signed]
        if name in {Role.OWNER, "platform", "stranger", "newcomer"}:
            starts += [*plain, "/staff/"]
        for path, html in crawl(in_chinese(member), starts, visits, once=once):
            shown = not path.endswith(")")
            route = resolve(urlsplit(path).path).route if shown else ""
            yield Stop(name, route, path, html)


def missed(visited: set[str], reader: Member) -> dict[str, str]:
    """Named pages that no tour came to: name → route. ``reader`` tells pages from the rest."""
    client = in_chinese(reader)
    return {
        name: route
        for name, route in named_routes().items()
        if name not in NO_PAGES
        and not route.startswith("accounts/")
        and route not in visited
        and is_page(name, route, client)
    }


# Pages' parts and files: asked for by scripts, or sent to whoever holds a signed link.
NO_PAGES = {
    "home": "leads on to the reader's first page",
    "brands:catalogue_errors": "a file",
    "brands:logo": "a picture",
    "brands:template": "a file",
    "core:export_file": "a file",
    "transparency_csv": "a file",
    "brands:product_model_picture": "a picture",
    "brands:document": "a file",
    "brands:document_page": "a picture",
    "complaints:evidence": "a file",
    "complaints:evidence_bundle": "a file",
    "complaints:linked_shops": "a part of the desk",
    "core:job_errors": "a file",
    "figures:export": "a file",
    "pushes:image": "a picture",
    "pushes:link-filter": "a part of the desk",
    "pushes:link-pane": "a part of the desk, which the page of the link shows as well",
    "pushes:link-panel": "a part of the desk",
    "pushes:link-rows": "a part of the desk",
    "pushes:link-similar": "a part of the desk",
    "pushes:link-versions": "a part of the desk",
    "pushes:view-menu": "a part of the desk",
    "pushes:ruleset-export": "a file",
    "healthz": "for machines",
    "live": "a stream of events",
    "pushes:links-toasts": "a part of the desk",
}


def named_routes() -> dict[str, str]:
    """Every named address but those of staff tables and the API: name → route."""

    def walk(resolver: URLResolver, route: str, space: str) -> Iterator[tuple[str, str]]:
        for pattern in resolver.url_patterns:
            whole = route + str(pattern.pattern)
            if isinstance(pattern, URLPattern):
                if pattern.name:
                    yield f"{space}{pattern.name}", whole
            elif isinstance(pattern, URLResolver):
                inside = f"{space}{pattern.namespace}:" if pattern.namespace else space
                yield from walk(pattern, whole, inside)

    found = walk(get_resolver(), "", "")
    return {name: route for name, route in found if not route.startswith(("staff/", "api/"))}


def is_page(name: str, route: str, client: Client) -> bool:
    """Whether a GET there could answer a page: not a form's target, nor data."""
    dummies = {"uuid": str(uuid.uuid4()), "int": "1", "slug": "x", "str": "x"}
    found = re.findall(r"<(\w+):(\w+)>", route)
    try:
        path = reverse(name, kwargs={name: dummies[kind] for kind, name in found})
    except NoReverseMatch:  # an expression of a library's own
        return False
    answer = client.get(path)
    return answer.status_code != 405 and "json" not in answer.headers.get("Content-Type", "")
