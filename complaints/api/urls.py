"""API addresses of the complaints room."""

from django.urls import path

from complaints.api import views

urlpatterns = [
    path("complaints", views.Complaints.as_view(), name="api-complaints"),
    path("complaints/<uuid:uuid>", views.ComplaintDetail.as_view(), name="api-complaint"),
    path(
        "complaints/<uuid:uuid>/evidence",
        views.ComplaintEvidence.as_view(),
        name="api-complaint-evidence",
    ),
]
