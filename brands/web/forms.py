"""Forms of the registry pages. Rules are the services'; forms only parse."""

from typing import Any

from django import forms
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from brands.models import (
    Brand,
    BrandName,
    LetterOfAuthorisation,
    ProductModel,
)
from brands.models import Registration as RegistrationModel
from brands.services.pictures import DOCUMENT_MAX_BYTES
from brands.services.product_models import ProductFacts
from brands.services.registration import NewName
from brands.services.rights import Document, LetterFacts, RegistrationFacts
from portal.core.models import Mandate, Marketplace

# More brands than this are easier to find in a list than among tick boxes.
_TICKABLE = 30
_DOCUMENT_TYPES = ".pdf,.png,.jpg,.jpeg"


class DateInput(forms.DateInput):
    """The browser's own date field."""

    input_type = "date"

    def __init__(self) -> None:
        super().__init__(format="%Y-%m-%d")


class NewBrandForm(forms.Form):
    """Registers a brand."""

    name = forms.CharField(label=_("Name"), help_text=_("As it stands on the goods."))
    other_names = forms.CharField(
        label=_("Other names"),
        required=False,
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text=_("One a line: in other scripts, short forms, nicknames buyers use."),
    )

    def names(self) -> list[NewName]:
        """Return the other names."""
        lines = str(self.cleaned_data["other_names"]).splitlines()
        return [NewName(line.strip()) for line in lines if line.strip()]


class BrandForm(forms.Form):
    """Changes a brand's main name and logo."""

    name = forms.CharField(label=_("Name"))
    logo = forms.FileField(
        label=_("Logo"),
        required=False,
        widget=forms.FileInput(attrs={"accept": ".png,.jpg,.jpeg"}),
        help_text=_("PNG or JPEG."),
    )


class NameForm(forms.Form):
    """Adds a name to a brand."""

    text = forms.CharField(label=_("Name"))
    kind = forms.ChoiceField(
        label=_("Kind"), choices=BrandName.Kind.choices, initial=BrandName.Kind.ALIAS
    )
    language = forms.CharField(
        label=_("Language"), required=False, help_text=_("A tag such as en or zh-hans.")
    )

    def declared(self) -> NewName:
        """Return the name."""
        return NewName(**self.cleaned_data)


class ProductModelForm(forms.Form):
    """Registers or changes a product model."""

    name = forms.CharField(label=_("Name"))
    model_number = forms.CharField(label=_("Model number"), required=False)
    aliases = forms.CharField(
        label=_("Other names"),
        required=False,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text=_("One a line."),
    )
    gtin = forms.CharField(
        label=_("GTIN"), required=False, help_text=_("The number under the bar code.")
    )
    category = forms.CharField(label=_("Category"), required=False)
    list_price = forms.CharField(
        label=_("List price"),
        required=False,
        widget=forms.TextInput(attrs={"inputmode": "decimal"}),
    )
    lowest_price = forms.CharField(
        label=_("Lowest plausible price"),
        required=False,
        widget=forms.TextInput(attrs={"inputmode": "decimal"}),
        help_text=_("Genuine articles are not sold below it."),
    )
    currency = forms.CharField(
        label=_("Currency"), required=False, help_text=_("ISO 4217 code, such as CNY.")
    )

    def declared(self) -> ProductFacts:
        """Return the facts."""
        values: dict[str, Any] = dict(self.cleaned_data)
        values["aliases"] = str(values["aliases"]).splitlines()
        return ProductFacts(**values)

    @staticmethod
    def of(model: ProductModel) -> dict[str, Any]:
        """Return the form's initial values for a registered product model."""
        return {
            "name": model.name,
            "model_number": model.model_number,
            "aliases": "\n".join(model.aliases),
            "gtin": model.gtin,
            "category": model.category,
            "list_price": model.list_price,
            "lowest_price": model.lowest_price,
            "currency": model.currency,
        }


class ImageForm(forms.Form):
    """Adds a reference picture."""

    image = forms.FileField(
        label=_("Reference picture"),
        widget=forms.FileInput(attrs={"accept": ".png,.jpg,.jpeg"}),
        help_text=_("PNG or JPEG of the genuine article."),
    )


class SellerForm(forms.Form):
    """Authorises a seller."""

    name = forms.CharField(label=_("Shop name"), required=False)
    external_id = forms.CharField(
        label=_("Seller id"), required=False, help_text=_("As the marketplace knows the seller.")
    )
    marketplace = forms.ModelChoiceField(
        label=_("Marketplace"),
        queryset=Marketplace.objects.order_by("name"),
        to_field_name="uuid",
        required=False,
        empty_label=_("Every marketplace"),
    )


