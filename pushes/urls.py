"""Addresses of the pushes room."""

from django.urls import path, re_path

from pushes.web import images, links, rules

app_name = "pushes"
urlpatterns = [
    path("links/", links.inbox, name="links"),
    path("links/new", links.new_count, name="links-new"),
    path("links/<uuid:uuid>", links.detail, name="link"),
    path("links/<uuid:uuid>/panel", links.panel, name="link-panel"),
    path("links/<uuid:uuid>/verdict", links.verdict, name="verdict"),
    path("links/<uuid:uuid>/undo", links.undo, name="verdict-undo"),
    path("rules/", rules.index, name="rulesets"),
    path("rules/retune", rules.retune, name="retune"),
    path("rules/roll-back", rules.roll_back, name="roll-back"),
    path("rules/<uuid:uuid>", rules.detail, name="ruleset"),
    path("rules/<uuid:uuid>.json", rules.export, name="ruleset-export"),
    path("rules/<uuid:uuid>/promote", rules.promote, name="ruleset-promote"),
    path("rules/<uuid:uuid>/refuse", rules.refuse, name="ruleset-refuse"),
    re_path(r"^images/(?P<sha256>[0-9a-f]{64})$", images.image, name="image"),
]
