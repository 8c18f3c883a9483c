"""Addresses. Upper apps are named by string, so that nothing here imports them."""

from django.contrib import admin
from django.urls import include, path
from drf_spectacular.views import SpectacularAPIView, SpectacularSwaggerSplitView

from portal.core.web import live, shell
from portal.figures import transparency_views

urlpatterns = [
    path("", shell.home, name="home"),
    path("healthz", shell.healthz, name="healthz"),
    path("preferences/", shell.preferences, name="preferences"),
    path("live/", live.stream, name="live"),
    path("live/since", live.since, name="live-since"),
    path("accounts/", include("allauth.urls")),
    path("organisation/", include("portal.core.urls")),
    path("figures/", include("portal.figures.urls")),
    path("transparency/", transparency_views.page, name="transparency"),
    path("transparency.csv", transparency_views.as_csv, name="transparency_csv"),
    path("transparency.json", transparency_views.as_json, name="transparency_json"),
    path("registry/", include("brands.urls")),
    path("", include("pushes.urls")),
    path("complaints/", include("complaints.urls")),
    path("api/v1/", include("brands.api.urls")),
    path("api/v1/", include("pushes.api.urls")),
    path("api/v1/", include("complaints.api.urls")),
    path("api/schema/", SpectacularAPIView.as_view(), name="schema"),
    path("api/docs/", SpectacularSwaggerSplitView.as_view(url_name="schema"), name="api-docs"),
    path("staff/", admin.site.urls),
]
