"""What this room does when the journal says something happened, and its navigation."""

from django.utils.translation import gettext_lazy as _

from brands.models import Characteristic
from brands.services import catalogue_undo
from portal.core import events
from portal.core.models import JournalEntry, Organisation
from portal.core.policies import Permission
from portal.core.web import navigation
from portal.core.web.navigation import Entry
from pushes.services import brought_links, links, registry

# Every verb after which the engine must know something new. Characteristics that wait or were
# refused were never in force.
FACT_VERBS = (
    "brand.registered",
    "brand.changed",
    "brand_name.added",
    "brand_name.changed",
    "brand_name.in_force",
    "brand_name.refused",
    "brand_name.removed",
    "product_model.registered",
    "product_model.changed",
    "product_model.removed",
    "characteristic.changed",
    "characteristic.removed",
    "brand.removed",
    *(f"characteristic.{state}" for state in Characteristic.State.values),
    "authorised_seller.added",
    "authorised_seller.removed",
    # A brand is matched while a registration of it is approved.
    *(f"credential.{state}" for state in ("approved", "suspended", "revoked", "expired")),
    "exchange_rate.set",
)
CALENDAR_VERBS = ("calendar.override_set", "calendar.override_removed", "calendar.year_set")
_BRAND_SIDE = frozenset({Organisation.Kind.RIGHTS_HOLDER, Organisation.Kind.AGENT})
_PLATFORM = frozenset({Organisation.Kind.PLATFORM})


def register_all() -> None:
    """Subscribe to the journal and add navigation entries."""
    catalogue_undo.count_evidence(brought_links.links_brought_by)
    events.subscribe("pushes.registry", registry.note_change, FACT_VERBS)
    events.subscribe("pushes.deadlines", follow_calendar, CALENDAR_VERBS)
    for kinds, order in ((_BRAND_SIDE, 10), (_PLATFORM, 30)):
        navigation.add(
            Entry(
                label=_("Suspected links"),
                url_name="pushes:links",
                icon="inbox",
                permission=Permission.VIEW_LINKS,
                order=order,
                kinds=kinds,
            )
        )
    navigation.add(
        Entry(
            label=_("Suggestions"),
            url_name="pushes:suggestions",
            icon="sparkles",
            permission=Permission.JUDGE_LINKS,
            order=15,
            kinds=_BRAND_SIDE,
        )
    )
    navigation.add(
        Entry(
            label=_("Conflicts"),
            url_name="pushes:conflicts",
            icon="scale",
            permission=Permission.DECIDE_COMPLAINT,
            order=35,
            kinds=_PLATFORM,
        )
    )
    navigation.add(
        Entry(
            label=_("Rules"),
            url_name="pushes:rulesets",
            icon="sliders-horizontal",
            permission=Permission.TUNE_RULES,
            order=40,
            kinds=_PLATFORM,
        )
    )


def follow_calendar(entry: JournalEntry) -> None:
    """Recompute open deadlines after a calendar was corrected."""
    links.recompute_deadlines(country=str(entry.data["country"]), now=entry.at)
