"""The proof in full, cut into jobs of some minutes each: what `make prove` runs, two at a time."""

import dataclasses
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from tests.proof import changes, faults, histories, kills, machine, mixes

Progress = Callable[[int], None]
RUNS, WRITES, ENGINE_KILLS, SERVER_KILLS, EXAMPLES, LATE_WRITES = 100, 10_000, 50, 20, 400, 1_000


@dataclass(frozen=True)
class Job:
    """A part of the proof: given a seed and whom to tell how far it is, it gives its figures or raises.

    `goal` is what it counts up to.
    """

    prove: Callable[[str, Progress], Any]
    goal: int


@dataclass(frozen=True)
class Result:
    """How a job ended: its figures, or what is wrong."""

    figures: str
    wrong: str | None
    seconds: float


def _jobs() -> Iterator[tuple[str, Job]]:
    for mix in mixes.MIXES:
        yield f"faults/{mix.replace(' ', '-')}", Job(_under(mix), WRITES)
    for part in "ab":
        yield f"histories/{part}", Job(lambda seed, told: histories.prove(seed, RUNS, told), RUNS)
        yield f"model/{part}", Job(lambda seed, told: machine.prove(seed, EXAMPLES, told), EXAMPLES)
    yield "kills/server", Job(lambda seed, told: kills.prove_server(seed, SERVER_KILLS, told), SERVER_KILLS)
    yield "kills/engine", Job(lambda seed, told: kills.prove_engine(seed, ENGINE_KILLS, told), ENGINE_KILLS)
    yield "changes", Job(lambda seed, told: changes.prove(seed, LATE_WRITES, told), LATE_WRITES)
    yield "faults/time-limit", Job(faults.prove_time_limit, faults.LATE_CALLS)


def _under(mix: str) -> Callable[[str, Progress], Any]:
    return lambda seed, told: faults.prove(seed, mix, WRITES, told)


JOBS: Mapping[str, Job] = dict(_jobs())


def run(name: str, seed: str, progress: Progress) -> Result:
    """Run a job; whatever it raises is what is wrong."""
    started = time.monotonic()
    figures, wrong = "", None
    try:
        figures = _told(JOBS[name].prove(f"{seed}/{name}", progress))
    except Exception as error:  # noqa: BLE001 - the other jobs go on
        wrong = "\n".join([f"{type(error).__name__}: {error}", *getattr(error, "__notes__", [])])
    return Result(figures, wrong, time.monotonic() - started)


def _told(figures: Any) -> str:
    """The figures in a line; of those that are counted by kind, how many kinds there were."""
    parts = {
        name: f"{len(value)} kinds" if isinstance(value, Mapping) else f"{value:,}"
        for name, value in dataclasses.asdict(figures).items()
    }
    return ", ".join(f"{name} {value}" for name, value in parts.items())
