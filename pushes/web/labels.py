"""What the engine's signals and the journal's verbs are called in front of people."""

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

SIGNALS: dict[str, Promise] = {
    "brand_named": _("Names the brand"),
    "brand_respaced": _("Brand name with odd spacing"),
    "brand_disguised": _("Disguised brand name"),
    "brand_leet": _("Brand name with digits for letters"),
    "brand_masked": _("Brand name partly masked"),
    "brand_typo": _("Misspelt brand name"),
    "brand_homophone": _("Sounds like the brand name"),
    "brand_fragment": _("Part of the brand name, or nearly the name"),
    "brand_glued": _("Brand name run together with a word"),
    "brand_in_description": _("Brand named in the description"),
    "field_agrees": _("Brand field agrees"),
    "field_differs": _("Brand field names another brand"),
    "field_generic": _("Brand field says “no brand”"),
    "model_number": _("Registered model number"),
    "model_name": _("Registered model name"),
    "gtin": _("Registered GTIN"),
    "keyword": _("Declared keyword"),
    "evasive_spelling": _("Declared evasive spelling"),
    "imitation_phrase": _("Phrase that admits an imitation"),
    "phrase_pattern": _("Declared phrase"),
    "price_low": _("Price below the plausible band"),
    "price_plausible": _("Plausible price"),
    "seller_authorised": _("Authorised seller"),
    "seller_not_authorised": _("Seller is not on the brand's list"),
    "seller": _("Declared suspect seller"),
    "seller_pattern": _("Declared seller pattern"),
    "ship_from": _("Ships from a declared place"),
    "category_agrees": _("Category agrees"),
    "category_mismatch": _("Unlikely category"),
    "attribute_mismatch": _("Wrong attribute"),
    "missing_attribute": _("Missing attribute"),
    "stacked_brands": _("Several brands stacked"),
    "accessory": _("Reads like a compatible accessory"),
    "gift": _("Reads like a gift or bundle"),
    "name_needs_support": _("Ambiguous name without support"),
    "image": _("Declared picture"),
    "logo": _("Declared logo"),
    "text_in_image": _("Text in a picture"),
}

FIELDS: dict[str, Promise] = {
    "title": _("title"),
    "description": _("description"),
    "brand": _("brand field"),
    "price": _("price"),
    "seller": _("seller"),
    "ship_from": _("place of dispatch"),
    "category": _("category"),
    "attributes": _("attributes"),
    "brands": _("brands named"),
}

CHANGES: dict[str, Promise] = {
    "came_back": _("the listing came back"),
    "new_signal": _("a new strong signal"),
    "text": _("another text"),
    "price": _("another price"),
    "pictures": _("other pictures"),
    "seller": _("another seller"),
}

WEIGHTS: dict[str, Promise] = {
    "intercept": _("Starting point"),
    "threshold": _("Threshold"),
}

HISTORY: dict[str, tuple[Promise, str]] = {
    "link.pushed": (_("Pushed to the brand"), "accent"),
    "link.pending": (_("Opened again"), "accent"),
    "link.refreshed": (_("The listing changed; evidence refreshed"), "plain"),
    "link.deadline_recomputed": (_("Deadline recomputed after a calendar correction"), "plain"),
    "link.counterfeit": (_("Judged counterfeit"), "bad"),
    "link.other_infringement": (_("Judged another infringement"), "warn"),
    "link.genuine": (_("Judged genuine"), "good"),
    "link.authorised": (_("Judged an authorised seller's"), "good"),
    "link.appraisal": (_("Sent to appraisal"), "warn"),
    "link.lapsed": (_("Deadline missed"), "bad"),
    "link.gone": (_("The listing went away"), "plain"),
}


def signal_label(kind: str) -> str:
    """Name of a signal kind; an unknown one is shown as it is, without underscores."""
    return str(SIGNALS.get(kind) or WEIGHTS.get(kind) or kind.replace("_", " "))


def field_label(field: str) -> str:
    """Name of a listing's field; a marketplace's own attribute is shown as the marketplace says."""
    return str(FIELDS.get(field, field))
