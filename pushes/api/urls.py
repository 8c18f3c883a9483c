"""API addresses of the pushes room."""

from django.urls import path

from pushes.api import links, listings, screenings, self_reports

urlpatterns = [
    path("links", links.LinkList.as_view(), name="api-links"),
    path("links/<uuid:uuid>", links.LinkDetail.as_view(), name="api-link"),
    path("links/<uuid:uuid>/verdict", links.LinkVerdict.as_view(), name="api-link-verdict"),
    path(
        "links/<uuid:uuid>/appraisals", links.LinkAppraisals.as_view(), name="api-link-appraisals"
    ),
    path("self-reports", self_reports.SelfReports.as_view(), name="api-self-reports"),
    path("listings", listings.ListingsView.as_view(), name="api-listings"),
    path("listings/gone", listings.GoneView.as_view(), name="api-listings-gone"),
    path("screenings", screenings.ScreeningsView.as_view(), name="api-screenings"),
]
