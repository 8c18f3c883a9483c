"""In which zone a person's days begin and moments are shown to them."""

from zoneinfo import ZoneInfo, available_timezones

from portal.core.models import Member, Organisation


def zone_for(member: Member, organisation: Organisation) -> ZoneInfo:
    """The user's own zone; while they chose none (UTC), that of the organisation."""
    own = member.user.zone
    zone = organisation.zone if own == "UTC" else own
    return ZoneInfo(zone if zone in available_timezones() else "UTC")
