"""Random walks over the transition tables: a hundred thousand steps, no illegal state.

The tables are held against what the law and the product allow, written down again here as
sentences about paths, so that a table that allows too much fails.
"""

import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from complaints import states
from portal.core.states import Machine

STEPS, WALKS = 1_000, 100
MACHINES = [found for found in vars(states).values() if isinstance(found, Machine)]
FINAL = {
    "complaint": {"undone", "rejected", "overturned", "retracted"},
    "order": {"acknowledged"},
    "tier_appeal": {"granted", "refused", "withdrawn"},
    "sampled_review": {"agreed", "corrected", "upheld"},
    "consequence": {"declined", "dropped", "ended"},
    "misuse_step": {"dismissed", "ended", "lifted"},
    "misuse_appeal": {"granted", "refused"},
}
# A state that can be entered only from these.
ONLY_FROM = {
    ("complaint", "undone"): {"held"},
    ("complaint", "established"): {"filed", "under_audit", "contested"},
    ("complaint", "contested"): {"established"},
    ("complaint", "overturned"): {"contested"},
    ("complaint", "retracted"): {"established", "contested"},
    ("order", "acknowledged"): {"sent"},
    ("consequence", "ordered"): {"proposed"},
    ("consequence", "ended"): {"ordered"},
    ("misuse_step", "lifted"): {"in_force"},
}


@given(st.integers(0, 2**32))
@settings(max_examples=WALKS, deadline=None, database=None)
def test_a_walk_never_reaches_an_illegal_state(seed):
    draw = random.Random(seed)
    machine = draw.choice(MACHINES)
    everything = sorted(machine.states)
    start = next(iter(machine.table))
    state, visited = start, [start]
    for __ in range(STEPS):
        wanted = draw.choice(everything)
        if not machine.allows(state, wanted):
            continue
        assert state not in FINAL.get(machine.name, set()), f"{state} is final"
        allowed = ONLY_FROM.get((machine.name, wanted))
        assert allowed is None or state in allowed, f"{state} → {wanted}"
        state = wanted
        visited.append(state)
        if state in FINAL.get(machine.name, set()):
            state = start  # the next one of its kind
            visited = [start]
    if machine.name == "complaint" and "overturned" in visited:
        assert visited.index("established") < visited.index("overturned")


@pytest.mark.parametrize("machine", MACHINES, ids=lambda machine: machine.name)
def test_every_state_can_be_reached_and_final_ones_cannot_be_left(machine):
    reached = {next(iter(machine.table))}
    while more := set().union(*(machine.table.get(s, frozenset()) for s in reached)) - reached:
        reached |= more
    assert reached == machine.states
    for final in FINAL.get(machine.name, set()):
        assert not machine.table.get(final)


def test_the_walks_are_long_enough():
    assert STEPS * WALKS >= 100_000
