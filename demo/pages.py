"""The marketplace's own pages: plain HTML, one stylesheet, nothing loaded from elsewhere."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from html import escape
from typing import Any
from urllib.parse import quote, urlsplit

from demo.state import Row

_PAGE = """<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{title} · {market}</title>
<link rel="icon" href="/static/icon.svg" type="image/svg+xml">
<link rel="stylesheet" href="/static/demo.css">
</head>
<body>
<a class="skip" href="#main">Skip to the content</a>
<header>
<p class="band">Simulated marketplace: every shop, brand and listing is made up.</p>
<a class="name" href="/">{market}</a>
<nav aria-label="Listings">{links}</nav>
</header>
<main id="main">
{content}
</main>
</body>
</html>
"""


def front_page(market: str, rows: list[Row], counts: dict[str, int], *, removed_only: bool) -> str:
    """The latest listings, or those removed by order; ``counts`` as ``State.counts`` gives them."""
    heading = "Removed by order" if removed_only else "Latest listings"
    figures = (
        f"{counts['all']} offered so far, {counts['removed']} removed by order,"
        f" {counts['waiting']} waiting to be sent to the portal"
    )
    if counts["refused"]:
        figures += f", {counts['refused']} refused by it"
    if rows:
        listing = f'<ul class="grid">{"".join(_card(row) for row in rows)}</ul>'
    else:
        empty = "Nothing was removed by order." if removed_only else "Nothing is offered yet."
        listing = f'<p class="panel">{empty}</p>'
    content = f'<h1>{heading}</h1><p class="soft">{figures}.</p>{listing}'
    return _page(market, heading, content, here="removed" if removed_only else "all")


def item_page(market: str, row: Row) -> str:
    """One listing, its status, and what the marketplace told its seller about it."""
    payload = row.payload
    title = str(payload["title"])
    content = (
        f"<h1>{escape(title)}</h1>{_status(row)}"
        f'<div class="item"><div>{_pictures(payload)}</div><div>{_facts(payload)}'
        f"{_letter(row)}</div></div>"
    )
    return _page(market, title, content)


def message_page(market: str, heading: str, text: str) -> str:
    """A page that says one thing, for errors."""
    return _page(market, heading, f"<h1>{escape(heading)}</h1><p>{escape(text)}</p>")


def _page(market: str, title: str, content: str, *, here: str = "") -> str:
    places = (("all", "/", "Latest listings"), ("removed", "/?status=removed", "Removed by order"))
    links = "".join(
        f'<a href="{path}"{" aria-current=" + chr(34) + "page" + chr(34) if key == here else ""}>'
        f"{label}</a>"
        for key, path, label in places
    )
    return _PAGE.format(title=escape(title), market=escape(market), links=links, content=content)


def _card(row: Row) -> str:
    payload = row.payload
    picture = _path(payload["image_urls"][0])
    return (
        f'<li class="card{"" if row.live else " down"}">'
        f'<img src="{picture}" alt="" width="480" height="360" loading="lazy">'
        f'<div><a href="/items/{quote(row.external_id)}">{escape(payload["title"])}</a>'
        f'<p><span class="price">{_price(payload)}</span></p>'
        f'<p class="soft">{escape(payload["seller"]["name"])}</p>{_status(row)}</div></li>'
    )


def _status(row: Row) -> str:
    if row.removed_by is not None:
        text = f"Removed by order {row.removed_by}"
        if row.order_reason:
            text += f" (reason: {row.order_reason})"
        return f'<p class="down-text">{escape(text)}</p>'
    if row.deleted_at is not None:
        return '<p class="down-text">Deleted by its seller</p>'
    return '<p class="live">On sale</p>'


def _price(payload: dict[str, Any]) -> str:
    return f"{escape(payload['price'])} {escape(payload['currency'])}"


def _pictures(payload: dict[str, Any]) -> str:
    return "".join(
        f'<img src="{_path(url)}" alt="Picture of the goods" width="480" height="360">'
        for url in payload["image_urls"]
    )


def _path(url: str) -> str:
    """Only the path: the page shows its own pictures whatever address it is opened under."""
    return escape(urlsplit(url).path)


def _facts(payload: dict[str, Any]) -> str:
    attributes = {key: value for key, value in payload["attributes"].items() if key != "simulated"}
    facts = [
        ("Price", f"{payload['price']} {payload['currency']}"),
        ("Seller", payload["seller"]["name"]),
        ("Brand", payload["brand"] or "not stated"),
        ("Category", payload["category"]),
        ("Ships from", payload["ship_from"]),
        *((key.replace("_", " ").capitalize(), str(value)) for key, value in attributes.items()),
        ("Last changed", payload["seen_at"]),
        ("Listing", payload["external_id"]),
    ]
    return f"<p>{escape(payload['description'])}</p>{_list(facts)}"


def _list(facts: Iterable[tuple[str, str]]) -> str:
    rows = "".join(f"<dt>{escape(name)}</dt><dd>{escape(value)}</dd>" for name, value in facts)
    return f"<dl>{rows}</dl>"


def _letter(row: Row) -> str:
    """What the seller reads: a real marketplace shows it to the seller alone."""
    if row.last_order_at is None:
        return ""
    state = "was put back" if row.removed_by is None else "was removed"
    text = f"<h2>Message to the seller</h2><p>Your listing {state} by an order of the portal.</p>"
    if urlsplit(row.statement_url).scheme in {"http", "https"}:
        link = escape(row.statement_url, quote=True)
        text += f'<p><a href="{link}" rel="noreferrer">Read the statement of reasons</a></p>'
    if row.statement:
        text += _list(_words(json.loads(row.statement)))
    return f'<section class="panel">{text}</section>'


_SAID = ("text", "explanation")


def _words(statement: dict[str, Any]) -> Iterator[tuple[str, str]]:
    """What a statement says in words; codes and ids are left to the statement itself."""
    for name, value in statement.items():
        for part in value if isinstance(value, list) else [value]:
            said = part
            if isinstance(part, dict):
                said = next((part[key] for key in _SAID if part.get(key)), "")
            if isinstance(said, str) and said and name not in {"language", "issued_at"}:
                yield name.replace("_", " ").capitalize(), said
