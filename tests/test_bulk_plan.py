"""Which rows of a file go together: dependent ones one after another, all others as many as a transaction takes."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared import contract
from shared.bulk import plan
from shared.bulk.plan import ROWS_PER_LANE, ROWS_PER_STEP
from shared.contract import loads

pytestmark = pytest.mark.files

GROUPS = (("id",), ("act", "taxpayer"))
ROWS = st.lists(st.tuples(st.integers(0, 60), st.integers(0, 20), st.integers(0, 2)), max_size=300)


def sets_of(rows: list[tuple[int, int, int]]) -> list[int]:
    """The sets of rows of (id, act, taxpayer)."""
    dependencies = plan.Dependencies(GROUPS)
    for identity, act, taxpayer in rows:
        dependencies.add({"id": identity, "act": f"A{act}", "taxpayer": f"T{taxpayer}"})
    return dependencies.sets()


@given(ROWS)
def test_rows_that_share_an_id_or_an_act_are_of_one_set(rows: list[tuple[int, int, int]]) -> None:
    """Directly or by way of other rows, and no row is of the set of another that it has nothing to do with."""
    reached = list(range(len(rows)))  # by brute force: spread the smallest number until nothing changes
    changed = True
    while changed:
        changed = False
        for one, first in enumerate(rows):
            for other, second in enumerate(rows):
                if (first[0] == second[0] or first[1:] == second[1:]) and reached[one] > reached[other]:
                    reached[one], changed = reached[other], True
    sets = sets_of(rows)
    assert len({*zip(sets, reached, strict=True)}) == len({*sets}) == len({*reached})


@given(ROWS)
def test_every_row_is_done_once_and_after_what_it_depends_on(rows: list[tuple[int, int, int]]) -> None:
    """Each row is in one step of one lane; in a step are no two of a set, and a set keeps the file's order."""
    sets = sets_of(rows)
    done: list[int] = []
    for lane in plan.lanes(sets):
        for step in plan.steps(lane, sets):
            assert 0 < len(step) <= ROWS_PER_STEP
            assert len({sets[row] for row in step}) == len(step)
            done.extend(step)
    assert sorted(done) == list(range(len(rows)))
    for one in set(sets):
        assert all(before < after for before, after in pairwise(row for row in done if sets[row] == one))


def test_independent_rows_fill_steps_and_lanes() -> None:
    """What depends on nothing is spread over lanes of a worker's seconds, in full transactions."""
    sets = list(range(3 * ROWS_PER_LANE))
    lanes = plan.lanes(sets)
    assert [len(lane) for lane in lanes] == [ROWS_PER_LANE] * 3
    assert {len(step) for lane in lanes for step in plan.steps(lane, sets)} == {ROWS_PER_STEP}


def test_a_long_set_is_one_lane_of_many_steps() -> None:
    """A hundred payments of one liquidation are made one after another, whatever else the lane holds."""
    sets = [0] * 100 + list(range(100, 200))
    [lane] = plan.lanes(sets)
    steps = plan.steps(lane, sets)
    assert len(steps) == 100
    assert [row for step in steps for row in step if row < 100] == list(range(100))


def test_every_file_of_the_contract_says_what_its_rows_depend_on() -> None:
    """What makes rows depend on one another are parameters that a row has, its identity first of all."""
    assert loads.files()
    for file in loads.files().values():
        names = {each.name for each in contract.operation(file.registers).fields}
        assert {name for group in file.depends_on for name in group} <= names
        assert any(set(group) <= set(file.identity) for group in file.depends_on)
