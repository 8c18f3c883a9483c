"""Borders that import-linter cannot see."""

import ast
from pathlib import Path

import pytest
from django.apps import apps

ROOT = Path(__file__).resolve().parents[2]
FLOORS = ("portal", "brands", "pushes", "complaints")


def room_of(module: str) -> int:
    return FLOORS.index(module.split(".", maxsplit=1)[0])


def our_models():
    return [m for m in apps.get_models() if m.__module__.split(".")[0] in FLOORS]


@pytest.mark.parametrize("model", our_models(), ids=lambda m: m._meta.label)
def test_foreign_keys_point_down(model):
    for field in model._meta.get_fields():
        target = field.related_model
        if not field.concrete or not isinstance(target, type):
            continue
        if target.__module__.split(".")[0] in FLOORS:
            assert room_of(target.__module__) <= room_of(model.__module__), field


def sources(pattern: str) -> list[Path]:
    return [p for floor in FLOORS for p in (ROOT / floor).glob(pattern)]


def test_services_send_nothing_to_the_queue():
    """Work leaves through the outbox or a work table, so that a lost message loses nothing."""
    for path in sources("services/**/*.py"):
        calls = {
            n.attr for n in ast.walk(ast.parse(path.read_text())) if isinstance(n, ast.Attribute)
        }
        assert not calls & {"delay", "apply_async", "send_task"}, path


def test_states_are_written_by_the_state_machine_only():
    """``obj.state = …`` would skip the compare-and-set and the journal."""
    allowed = {"jobs.py", "outbox.py", "states.py"}
    for path in sources("**/*.py"):
        if path.name in allowed or "migrations" in path.parts or "matching" in path.parts:
            continue
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Assign):
                targets = [t.attr for t in node.targets if isinstance(t, ast.Attribute)]
                assert "state" not in targets, f"{path}:{node.lineno}"


def test_logic_does_not_read_the_clock():
    """Services, selectors and policies are given ``now``; only their callers ask the clock.

    Outbox handlers are such callers, as tasks are, and stand beside the service they serve. The
    engine's cache asks for nothing but the date of the first ruleset ever.
    """
    exempt = {
        "brands/services/documents.py",
        "pushes/services/images.py",
        "complaints/services/orders.py",
        "complaints/services/hearing_handlers.py",
        "complaints/services/statement_export.py",
        "pushes/services/registry.py",
    }
    for pattern in ("services/**/*.py", "selectors.py", "policies.py", "states.py"):
        for path in sources(pattern):
            if str(path.relative_to(ROOT)) in exempt:
                continue
            text = path.read_text()
            for call in ("timezone.now(", "datetime.now(", "date.today("):
                assert call not in text, path


def test_templates_keep_the_strict_policy():
    for path in [*ROOT.glob("*/templates/**/*.html"), *ROOT.glob("portal/templates/**/*.html")]:
        text = path.read_text()
        if path.parent.name == "mail":
            # Read in mail programs, which load no style sheet and know no policy of ours.
            text = text.replace("<style>", "")
        for forbidden in (" style=", " onclick=", " onchange=", " onsubmit=", "<script>", "<style"):
            assert forbidden not in text, f"{path}: {forbidden}"
        for scheme in ('src="http', 'href="http'):
            assert scheme not in text, f"{path}: {scheme}"
