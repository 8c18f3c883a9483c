"""In which zone a person's days begin and moments are shown to them."""

from functools import cache
from zoneinfo import ZoneInfo, available_timezones

from portal.core.models import Member, Organisation


@cache
def known_zones() -> frozenset[str]:
    """Names of all time zones. Finding them reads some six hundred files, so it is done once."""
    return frozenset(available_timezones())


def zone_for(member: Member, organisation: Organisation) -> ZoneInfo:
    """The user's own zone; while they chose none (UTC), that of the organisation."""
    own = member.user.zone
    zone = organisation.zone if own == "UTC" else own
    return ZoneInfo(zone if zone in known_zones() else "UTC")
