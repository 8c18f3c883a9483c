"""Addresses of the pushes room."""

from django.urls import path, re_path

from pushes.web import (
    bulk,
    desk,
    dry_runs,
    images,
    links,
    policy,
    preferences,
    previews,
    rules,
    views,
)

app_name = "pushes"
urlpatterns = [
    path("links/", desk.inbox, name="links"),
    path("links/rows", desk.rows, name="link-rows"),
    path("links/toasts", desk.toasts, name="links-toasts"),
    path("links/claim", links.claim, name="claim"),
    path("links/verdicts", bulk.verdicts, name="verdicts"),
    path("links/undo", bulk.undo, name="verdicts-undo"),
    path("links/keys", preferences.keys_page, name="keys"),
    path("links/policy", policy.policy_page, name="policy"),
    path("links/conflicts/", policy.conflict_list, name="conflicts"),
    path("links/conflicts/<uuid:uuid>", policy.conflict_resolve, name="conflict-resolve"),
    path("links/views", views.save, name="view-save"),
    path("links/views/<uuid:uuid>/remove", views.remove, name="view-remove"),
    path("links/<uuid:uuid>", desk.detail, name="link"),
    path("links/<uuid:uuid>/pane", desk.fragment, name="link-pane"),
    path("links/<uuid:uuid>/panel", links.panel, name="link-panel"),
    path("links/<uuid:uuid>/similar", desk.similar, name="link-similar"),
    path("links/<uuid:uuid>/versions", desk.versions, name="link-versions"),
    path("links/<uuid:uuid>/verdict", links.verdict, name="verdict"),
    path("links/<uuid:uuid>/undo", links.undo, name="verdict-undo"),
    path("links/<uuid:uuid>/assign", links.assign, name="assign"),
    path("links/<uuid:uuid>/note", links.note, name="note"),
    path("rules/dry-run/<uuid:uuid>", dry_runs.page, name="dry-run"),
    path("rules/preview/<uuid:uuid>/<slug:kind>", previews.mark, name="mark-preview"),
    path("rules/", rules.index, name="rulesets"),
    path("rules/retune", rules.retune, name="retune"),
    path("rules/roll-back", rules.roll_back, name="roll-back"),
    path("rules/<uuid:uuid>", rules.detail, name="ruleset"),
    path("rules/<uuid:uuid>.json", rules.export, name="ruleset-export"),
    path("rules/<uuid:uuid>/promote", rules.promote, name="ruleset-promote"),
    path("rules/<uuid:uuid>/refuse", rules.refuse, name="ruleset-refuse"),
    re_path(r"^images/(?P<sha256>[0-9a-f]{64})$", images.image, name="image"),
]
