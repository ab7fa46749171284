"""Whether a history of calls at once can be told as calls one after the other (linearizability).

Wing and Gong's search with Lowe's memory: an event may come next if no other that is still to come had returned before
it was called; what has been told and the state it led to are never looked at twice.
"""

import math
from collections.abc import Hashable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from tests.proof.calls import Answer, Call
from tests.proof.model import State, step

NEVER = math.inf


@dataclass(frozen=True)
class Event:
    """A call, when it was made and when it returned (ticks of one clock), and its answer.

    Without an answer, its outcome unknown, it may have taken effect at any time after it was made, or not at all.
    """

    name: Hashable
    call: Call
    called: float
    returned: float = NEVER
    answer: Answer | None = None

    def __str__(self) -> str:
        answer = "unknown" if self.answer is None else str(self.answer)
        return f"{self.name} [{self.called:g}, {self.returned:g}] {self.call} -> {answer}"


class Verdict(NamedTuple):
    """Whether the history holds, and an order that tells it, or the longest one that could be told."""

    holds: bool
    order: tuple[Hashable, ...]


def check(events: Sequence[Event], start: State, end: State | None = None) -> Verdict:
    """Find an order that explains every answer and, if given, the state in which everything ended."""
    must = sum(1 << place for place, event in enumerate(events) if event.answer is not None)
    longest: tuple[Hashable, ...] = ()
    seen: set[tuple[int, frozenset[Any]]] = set()
    # Depth first: what has been told (as bits, and in order), the state it led to, and what could come next.
    path = [(0, start, longest, _next(events, 0, start))]
    while path:
        told, state, order, choices = path[-1]
        longest = max(longest, order, key=len)
        if told & must == must and end in (None, state):
            return Verdict(holds=True, order=order)
        choice = next(choices, None)
        if choice is None:
            path.pop()
            continue
        place, changes = choice
        told, state, order = told | 1 << place, state | changes, (*order, events[place].name)
        if (configuration := (told, frozenset(state.items()))) not in seen:
            seen.add(configuration)
            path.append((told, state, order, _next(events, told, state)))
    return Verdict(holds=False, order=longest)


def _next(events: Sequence[Event], told: int, state: State) -> Iterator[tuple[int, State]]:
    """The events that could come next, each with what it changes."""
    left = [place for place in range(len(events)) if not told >> place & 1]
    first_return = min((events[place].returned for place in left), default=NEVER)
    effects = []
    for place in left:
        event = events[place]
        if event.called > first_return:
            continue
        answer, changes = step(state, event.call, event.name)
        if event.answer == answer and not changes:
            yield place, changes  # it changes nothing, so if any order holds, one holds that tells it now
            return
        if event.answer == answer or (event.answer is None and changes):
            effects.append((place, changes))
    yield from effects
