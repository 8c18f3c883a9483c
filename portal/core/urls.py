"""Addresses of organisation and staff pages."""

from django.urls import path

from portal.core.web import calendars, exports, notices, organisation, staff

app_name = "core"
urlpatterns = [
    path("", organisation.overview, name="organisation"),
    path("register/", organisation.register, name="register"),
    path("switch/", organisation.switch, name="switch"),
    path("invitations/", organisation.invite, name="invite"),
    path("invitations/<str:token>/", organisation.invitation, name="invitation"),
    path(
        "invitations/<uuid:invitation_id>/withdraw",
        organisation.withdraw_invitation,
        name="withdraw_invitation",
    ),
    path("members/<uuid:member_id>/remove", organisation.remove_member, name="remove_member"),
    path("keys/", organisation.create_key, name="create_key"),
    path("keys/<uuid:key_id>/revoke", organisation.revoke_key, name="revoke_key"),
    path("consent/", organisation.consent, name="consent"),
    path("all/", staff.organisation_list, name="organisations"),
    path("marketplaces/new/", staff.marketplace_new, name="marketplace_new"),
    path("jobs/", staff.job_list, name="jobs"),
    path("jobs/<uuid:job_id>/", staff.job_page, name="job"),
    path("jobs/<uuid:job_id>/cancel", staff.job_cancel, name="job_cancel"),
    path("jobs/<uuid:job_id>/errors.csv", staff.job_errors, name="job_errors"),
    path("calendars/", calendars.calendar_page, name="calendars"),
    path("calendars/remove", calendars.remove_day, name="remove_day"),
    path("export/", exports.page, name="export"),
    path("export/<uuid:job_id>", exports.download, name="export_file"),
    path("mail/", staff.mail_list, name="mail"),
    path("notices/", notices.notice_list, name="notices"),
    path("notices/read", notices.read_all, name="notices-read"),
    path("notifications/", notices.preferences, name="notifications"),
    path("unsubscribe/<str:token>", notices.unsubscribe, name="unsubscribe"),
]
