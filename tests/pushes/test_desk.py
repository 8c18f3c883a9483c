"""The desk: pages from a place, filters, capped counts, leases, saved views, what stands beside."""

import json
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from brands.models import Brand
from portal.core.actors import of_member
from portal.core.errors import InvalidInput, NotAllowed
from portal.core.models import JournalEntry, Member, Role
from pushes.models import LinkNote, ListingImage, SavedView, SuspectedLink, Verdict
from pushes.selectors import beside, queue
from pushes.selectors.queue import Wanted
from pushes.services import claims, near_text, preferences, saved_views
from pushes.web import diff
from tests.factories import (
    BrandFactory,
    ListingVersionFactory,
    MemberFactory,
    ProductModelFactory,
    SuspectedLinkFactory,
)
from tests.factories.core import StoredFileFactory

pytestmark = pytest.mark.django_db
SignIn = Callable[[Member], Client]
PINNED: dict[str, int] = json.loads(
    (Path(__file__).parent / "query_counts.json").read_text(encoding="utf-8")
)


@pytest.fixture
def brand() -> Brand:
    made: Brand = BrandFactory()
    return made


@pytest.fixture
def reviewer(brand: Brand) -> Member:
    made: Member = MemberFactory(organisation=brand.organisation, role=Role.REVIEWER)
    return made


def links(brand: Brand, count: int, **more: Any) -> list[SuspectedLink]:
    """Links due one after the other; every third shares its deadline with the one before."""
    start = timezone.now()
    return [
        SuspectedLinkFactory(
            brand=brand,
            due_at=start + timedelta(hours=number - (number % 3 == 2)),
            pushed_at=start - timedelta(days=3),
            score=0.9 - number % 4 / 10,
            **more,
        )
        for number in range(count)
    ]


def read_all(member: Member, wanted: Wanted) -> list[int]:
    """Every page of a view, one after the other."""
    found = queue.narrowed(of_member(member), wanted, timezone.now())
    page = queue.window(found, wanted)
    ids = list(page.ids)
    while page.more_after:
        last = SuspectedLink.objects.get(pk=ids[-1])
        page = queue.page_beside(found, wanted, last, forward=True)
        ids += page.ids
    return ids


# -- pages


@pytest.mark.parametrize("order", queue.ORDERS)
@pytest.mark.parametrize("view", ["pending", "infringing"])
def test_pages_meet_every_link_once_and_in_order(
    brand: Brand, reviewer: Member, monkeypatch: pytest.MonkeyPatch, order: str, view: str
) -> None:
    monkeypatch.setattr(queue, "PAGE", 4)
    made = links(brand, 11)
    if view == "infringing":
        for number, link in enumerate(made):
            link.state = ("counterfeit", "other_infringement")[number % 2]
            link.save(update_fields=["state"])
    column, rises = queue.ORDERS[order]
    ordered = sorted(made, key=lambda row: (getattr(row, column), row.pk), reverse=not rises)
    assert read_all(reviewer, Wanted(view=view, order=order)) == [row.pk for row in ordered]