class _TermForm(forms.Form):
    valid_from = forms.DateField(label=_("Valid from"), widget=DateInput)
    valid_to = forms.DateField(
        label=_("Valid to"), widget=DateInput, help_text=_("The last day on which it holds.")
    )
    document = forms.FileField(
        label=_("Document"),
        widget=forms.FileInput(
            attrs={
                "accept": _DOCUMENT_TYPES,
                "data-max-bytes": DOCUMENT_MAX_BYTES,
                "data-too-large": _("This file is too large: at most 20 MB."),
            }
        ),
        help_text=_("PDF, PNG or JPEG, at most 20 MB."),
    )

    def __init__(self, *args: Any, again: bool = False, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if again:
            self.fields["document"].required = False
            self.fields["document"].help_text = _("Leave empty to keep the one you sent.")

    def clean_document(self) -> Any:
        """Refuse a file by its size before it is read into memory."""
        file = self.cleaned_data["document"]
        if file is not None and (file.size or 0) > DOCUMENT_MAX_BYTES:
            raise forms.ValidationError(
                _("This file is too large: at most %(megabytes)d MB."),
                code="too_large",
                params={"megabytes": DOCUMENT_MAX_BYTES // (1024 * 1024)},
            )
        return file

    def uploaded(self) -> Document | None:
        """Return the uploaded document."""
        file = self.cleaned_data["document"]
        return None if file is None else Document(file.read(), file.name)


class RegistrationForm(_TermForm):
    """Submits a registration."""

    kind = forms.ChoiceField(label=_("Kind of right"), choices=RegistrationModel.Kind.choices)
    jurisdiction = forms.CharField(
        label=_("Jurisdiction"), help_text=_("Country code such as CN, or EU, or WO.")
    )
    number = forms.CharField(label=_("Registration number"))
    nice_classes = forms.CharField(
        label=_("Nice classes"), required=False, help_text=_("Numbers parted by commas: 18, 25.")
    )
    owner_name = forms.CharField(label=_("Owner as registered"))
    mark_text = forms.CharField(
        label=_("Mark as registered"),
        required=False,
        help_text=_("The words of the mark. Brand names that say the same are covered by it."),
    )
    brands = forms.ModelMultipleChoiceField(
        label=_("Brands it protects"), queryset=Brand.objects.none(), to_field_name="uuid"
    )
    field_order = (
        "kind", "jurisdiction", "number", "owner_name", "mark_text", "nice_classes", "valid_from",
        "valid_to", "brands", "document",
    )  # fmt: skip

    def __init__(self, *args: Any, brands: QuerySet[Brand], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["brands"]
        if isinstance(field, forms.ModelMultipleChoiceField):
            if brands.count() <= _TICKABLE:
                field.widget = forms.CheckboxSelectMultiple()
            field.queryset = brands.order_by("name")

    def clean_nice_classes(self) -> list[int]:
        """Read the numbers."""
        parts = str(self.cleaned_data["nice_classes"]).replace("，", ",").replace(",", " ").split()
        if not all(part.isascii() and part.isdigit() and len(part) < 4 for part in parts):
            raise forms.ValidationError(_("Write numbers parted by commas."), code="not_numbers")
        return [int(part) for part in parts]

    def declared(self) -> RegistrationFacts:
        """Return the facts."""
        names = (
            "kind", "jurisdiction", "number", "owner_name", "valid_from", "valid_to",
            "nice_classes", "mark_text",
        )  # fmt: skip
        return RegistrationFacts(**{name: self.cleaned_data[name] for name in names})

    @staticmethod
    def of(row: RegistrationModel) -> dict[str, Any]:
        """Return the form's initial values for a submitted registration."""
        return {
            "kind": row.kind,
            "jurisdiction": row.jurisdiction,
            "number": row.number,
            "owner_name": row.owner_name,
            "mark_text": row.mark_text,
            "nice_classes": ", ".join(str(number) for number in row.nice_classes),
            "valid_from": row.valid_from,
            "valid_to": row.valid_to,
            "brands": list(row.brands.all()),
        }


class _LetterTerms(_TermForm):
    scope = forms.MultipleChoiceField(
        label=_("What the agent may do"),
        choices=Mandate.Act.choices,
        widget=forms.CheckboxSelectMultiple,
        required=False,
        help_text=_("Nothing ticked: everything an agent can do."),
    )
    brands = forms.ModelMultipleChoiceField(
        label=_("Only for these brands"),
        queryset=Brand.objects.none(),
        to_field_name="uuid",
        required=False,
        help_text=_("Nothing chosen: every brand of the rights holder."),
    )

    def limit_to(self, brands: QuerySet[Brand]) -> None:
        """Offer the brands, or no choice where there are none to offer."""
        field = self.fields["brands"]
        if not isinstance(field, forms.ModelMultipleChoiceField) or not brands:
            del self.fields["brands"]
            return
        if len(brands) <= _TICKABLE:
            field.widget = forms.CheckboxSelectMultiple()
        field.queryset = brands.order_by("name")

    def declared(self) -> LetterFacts:
        """Return the facts."""
        return LetterFacts(
            valid_from=self.cleaned_data["valid_from"],
            valid_to=self.cleaned_data["valid_to"],
            scope=self.cleaned_data["scope"],
            brands=list(self.cleaned_data.get("brands") or []),
        )

    @staticmethod
    def of(row: LetterOfAuthorisation) -> dict[str, Any]:
        """Return the form's initial values for a submitted letter."""
        return {
            "valid_from": row.valid_from,
            "valid_to": row.valid_to,
            "scope": row.scope,
            "brands": list(row.brands.all()),
        }


class LetterForm(_LetterTerms):
    """Submits a letter of authorisation."""

    other_party = forms.CharField()
    field_order = ("other_party", "valid_from", "valid_to", "scope", "brands", "document")

    def __init__(self, *args: Any, by_agent: bool, brands: QuerySet[Brand], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["other_party"]
        field.label = _("Rights holder") if by_agent else _("Agent")
        field.help_text = _("Its registered name, exactly as it registered here.")
        self.limit_to(brands)


class LetterAgainForm(_LetterTerms):
    """Submits a letter again."""

    field_order = ("valid_from", "valid_to", "scope", "brands", "document")

    def __init__(self, *args: Any, brands: QuerySet[Brand], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.limit_to(brands)
