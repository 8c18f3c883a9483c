"""Forms of the organisation and staff pages."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from portal.core.errors import InvalidInput
from portal.core.models import ApiKey, Organisation, Role
from portal.core.services import organisations
from portal.core.zones import known_zones

_ZONE_AREAS = ("Africa/", "America/", "Asia/", "Atlantic/", "Australia/", "Europe/", "Pacific/")


def put_errors(form: forms.BaseForm, refusal: InvalidInput) -> None:
    """Show a service's field errors at the form's fields."""
    for error in refusal.errors:
        field = error.field if error.field in form.fields else None
        form.add_error(field, ValidationError(str(error.message), code=error.code))


def zone_choices() -> list[tuple[str, str]]:
    """Time zones people know by a city."""
    zones = [zone for zone in known_zones() if zone.startswith(_ZONE_AREAS)]
    return [("UTC", "UTC"), *((zone, zone.replace("_", " ")) for zone in sorted(zones))]


def country_choices() -> list[tuple[str, str]]:
    """Countries by code; the code is what certificates and calendars name."""
    return [(code, code) for code in organisations.known_countries() if len(code) == 2]


class RegisterForm(forms.Form):
    """Registers a rights holder or an agent."""

    kind = forms.ChoiceField(
        label=_("What is it?"),
        choices=[
            (Organisation.Kind.RIGHTS_HOLDER, Organisation.Kind.RIGHTS_HOLDER.label),
            (Organisation.Kind.AGENT, Organisation.Kind.AGENT.label),
        ],
    )
    name = forms.CharField(
        label=_("Registered name"),
        max_length=200,
        help_text=_("As it stands in the register of rights; auditors compare it."),
    )
    country = forms.ChoiceField(
        label=_("Country"),
        choices=country_choices,
        help_text=_("Its public holidays decide on deadlines."),
    )
    zone = forms.ChoiceField(label=_("Time zone"), choices=zone_choices)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        chinese = (get_language() or "").startswith("zh")
        self.fields["country"].initial = "CN" if chinese else "DE"
        self.fields["zone"].initial = "Asia/Shanghai" if chinese else "Europe/Berlin"


class InvitationForm(forms.Form):
    """Invites a person."""

    email = forms.EmailField(label=_("E-mail address"))
    role = forms.ChoiceField(label=_("Role"))

    def __init__(self, *args: Any, kind: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        roles = organisations.roles_of(kind)
        field = self.fields["role"]
        if isinstance(field, forms.ChoiceField):
            field.choices = [(role, Role(role).label) for role in roles]
            field.initial = roles[-1]


class KeyForm(forms.Form):
    """Makes an API key."""

    name = forms.CharField(
        label=_("Name"), max_length=80, help_text=_("What uses it, so that you can revoke it.")
    )
    scopes = forms.MultipleChoiceField(
        label=_("Scopes"),
        widget=forms.CheckboxSelectMultiple,
        choices=[s for s in ApiKey.Scope.choices if s[0] != ApiKey.Scope.LISTINGS_WRITE],
    )


class ConsentForm(forms.Form):
    """Names the association that may add up this rights holder's figures."""

    association = forms.ModelChoiceField(
        label=_("Association"),
        queryset=Organisation.objects.filter(kind=Organisation.Kind.ASSOCIATION),
        to_field_name="uuid",
    )


class MarketplaceForm(forms.Form):
    """Connects a marketplace."""

    slug = forms.SlugField(label=_("Short name"), max_length=50)
    name = forms.CharField(label=_("Name"), max_length=120)
    jurisdiction = forms.ChoiceField(label=_("Jurisdiction"), choices=country_choices)
    zone = forms.ChoiceField(label=_("Time zone"), choices=zone_choices)
    order_url = forms.URLField(
        label=_("Order address"),
        required=False,
        assume_scheme="https",
        help_text=_("Signed take-down orders are sent here."),
    )
    image_hosts = forms.CharField(
        label=_("Picture hosts"),
        required=False,
        help_text=_("Hosts from which pictures may be fetched, separated by spaces."),
    )
    listing_url = forms.CharField(
        label=_("Listing address"), required=False, help_text=_("Template with {external_id}.")
    )

    def clean_image_hosts(self) -> list[str]:
        """Split the hosts."""
        return str(self.cleaned_data["image_hosts"]).split()