def test_a_page_opened_at_a_link_shows_what_is_above_and_below(
    brand: Brand, reviewer: Member, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(queue, "PAGE", 3)
    monkeypatch.setattr(queue, "ABOVE", 2)
    ids = [link.pk for link in sorted(links(brand, 9), key=lambda row: (row.due_at, row.pk))]
    found = queue.narrowed(of_member(reviewer), Wanted(), timezone.now())
    page = queue.window(found, Wanted(), at=SuspectedLink.objects.get(pk=ids[4]))
    assert (list(page.ids), page.more_before, page.more_after) == (ids[2:7], True, True)
    above = queue.page_beside(found, Wanted(), SuspectedLink.objects.get(pk=ids[2]), forward=False)
    assert (list(above.ids), above.more_before) == (ids[:2], False)


def test_a_link_that_left_the_view_keeps_its_place(
    brand: Brand, reviewer: Member, signed_in: SignIn
) -> None:
    made = links(brand, 5)
    SuspectedLink.objects.filter(pk=made[2].pk).update(state="genuine")
    page = signed_in(reviewer).get(f"/links/{made[2].uuid}").content.decode()
    assert "pane-title" in page
    shown = [f'id="link-{link.uuid}"' in page for link in made]
    assert shown == [True, True, False, True, True]


def test_the_first_page_of_many_links_walks_an_index(brand: Brand, reviewer: Member) -> None:
    links(brand, 30)
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off")
        cursor.execute("SET LOCAL enable_bitmapscan = off")
        # A plan sorts only when no index gives the order: tables of a test are too small to care.
        cursor.execute("SET LOCAL enable_sort = off")
        cursor.execute("SET LOCAL enable_incremental_sort = off")
    for order, (column, _rises) in queue.ORDERS.items():
        wanted = Wanted(order=order)
        found = queue.narrowed(of_member(reviewer), wanted, timezone.now())
        last = SuspectedLink.objects.order_by("pk")[15]
        with CaptureQueriesContext(connection) as asked:
            queue.page_beside(found, wanted, last, forward=True)
        with connection.cursor() as cursor:
            cursor.execute(f"EXPLAIN {asked.captured_queries[-1]['sql']}")
            plan = "\n".join(row[0] for row in cursor.fetchall())
        assert "Sort" not in plan, plan
        assert column in plan


# -- filters, views, counts


def test_every_filter_narrows_the_list(brand: Brand, reviewer: Member, signed_in: SignIn) -> None:
    model = ProductModelFactory(brand=brand)
    signal = {
        "kind": "keyword",
        "field": "title",
        "start": 0,
        "end": 3,
        "matched": "red",
        "registered": "red",
        "contribution": 1.0,
    }
    wanted = SuspectedLinkFactory(
        brand=brand,
        product_model=model,
        signals=[signal],
        score=0.95,
        snapshot={"title": "red shoe"},
        due_at=timezone.now() + timedelta(hours=3),
    )
    SuspectedLinkFactory(
        brand=BrandFactory(organisation=brand.organisation),
        score=0.5,
        snapshot={"title": "blue shoe"},
        due_at=timezone.now() + timedelta(days=9),
    )
    client = signed_in(reviewer)
    for query in (
        {"q": "RED"},
        {"brand": str(brand.uuid)},
        {"model": str(model.uuid)},
        {"signal": "keyword"},
        {"market": wanted.marketplace.slug},
        {"seller": str(wanted.seller.uuid)},
        {"min": "0.9"},
        {"due": "day"},
        {"view": "risk"},
    ):
        page = client.get("/links/", query)
        shown = [card.link.snapshot["title"] for card in page.context["cards"]]
        assert shown == ["red shoe"], query
    for odd in ({"brand": "odd"}, {"min": "9"}, {"signal": "odd"}, {"due": "odd"}, {"q": "\0"}):
        page = client.get("/links/", odd)
        assert page.status_code == 200
        assert len(page.context["cards"]) == 2, odd


def test_the_filter_offers_its_choices_when_it_is_opened_and_holds_what_is_in_force(
    brand: Brand, reviewer: Member, signed_in: SignIn
) -> None:
    links(brand, 1)
    client = signed_in(reviewer)
    narrowed = {"brand": str(brand.uuid), "q": "Velmora"}
    page = client.get("/links/", narrowed).content.decode()
    assert f'<input type="hidden" name="brand" value="{brand.uuid}">' in page
    assert f'/links/filter?q=Velmora&amp;brand={brand.uuid}"' in page
    assert "<option" not in page.partition('id="desk-filter"')[2].partition("desk-order")[0]
    opened = client.get("/links/filter", narrowed).content.decode()
    assert f'<option value="{brand.uuid}" selected>{brand.name}</option>' in opened
    assert 'name="signal"' in opened
    assert (
        signed_in(MemberFactory())
        .get("/links/filter", narrowed)
        .content.decode()
        .count(str(brand.uuid))
        == 0
    )


def test_counts_stop_where_nobody_counts_any_more(
    brand: Brand, reviewer: Member, signed_in: SignIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    links(brand, 6)
    monkeypatch.setattr(queue, "MOST_COUNTED", 5)
    monkeypatch.setattr("pushes.web.views.MOST_COUNTED", 5)
    page = signed_in(reviewer).get("/links/")
    assert page.context["current_view"].count == "4+"


def test_a_saved_view_keeps_filters_and_counts(
    brand: Brand, reviewer: Member, signed_in: SignIn
) -> None:
    links(brand, 2)
    SuspectedLinkFactory(brand=BrandFactory(organisation=brand.organisation))
    client = signed_in(reviewer)
    query = f"order=score&brand={brand.uuid}"
    client.post("/links/views", {"name": " My  brand ", "query": f"{query}&page=9&odd=1"})
    view = SavedView.objects.get()
    assert (view.name, view.query) == ("My brand", query)
    current = client.get(f"/links/?{query}").context["current_view"]
    assert (current.label, current.count) == ("My brand", "2")
    menu = client.get(f"/links/views/menu?{query}").context
    own = [(row.label, row.count, row.current) for row in menu["own_views"]]
    assert own == [("My brand", "2", True)]
    shipped = {row.label: (row.count, row.current) for row in menu["views"]}
    assert shipped["To judge"] == ("2", False)
    assert shipped["Missed"] == ("0", False)
    stranger = signed_in(MemberFactory(organisation=brand.organisation))
    assert stranger.post(f"/links/views/{view.uuid}/remove").status_code == 404
    client.post(f"/links/views/{view.uuid}/remove")
    assert not SavedView.objects.exists()


def test_a_view_needs_a_name_and_only_so_many_are_kept(reviewer: Member) -> None:
    actor, now = of_member(reviewer), timezone.now()
    for name in ("", "  ", "x" * 61):
        with pytest.raises(InvalidInput):
            saved_views.save(actor=actor, name=name, query="", now=now)
    for number in range(saved_views.MOST):
        saved_views.save(actor=actor, name=f"v{number}", query="", now=now)
    saved_views.save(actor=actor, name="v1", query="view=gone", now=now)
    with pytest.raises(InvalidInput, match="twelve"):
        saved_views.save(actor=actor, name="more", query="", now=now)


# -- notes and keys


def test_a_note_is_kept_for_colleagues(brand: Brand, reviewer: Member, signed_in: SignIn) -> None:
    (link,) = links(brand, 1)
    client = signed_in(reviewer)
    client.post(f"/links/{link.uuid}/note", {"text": " Stitching differs. "})
    assert LinkNote.objects.get().text == "Stitching differs."
    assert "Stitching differs." in client.get(f"/links/{link.uuid}").content.decode()
    assert JournalEntry.objects.filter(verb="link.noted", subject_id=link.pk).exists()
    answer = client.post(f"/links/{link.uuid}/note", {"text": "  "}, headers={"HX-Request": "true"})
    assert answer.status_code == 422
    viewer = MemberFactory(organisation=brand.organisation, role=Role.VIEWER)
    assert signed_in(viewer).post(f"/links/{link.uuid}/note", {"text": "x"}).status_code == 403


def test_keys_are_remapped_or_switched_off(
    brand: Brand, reviewer: Member, signed_in: SignIn
) -> None:
    (link,) = links(brand, 1)
    preferences.set_keys(member=reviewer, keys={"counterfeit": "1", "genuine": "2"}, keys_on=True)
    page = signed_in(reviewer).get(f"/links/{link.uuid}").content.decode()
    assert 'data-key="1"' in page
    with pytest.raises(InvalidInput, match="another use"):
        preferences.set_keys(member=reviewer, keys={"counterfeit": "g"}, keys_on=True)
    with pytest.raises(InvalidInput, match="one character"):
        preferences.set_keys(member=reviewer, keys={"counterfeit": "F1"}, keys_on=True)
    preferences.set_keys(member=reviewer, keys={}, keys_on=False)
    page = signed_in(reviewer).get(f"/links/{link.uuid}").content.decode()
    assert 'id="desk-keys" type="application/json">{}<' in page


# -- what stands beside


def test_similar_links_are_found_by_seller_picture_and_title(
    brand: Brand, reviewer: Member, signed_in: SignIn
) -> None:
    link = SuspectedLinkFactory(
        brand=brand, snapshot={"title": "Velmora Sky Runner 2 trainers, light grey, size 42"}
    )
    picture = StoredFileFactory()
    by_seller = SuspectedLinkFactory(
        brand=brand, version__seller=link.seller, version__listing__marketplace=link.marketplace
    )
    by_picture = SuspectedLinkFactory(brand=brand)
    for each in (link, by_picture):
        ListingImage.objects.create(
            listing=each.listing, url="https://x.test/1", file=picture, state="stored"
        )
    by_text = SuspectedLinkFactory(
        brand=brand, snapshot={"title": "V\u0435lmora  Sky Runner 2 trainers light grey size 43"}
    )
    SuspectedLinkFactory(brand=brand, snapshot={"title": "Coffee machine, red, with grinder"})
    SuspectedLinkFactory(snapshot=link.snapshot)  # another tenant's
    found = beside.similar(of_member(reviewer), link)
    assert {like.link.pk: list(like.reasons) for like in found} == {
        by_seller.pk: ["seller"],
        by_picture.pk: ["picture"],
        by_text.pk: ["text"],
    }
    page = signed_in(reviewer).get(f"/links/{link.uuid}/similar").content.decode()
    assert "same picture" in page


def test_titles_written_alike_share_a_band_and_others_hardly_ever() -> None:
    alike = near_text.bands_of("Velmora Sky Runner trainers light grey")
    assert set(alike) == set(
        near_text.bands_of("V\u0435lm\u043era  sky-runner TRAINERS light grey")
    )
    assert near_text.bands_of("a") == []
    other = near_text.bands_of("Kitchen scales with a glass plate")
    assert not set(alike) & set(other)


def test_versions_are_compared_word_by_word(
    brand: Brand, reviewer: Member, signed_in: SignIn
) -> None:
    pieces = diff.words("Red shoe 42", "Red <b>boot 42")
    assert [(piece.kind, piece.text) for piece in pieces] == [
        ("same", "Red "),
        ("removed", "shoe"),
        ("added", "<b>boot"),
        ("same", " 42"),
    ]
    (link,) = links(brand, 1)
    ListingVersionFactory(
        listing=link.listing, title="Other words 高仿", seen_at=timezone.now(), seller=link.seller
    )
    page = signed_in(reviewer).get(f"/links/{link.uuid}/versions").content.decode()
    assert "<ins>" in page
    assert "first seen" in page


def test_the_seller_card_counts_what_was_judged(
    brand: Brand, reviewer: Member, signed_in: SignIn
) -> None:
    (link,) = links(brand, 1)
    link.seller.strike_points = 3  # type: ignore[union-attr]  # the factory gives one
    link.seller.save()  # type: ignore[union-attr]  # the factory gives one
    same = {
        "brand": brand,
        "version__seller": link.seller,
        "version__listing__marketplace": link.marketplace,
    }
    SuspectedLinkFactory(state="counterfeit", **same)
    SuspectedLinkFactory(state="genuine", **same)
    context = signed_in(reviewer).get(f"/links/{link.uuid}").context
    seller = context["seller"]
    assert (seller.infringing, seller.fine, seller.waiting, seller.strikes) == (1, 1, 0, 3)


# -- how many queries


def asked_by(call: Callable[[], Any]) -> int:
    with CaptureQueriesContext(connection) as queries:
        answer = call()
    assert answer.status_code == 200
    return len(queries)


def counted(client: Client, brand: Brand) -> dict[str, int]:
    first, second = SuspectedLink.objects.filter(brand=brand).order_by("due_at", "pk")[:2]
    htmx = {"HX-Request": "true"}
    client.get("/links/")
    counts = {
        "list": asked_by(lambda: client.get("/links/")),
        "views": asked_by(lambda: client.get("/links/views/menu")),
        "filter": asked_by(lambda: client.get("/links/filter")),
        "link": asked_by(lambda: client.get(f"/links/{first.uuid}")),
        "pane": asked_by(lambda: client.get(f"/links/{first.uuid}/pane")),
        "rows": asked_by(lambda: client.get("/links/rows", {"after": str(first.uuid)})),
        "claim": asked_by(lambda: client.post("/links/claim", {"open": first.uuid})),
        "similar": asked_by(lambda: client.get(f"/links/{first.uuid}/similar")),
        "versions": asked_by(lambda: client.get(f"/links/{first.uuid}/versions")),
        "verdict": asked_by(
            lambda: client.post(
                f"/links/{second.uuid}/verdict",
                {"outcome": "genuine", "as": "row"},
                headers=htmx,
            )
        ),
    }
    Verdict.objects.all().delete()
    return counts


def test_every_page_of_the_desk_takes_the_pinned_number_of_queries(
    brand: Brand, reviewer: Member, signed_in: SignIn
) -> None:
    model = ProductModelFactory(brand=brand)
    client = signed_in(reviewer)
    same = {"product_model": model, "snapshot": {"title": "Velmora runner, light grey"}}
    links(brand, 3, **same)
    few = counted(client, brand)
    links(brand, 17, **same)
    saved_views.save(actor=of_member(reviewer), name="x", query="view=gone", now=timezone.now())
    assert counted(client, brand) == few == PINNED


def test_a_reviewer_of_nothing_gets_no_keys_and_no_boxes(brand: Brand, signed_in: SignIn) -> None:
    links(brand, 1)
    viewer = MemberFactory(organisation=brand.organisation, role=Role.VIEWER)
    page = signed_in(viewer).get("/links/").content.decode()
    assert 'type="checkbox"' not in page
    with pytest.raises(NotAllowed):
        claims.take(actor=of_member(viewer), link=SuspectedLink.objects.get(), now=timezone.now())
