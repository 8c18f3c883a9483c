"""Compare-and-set state machines.

A state changes only through ``move``: the row is updated where it still has the expected state,
and the loser of a race gets ``StaleState``. The move and its journal entry are one act.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db.models import Model
from django.utils.translation import gettext_lazy as _

from portal.core import journal
from portal.core.actors import Actor
from portal.core.errors import StaleState


@dataclass(frozen=True)
class Machine:
    """A declared transition table: state → states it may move to."""

    name: str
    table: Mapping[str, frozenset[str]] = field(default_factory=dict)

    @property
    def states(self) -> frozenset[str]:
        """Every state named in the table."""
        return frozenset(self.table).union(*self.table.values())

    def allows(self, source: str, target: str) -> bool:
        """Whether the table has this move."""
        return target in self.table.get(source, frozenset())


def machine(name: str, **table: str) -> Machine:
    """Declare a machine: ``machine("order", queued="sent", sent="acknowledged failed")``."""
    return Machine(name, {source: frozenset(targets.split()) for source, targets in table.items()})


_machines: dict[type[Model], Machine] = {}


def govern(model: type[Model], states: Machine) -> None:
    """Bind a model's ``state`` column to its machine."""
    _machines[model] = states


def machine_of(model: type[Model]) -> Machine:
    """Return the machine bound to the model; ``KeyError`` if none is."""
    return _machines[model]


def move(
    obj: Model,
    to: str,
    *,
    actor: Actor,
    now: datetime,
    data: Mapping[str, Any] | None = None,
    changes: Mapping[str, Any] | None = None,
) -> None:
    """Move ``obj`` from the state it was loaded with to ``to``; write ``changes`` with it.

    Raises ``StaleState`` when the table forbids the move or when somebody else was first. The
    journal gets ``<machine>.<to>`` with ``data`` plus the state left.
    """
    states = machine_of(type(obj))
    source: str = obj.state  # type: ignore[attr-defined]  # every governed model has the column
    if not states.allows(source, to):
        raise StaleState(
            "move_not_allowed",
            _("This is already “%(state)s” and cannot become “%(to)s”.")
            % {"state": _label(obj, source), "to": _label(obj, to)},
        )
    written = {"state": to, **(changes or {})}
    manager = type(obj)._default_manager
    if manager.filter(pk=obj.pk, state=source).update(**written) == 0:
        raise StaleState("moved_meanwhile", _("Somebody else changed this first. Reload the page."))
    for name, value in written.items():
        setattr(obj, name, value)
    journal.record(
        f"{states.name}.{to}", obj, actor=actor, now=now, data={**(data or {}), "from": source}
    )


def _label(obj: Model, state: str) -> str:
    choices = getattr(obj._meta.get_field("state"), "choices", None) or []
    return str(dict(choices).get(state, state))
