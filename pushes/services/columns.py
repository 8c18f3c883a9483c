"""Which column of a file is which field of a listing.

Columns are recognised by name, in any spelling of case, spaces and underscores; ``--map`` decides
where names do not help. Where several columns could be a field, the name listed first wins.
"""

import json
import re
from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Final

from django.utils.translation import gettext as _

from portal.core.errors import FieldError, InvalidInput

NAMES: Final[Mapping[str, tuple[str, ...]]] = {
    "external_id": (
        *("external_id", "listing_id", "item_id", "offer_id", "product_id", "goods_id", "asin"),
        *("商品id", "商品编号", "宝贝id", "id"),
    ),
    "title": (
        *("title", "listing_title", "product_title", "item_name", "product_name", "name"),
        *("标题", "商品标题", "商品名称", "宝贝标题"),
    ),
    "description": ("description", "product_description", "desc", "details", "描述", "商品描述"),
    "brand": ("brand", "brand_name", "品牌"),
    "category": ("category", "category_path", "category_name", "product_type", "类目", "分类"),
    "price": ("price", "current_price", "sale_price", "selling_price", "价格", "售价", "现价"),
    "currency": ("currency", "currency_code", "price_currency", "币种", "货币"),
    "seller_id": ("seller_id", "shop_id", "store_id", "merchant_id", "卖家id", "店铺id"),
    "seller": (
        *("seller", "seller_name", "shop", "shop_name", "store", "store_name", "merchant"),
        *("卖家", "店铺", "店铺名称"),
    ),
    "url": ("url", "listing_url", "product_url", "item_url", "link", "链接", "商品链接"),
    "image_urls": (
        *("image_urls", "image_url", "images", "image", "pictures", "picture", "picture_url"),
        *("图片", "主图", "图片链接"),
    ),
    "ship_from": ("ship_from", "ships_from", "shipping_from", "发货地"),
    "attributes": ("attributes", "properties", "specifications", "属性"),
    "seen_at": (
        *("seen_at", "observed_at", "observed_on", "crawled_at", "scraped_at", "timestamp"),
        *("date", "抓取时间", "日期"),
    ),
    "marketplace": ("marketplace", "platform", "site", "平台"),
}
REQUIRED: Final = ("external_id", "title")
ATTRIBUTE: Final = "attributes."
_SPELLING: Final = re.compile(r"[\W_]+")
_NUMBERED: Final = re.compile(r"imageurl\d+|image\d+|picture\d+")
_BETWEEN_ADDRESSES: Final = re.compile(r"[\s|]+")
# What people write in tables although ISO 4217 has another code for it.
_CURRENCY_HABITS: Final = {"RMB": "CNY", "CNH": "CNY", "元": "CNY", "人民币": "CNY"}


def chosen(arguments: Sequence[str], columns: Sequence[str]) -> dict[str, str]:
    """Read ``COLUMN=FIELD`` arguments; ``InvalidInput`` names what does not exist.

    ``FIELD`` may be ``attributes.NAME``; an empty one leaves the column out.
    """
    result: dict[str, str] = {}
    for argument in arguments:
        column, equals, name = argument.rpartition("=")
        column, name = column.strip(), name.strip()
        if not equals or not column:
            message = _("“%(argument)s” is no mapping: write COLUMN=FIELD.")
            raise InvalidInput.one("map", "form", message % {"argument": argument})
        if column not in columns:
            message = _("The file has no column “%(column)s”. It has: %(columns)s.")
            raise InvalidInput.one(
                "map", "column", message % {"column": column, "columns": ", ".join(columns)}
            )
        if name and name not in NAMES and not name.startswith(ATTRIBUTE):
            message = _("There is no field “%(field)s”. Fields: %(fields)s, attributes.NAME.")
            raise InvalidInput.one(
                "map", "field", message % {"field": name, "fields": ", ".join(NAMES)}
            )
        result[column] = name
    return result


def assign(columns: Sequence[str], choice: Mapping[str, str]) -> dict[str, str]:
    """Return column → field for every column that is one, the choice before the names."""
    return dict(_assigned(tuple(columns), tuple(choice.items())))


@lru_cache(maxsize=256)  # JSON Lines may name other columns in every row
def _assigned(columns: tuple[str, ...], chosen_: tuple[tuple[str, str], ...]) -> dict[str, str]:
    choice = dict(chosen_)
    assigned = {column: choice[column] for column in columns if choice.get(column)}
    free = {_plain(column): column for column in reversed(columns) if column not in choice}
    for name, spellings in NAMES.items():
        if name in assigned.values():
            continue
        found = next((free[_plain(s)] for s in spellings if _plain(s) in free), None)
        if found is not None:
            assigned[found] = name
    for plain, column in free.items():
        if column not in assigned and _NUMBERED.fullmatch(plain):
            assigned[column] = "image_urls"
    return assigned


def require(assigned: Mapping[str, str], columns: Sequence[str], *, marketplace: bool) -> None:
    """Raise ``InvalidInput`` unless everything an import needs has its column."""
    needed = [*REQUIRED, *(["marketplace"] if marketplace else [])]
    errors = [
        FieldError(
            name,
            "column_missing",
            _("No column is the %(field)s. Name it: --map COLUMN=%(field)s. Columns: %(columns)s.")
            % {"field": name, "columns": ", ".join(columns) or "–"},
        )
        for name in needed
        if name not in assigned.values()
    ]
    if errors:
        raise InvalidInput(errors)


def to_record(values: Mapping[str, object], assigned: Mapping[str, str]) -> dict[str, object]:
    """Return a record in the form of the API from a row, as ``observations.parse`` reads it.

    Raises ``InvalidInput`` for attributes that are no JSON object.
    """
    record: dict[str, object] = {}
    seller: dict[str, object] = {}
    pictures: list[object] = []
    attributes: dict[str, object] = {}
    for column, name in assigned.items():
        value = values.get(column)
        if value is None or value == "":
            continue
        if name == "image_urls":
            pictures += _pictures(value)
        elif name.startswith("attributes"):
            attributes |= _attributes(name, value)
        elif name.startswith("seller"):
            seller |= _seller(name, value)
        else:
            record[name] = _currency(value) if name == "currency" else value
    return record | {"seller": seller, "image_urls": pictures, "attributes": attributes}


def _seller(name: str, value: object) -> Mapping[str, object]:
    if isinstance(value, Mapping):
        return value
    return {"name" if name == "seller" else "external_id": value}


def _currency(value: object) -> object:
    return _CURRENCY_HABITS.get(value.strip().upper(), value) if isinstance(value, str) else value


def _plain(name: str) -> str:
    return _SPELLING.sub("", name.casefold())


def _pictures(value: object) -> list[object]:
    if isinstance(value, list | tuple):
        return list(value)
    if not isinstance(value, str):
        return [value]
    if value.lstrip().startswith("["):
        try:
            listed = json.loads(value)
        except (ValueError, RecursionError):
            listed = None
        if isinstance(listed, list):
            return listed
    return [part for part in _BETWEEN_ADDRESSES.split(value) if part]


def _attributes(name: str, value: object) -> Mapping[str, object]:
    if name.startswith(ATTRIBUTE):
        return {name.removeprefix(ATTRIBUTE): value}
    if isinstance(value, str):
        try:
            value = json.loads(value)
        except (ValueError, RecursionError):
            value = None
    if not isinstance(value, Mapping):
        raise InvalidInput.one("attributes", "type", _("Expected a JSON object."))
    return value
