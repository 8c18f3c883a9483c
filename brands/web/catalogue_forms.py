"""Forms of the catalogue import: the upload, what the columns mean, another way of reading."""

from typing import Any

from django import forms
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from brands.models import Brand, CatalogueImport
from brands.services import catalogue, catalogue_columns

COLUMN = "column_"


class UploadForm(forms.Form):
    """Uploads a catalogue or a registry file."""

    what = forms.ChoiceField(
        label=_("What are the rows?"),
        choices=CatalogueImport.What.choices,
        widget=forms.RadioSelect,
        initial=CatalogueImport.What.PRODUCT_MODEL,
    )
    brand = forms.ModelChoiceField(
        label=_("Brand of every row"),
        queryset=Brand.objects.none(),
        to_field_name="uuid",
        required=False,
        empty_label=_("A column of the file says it"),
    )
    file = forms.FileField(
        label=_("File"),
        widget=forms.FileInput(attrs={"accept": ".xlsx,.csv,.tsv,.txt,.json"}),
        help_text=_("XLSX or CSV, up to 50 MB and 100,000 rows; or a registry as JSON."),
    )

    def __init__(self, *args: Any, brands: QuerySet[Brand], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["brand"]
        if isinstance(field, forms.ModelChoiceField):
            field.queryset = brands.order_by("name")


class MappingForm(forms.Form):
    """Says what each column of the file is; a column without a meaning is left out."""

    def __init__(self, *args: Any, source: CatalogueImport, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        offered = [
            (field.name, field.label)
            for field in catalogue_columns.fields_of(source.what)
            if not (source.brand_id is not None and field.name == "brand")
        ]
        for index, heading in enumerate(source.layout["columns"]):
            self.fields[f"{COLUMN}{index}"] = forms.ChoiceField(
                label=heading or str(index + 1),
                choices=[("", _("Leave out")), *offered],
                required=False,
                initial=source.mapping.get(str(index), ""),
            )

    def chosen(self) -> dict[int, str]:
        """Return our field of each column that is not left out."""
        return {
            int(name.removeprefix(COLUMN)): value
            for name, value in self.cleaned_data.items()
            if value
        }


class ReadAgainForm(forms.Form):
    """Reads the file with another encoding, or from another sheet."""

    encoding = forms.ChoiceField(
        label=_("Encoding"),
        required=False,
        choices=[(name, name.upper().replace("_", "-")) for name in catalogue.ENCODINGS],
    )
    sheet = forms.ChoiceField(label=_("Sheet"), required=False)

    def __init__(self, *args: Any, source: CatalogueImport, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        layout = source.layout
        sheets = self.fields["sheet"]
        if layout["format"] == "csv":
            del self.fields["sheet"]
            self.fields["encoding"].initial = layout["encoding"]
        else:
            del self.fields["encoding"]
            if isinstance(sheets, forms.ChoiceField):
                sheets.choices = [(name, name) for name in layout["sheets"]]
                sheets.initial = layout["sheet"]
