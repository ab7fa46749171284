"""How far the proof is: one line that changes on a terminal, plain lines elsewhere; and what came of it."""

import shutil
import sys
import time
from collections.abc import Mapping

from tests.proof.jobs import Result

STEP = 0.25  # of a job, between two plain lines


def say(text: str, end: str = "\n") -> None:
    """Tell the person at the terminal."""
    sys.stdout.write(text + end)
    sys.stdout.flush()


class Display:
    """Told of each job's progress and end, by the job's name."""

    def __init__(self, goals: Mapping[str, int]) -> None:
        self._goals = goals
        self._started = time.monotonic()
        self._counts: dict[str, int] = {}
        self._said: dict[str, float] = {}
        self._ended: set[str] = set()
        self._is_terminal = sys.stdout.isatty()

    def progress(self, name: str, count: int) -> None:
        """A job has come so far."""
        self._counts[name] = count
        if self._is_terminal:
            self._draw()
        elif count / self._goals[name] >= self._said.get(name, 0) + STEP:
            self._said[name] = count / self._goals[name]
            self._say(f"{name} {self._far(name)}")

    def ended(self, name: str, result: Result) -> None:
        """A job is over."""
        self._ended.add(name)
        outcome = "FAILED" if result.wrong else result.figures
        self._say(f"{name}: {outcome} ({result.seconds:.0f} s)")

    def summary(self, results: Mapping[str, Result]) -> str:
        """What came of it, job by job, and what is wrong."""
        took = time.monotonic() - self._started
        width = max(map(len, results))
        lines = [
            f"\nIn {took / 60:.1f} minutes:",
            *(f"  {name:{width}}  {result.figures or 'FAILED'}" for name, result in sorted(results.items())),
        ]
        lines += [f"\n{name} failed: {result.wrong}" for name, result in sorted(results.items()) if result.wrong]
        return "\n".join(lines)

    def _draw(self) -> None:
        under_way = [f"{name} {self._far(name)}" for name in self._counts if name not in self._ended]
        seconds = time.monotonic() - self._started
        line = " · ".join([f"{len(self._ended)}/{len(self._goals)} done", *under_way, f"{seconds:.0f} s"])
        say(f"\r\033[K{line[: shutil.get_terminal_size().columns - 1]}", end="")

    def _far(self, name: str) -> str:
        return f"{self._counts[name]:,}/{self._goals[name]:,}"

    def _say(self, line: str) -> None:
        say(f"\r\033[K{line}" if self._is_terminal else line)
