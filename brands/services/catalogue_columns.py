"""What the columns of a catalogue file may mean, and guessing it from their headings.

Fields are those of ``registry_files.COLUMNS``. A heading is guessed when it is one of the known
spellings in English or Chinese, or was given this meaning in an earlier import of the organisation.
"""

import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import override

from brands.models import CatalogueImport

What = CatalogueImport.What
_LANGUAGES: Final = ("en", "zh-hans")  # templates are given out in both


@dataclass(frozen=True)
class Field:
    """One field: its name in ``registry_files.COLUMNS``, its label, an example, its spellings."""

    name: str
    label: str | Promise
    example: str
    spellings: tuple[str, ...]


_FIELDS: Final = (
    Field("kind", _("Kind of row"), "product_model",
          ("kind", "row kind", "type of row", "行类型", "类型", "记录类型")),
    Field("brand", _("Brand"), "Velmora",
          ("brand", "brand name", "marke", "trademark", "品牌", "品牌名称", "品牌名", "商标")),
    Field("name", _("Name"), "Runner 7",
          ("name", "product name", "model name", "product", "title", "product model", "article",
           "名称", "产品名称", "商品名称", "品名", "产品", "型号名称", "款式名称")),
    Field("name_kind", _("Kind of name"), "alias", ("name kind", "kind of name", "名称类型")),
    Field("language", _("Language"), "zh-hans", ("language", "lang", "语言")),
    Field("model_number", _("Model number"), "0012",
          ("model number", "model no", "model", "sku", "article number", "item number", "style",
           "style number", "part number", "mpn", "型号", "货号", "款号", "产品型号", "型号编码")),
    Field("aliases", _("Other names"), "R7|Runner Seven",
          ("aliases", "other names", "also known as", "synonyms", "别名", "其他名称", "其他名字")),
    Field("gtin", _("GTIN"), "4006381333931",
          ("gtin", "ean", "ean13", "upc", "barcode", "bar code", "条形码", "条码", "商品条码",
           "国际条码")),
    Field("category", _("Category"), "Shoes",
          ("category", "product category", "类目", "品类", "分类", "类别", "商品类目")),
    Field("list_price", _("List price"), "129.90",
          ("list price", "price", "retail price", "msrp", "rrp", "suggested retail price", "uvp",
           "标价", "官方价", "零售价", "建议零售价", "吊牌价", "价格", "正价", "指导价")),
    Field("lowest_price", _("Lowest plausible price"), "80.00",
          ("lowest price", "lowest plausible price", "minimum price", "min price", "floor price",
           "最低价", "最低合理价", "最低价格", "底价", "最低可信价格")),
    Field("currency", _("Currency"), "CNY",
          ("currency", "currency code", "币种", "货币", "币别")),
    Field("characteristic", _("Kind of characteristic"), "keyword",
          ("characteristic", "kind of characteristic", "characteristic kind", "rule", "rule kind",
           "特征类型", "特征种类", "特征的种类", "规则类型")),
    Field("value", _("Value"), "same factory",
          ("value", "characteristic value", "keyword", "pattern", "word", "值", "内容", "特征值",
           "关键词", "特征")),
    Field("weight", _("Weight"), "", ("weight", "权重")),
    Field("product_model", _("Only for the product model"), "Runner 7",
          ("product model", "only for", "only for the product model", "for model", "适用型号",
           "仅限型号", "产品型号", "仅用于", "仅用于产品型号")),
    Field("seller_id", _("Seller id"), "shop-1",
          ("seller id", "shop id", "store id", "店铺id", "卖家id", "店铺编号", "卖家编号")),
    Field("marketplace", _("Marketplace"), "",
          ("marketplace", "platform", "site", "平台", "市场", "电商平台")),
)  # fmt: skip
FIELDS: Final[Mapping[str, Field]] = {field.name: field for field in _FIELDS}

_OF: Final[Mapping[str, tuple[str, ...]]] = {
    What.PRODUCT_MODEL: (
        "brand", "name", "model_number", "aliases", "gtin", "category", "list_price",
        "lowest_price", "currency",
    ),
    What.CHARACTERISTIC: ("brand", "characteristic", "value", "product_model", "weight"),
    What.MIXED: tuple(FIELDS),
}  # fmt: skip
_NEEDED: Final[Mapping[str, tuple[str, ...]]] = {
    What.PRODUCT_MODEL: ("brand", "name"),
    What.CHARACTERISTIC: ("brand", "characteristic", "value"),
    What.MIXED: ("kind", "brand"),
}


def fields_of(what: str) -> list[Field]:
    """Return the fields rows of this sort may have, in their order."""
    return [FIELDS[name] for name in _OF[what]]


def needed(what: str, *, one_brand: bool) -> list[str]:
    """Return the fields that need a column; the brand does not when all rows are of one."""
    return [name for name in _NEEDED[what] if not (one_brand and name == "brand")]


def plain(heading: str) -> str:
    """Return a heading for comparing: no case, width, punctuation, bracketed remark or star."""
    text = unicodedata.normalize("NFKC", heading).casefold()
    text = re.sub(r"\(.*?\)|\[.*?\]", " ", text)
    return " ".join(re.findall(r"[^\W_]+", text))


def guess(
    what: str, headings: Sequence[str], remembered: Mapping[str, str] | None = None
) -> dict[int, str]:
    """Return our field of each column whose heading is known, each field once.

    ``remembered`` maps plain headings to fields as the organisation chose them before; an empty
    field means the column was left out.
    """
    known = {plain(word): name for name in reversed(_OF[what]) for word in FIELDS[name].spellings}
    known |= {plain(name): name for name in _OF[what]}
    for language in _LANGUAGES:
        with override(language):
            known |= {plain(str(FIELDS[name].label)): name for name in reversed(_OF[what])}
    known |= {key: name for key, name in (remembered or {}).items() if name in ("", *_OF[what])}
    chosen: dict[int, str] = {}
    for index, heading in enumerate(headings):
        field = known.get(plain(heading), "")
        if field and field not in chosen.values():
            chosen[index] = field
    return chosen
