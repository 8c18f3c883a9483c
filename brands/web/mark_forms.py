"""The editor's forms: every kind of characteristic asks in its own words.

A form puts its answers together to the one text that the rules store (``characteristic_values``);
what the rules refuse about it is shown at the field named by ``at``.
"""

from dataclasses import dataclass
from typing import Any, Final

from django import forms
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from brands.models import Brand, Characteristic, ProductModel
from brands.services.characteristic_values import LONGEST_VALUE
from brands.services.characteristics import Declared

Kind = Characteristic.Kind
_MONO: Final = {"class": "mono", "autocomplete": "off", "spellcheck": "false"}


class MarkForm(forms.Form):
    """What every kind has: the text itself, the product model it is for, and a weight."""

    at = "value"
    value = forms.CharField(label=_("Value"), max_length=LONGEST_VALUE)
    product_model = forms.ModelChoiceField(
        label=_("Only for"),
        queryset=ProductModel.objects.none(),
        to_field_name="uuid",
        required=False,
        empty_label=_("Every product model"),
    )
    weight = forms.FloatField(
        label=_("Weight"),
        required=False,
        help_text=_("From 0 to 10; multiplies what was learned. Leave it empty when in doubt."),
    )

    def __init__(self, *args: Any, brand: Brand, kind: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.kind = kind
        self.brand = brand
        guide = GUIDES[kind]
        field = self.fields["product_model"]
        if isinstance(field, forms.ModelChoiceField):
            field.queryset = brand.product_models.order_by("name")
        if type(self) is MarkForm or isinstance(self, PatternForm):
            self.fields["value"].label = guide.label
            self.fields["value"].help_text = guide.help

    def text(self) -> str:
        """Return the answers as the one text that is stored."""
        return str(self.cleaned_data["value"])

    def declared(self) -> Declared:
        """Return the characteristic."""
        return Declared(self.kind, self.text(), self.cleaned_data.get("weight"))


class PatternForm(MarkForm):
    """A pattern, in letters of one width so that positions can be counted."""

    value = forms.CharField(max_length=LONGEST_VALUE, widget=forms.TextInput(attrs=_MONO))


class PriceForm(MarkForm):
    """A share of the list price, or an amount."""

    at = "number"
    value = None  # type: ignore[assignment]  # Django's way of leaving out an inherited field
    measure = forms.ChoiceField(
        label=_("Below"),
        choices=[
            ("share", _("a share of the list price")),
            ("amount", _("an amount")),
        ],
        widget=forms.RadioSelect,
        initial="share",
    )
    number = forms.CharField(
        label=_("Number"),
        help_text=_("40 for 40 percent of the list price, or an amount such as 99.90."),
        widget=forms.TextInput(attrs={"inputmode": "decimal"}),
    )
    currency = forms.CharField(
        label=_("Currency"),
        required=False,
        max_length=3,
        help_text=_("Of an amount: ISO 4217 code, such as CNY."),
    )
    field_order = ("measure", "number", "currency", "product_model", "weight")

    def text(self) -> str:
        """Return “40%” or “99.90 CNY”."""
        number = self.cleaned_data["number"].strip().removesuffix("%").strip()
        if self.cleaned_data["measure"] == "share":
            return f"{number}%"
        return f"{number} {self.cleaned_data['currency'].strip()}".strip()


class CategoriesForm(MarkForm):
    """The categories in which the genuine article is sold."""

    value = forms.CharField(
        label=_("Rightful categories"),
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("One a line. A listing whose category holds none of them is suspicious."),
    )

    def text(self) -> str:
        """Return the categories parted by bars."""
        lines = self.cleaned_data["value"].replace("|", "\n").splitlines()
        return "|".join(line.strip() for line in lines if line.strip())


class AttributeForm(MarkForm):
    """An attribute and the value that genuine articles have."""

    at = "name"
    value = None  # type: ignore[assignment]  # Django's way of leaving out an inherited field
    name = forms.CharField(
        label=_("Attribute"), help_text=_("As the marketplace names it, such as colour.")
    )
    rightful = forms.CharField(
        label=_("Rightful value"), help_text=_("Any other value is suspicious.")
    )
    field_order = ("name", "rightful", "product_model", "weight")

    def text(self) -> str:
        """Return “name=value”."""
        return f"{self.cleaned_data['name'].strip()}={self.cleaned_data['rightful'].strip()}"


@dataclass(frozen=True)
class Guide:
    """What a kind is for: its question, a help, what it does, a good example and a bad one."""

    label: Any
    help: Any
    about: str | Promise
    good: str | Promise
    bad: str | Promise
    form: type[MarkForm] = MarkForm


GUIDES: Final[dict[str, Guide]] = {
    Kind.KEYWORD: Guide(
        _("Word or phrase"),
        _("What only sellers of fakes write."),
        _("Found in title and description, whatever its case and width, as whole words."),
        _("“same factory”, “replica”, “高仿”"),
        _("The brand's own name: it is looked for already. “shoe”: everybody writes it."),
    ),
    Kind.PHRASE_PATTERN: Guide(
        _("Pattern (RE2)"),
        _("Letters stand for themselves; a|b is a or b, .? any one character or none."),
        _("For phrases that come in many forms. It runs in linear time, so it has no look-around."),
        _("“1[:：]1 ?(copy|quality)” finds “1:1 quality” and “1：1copy”"),
        _("“.*”: it matches every listing. “(?=x)”: RE2 does not know it."),
        PatternForm,
    ),
    Kind.EVASIVE_SPELLING: Guide(
        _("Evasive spelling"),
        _("As sellers write it to hide the brand's name."),
        _("Most disguises are found without it; declare those that follow no rule."),
        _("A nickname that buyers of fakes search for"),
        _("A name with one letter changed: that is found already."),
    ),
    Kind.PRICE_BELOW: Guide(
        _("Price below"),
        "",
        _("A price at which no genuine article can be sold. A share needs list prices."),
        _("40 percent of the list price; 99.90 CNY"),
        _("A price of the sales season: genuine articles would be pushed to you."),
        PriceForm,
    ),
    Kind.SELLER: Guide(
        _("Seller"),
        _("The seller's id on the marketplace, or the name of its shop."),
        _("For shops you know to sell fakes."),
        _("A shop id from a complaint that was established"),
        _("A shop that sold one doubtful article."),
    ),
    Kind.SELLER_PATTERN: Guide(
        _("Pattern of shop names (RE2)"),
        _("Letters stand for themselves; a|b is a or b, \\d a digit."),
        _("For shops that open again under a similar name."),
        _("“^super.?brand.?outlet\\d*$”"),
        _("“shop”: half of all shops are called so."),
        PatternForm,
    ),
    Kind.SHIP_FROM: Guide(
        _("Place of dispatch"),
        _("As the marketplace writes it."),
        _("Counts beside other reasons; few places are suspicious by themselves."),
        _("A town from which only fakes were sent"),
        _("A whole country in which genuine articles are sold as well."),
    ),
    Kind.CATEGORY_MISMATCH: Guide(
        _("Rightful categories"),
        "",
        _("Fakes hide in categories where nobody looks."),
        _("Shoes, Sportswear"),
        _("A category so wide that everything belongs to it."),
        CategoriesForm,
    ),
    Kind.ATTRIBUTE_MISMATCH: Guide(
        _("Attribute"),
        "",
        _("An attribute in which fakes differ from every genuine article."),
        _("colour is black: there is no other"),
        _("size is 42: genuine articles come in many sizes."),
        AttributeForm,
    ),
    Kind.MISSING_ATTRIBUTE: Guide(
        _("Attribute"),
        _("As the marketplace names it, such as serial number."),
        _("What every genuine listing states, and fakes leave out."),
        _("serial number"),
        _("An attribute that even authorised sellers forget."),
    ),
    Kind.IMAGE: Guide(
        _("Name of the picture"),
        _("How you refer to it."),
        _("Kept for your reviewers; pictures are not compared with listings by this rule yet."),
        _("The stock photo that shops of fakes share"),
        _("A picture of your own that authorised sellers use."),
    ),
    Kind.LOGO: Guide(
        _("Name of the logo"),
        _("How you refer to it."),
        _("Kept for your reviewers; logos are not compared with listings by this rule yet."),
        _("The logo with the stroke that fakes get wrong"),
        _("Your present logo."),
    ),
    Kind.TEXT_IN_IMAGE: Guide(
        _("Text in the picture"),
        _("As it is printed in the picture."),
        _("Kept for your reviewers; text in pictures is not read by this rule yet."),
        _("A phone number or a messenger's address"),
        _("Your brand's name."),
    ),
}
GROUPS: Final = (
    (_("Words"), (Kind.KEYWORD, Kind.PHRASE_PATTERN, Kind.EVASIVE_SPELLING)),
    (_("Price"), (Kind.PRICE_BELOW,)),
    (_("Sellers and places"), (Kind.SELLER, Kind.SELLER_PATTERN, Kind.SHIP_FROM)),
    (_("What the listing states"),
     (Kind.CATEGORY_MISMATCH, Kind.ATTRIBUTE_MISMATCH, Kind.MISSING_ATTRIBUTE)),
    (_("Pictures"), (Kind.IMAGE, Kind.LOGO, Kind.TEXT_IN_IMAGE)),
)  # fmt: skip


def form_of(kind: str, brand: Brand, data: Any = None) -> MarkForm:
    """Return the form of a kind."""
    return GUIDES[kind].form(data, brand=brand, kind=kind)
