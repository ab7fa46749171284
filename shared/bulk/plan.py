"""Which rows of a file are registered together: lanes for workers in parallel, each of steps one after the other.

Rows that depend on one another stand in one lane, in different steps, in the file's order.
"""

from collections.abc import Mapping, Sequence
from hashlib import blake2b

ROWS_PER_STEP = 24  # a transaction takes 100 writes: four for a row at most, and those that tell the progress
ROWS_PER_LANE = 1200  # a lane is a message: seconds of work for a worker


class Dependencies:
    """Finds the rows that depend on one another, directly or by way of others (disjoint sets)."""

    def __init__(self, groups: Sequence[Sequence[str]]) -> None:
        self._groups = groups
        self._parents: list[int] = []
        self._first: dict[bytes, int] = {}

    def add(self, values: Mapping[str, str | int]) -> None:
        """The next row, by its parameters; what rows share is kept as a hash, the same in every process."""
        row = len(self._parents)
        self._parents.append(row)
        for number, group in enumerate(self._groups):
            shared = repr((number, *(values.get(name) for name in group)))
            key = blake2b(shared.encode(), digest_size=12).digest()
            first = self._root(self._first.setdefault(key, row))
            self._parents[self._root(row)] = first

    def sets(self) -> list[int]:
        """For each row, in order, a number that the rows of its set share."""
        return [self._root(row) for row in range(len(self._parents))]

    def _root(self, row: int) -> int:
        while self._parents[row] != row:
            self._parents[row] = self._parents[self._parents[row]]
            row = self._parents[row]
        return row


def lanes(sets: Sequence[int]) -> list[list[int]]:
    """The rows (as positions) of each lane, in the file's order. A set is never divided, however long."""
    sizes: dict[int, int] = {}
    for each in sets:
        sizes[each] = sizes.get(each, 0) + 1
    found: list[list[int]] = []
    lane_of: dict[int, int] = {}
    room = 0
    for row, each in enumerate(sets):
        if each not in lane_of:
            if room <= 0:
                found.append([])
                room = ROWS_PER_LANE
            lane_of[each] = len(found) - 1
            room -= sizes[each]
        found[lane_of[each]].append(row)
    return found


def steps(lane: Sequence[int], sets: Sequence[int]) -> list[list[int]]:
    """The rows of each step of a lane: none depends on another of its step, or on one of a later step."""
    found: list[list[int]] = []
    earliest: dict[int, int] = {}
    first_with_room = 0
    for row in lane:
        step = max(earliest.get(sets[row], 0), first_with_room)
        while step < len(found) and len(found[step]) == ROWS_PER_STEP:
            step += 1
        if step == len(found):
            found.append([])
        found[step].append(row)
        earliest[sets[row]] = step + 1
        while first_with_room < len(found) and len(found[first_with_room]) == ROWS_PER_STEP:
            first_with_room += 1
    return found
