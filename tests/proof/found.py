"""What a run found to be wrong: it ends the run and says how to see it again."""

from collections.abc import Iterable

MOST_LINES = 60


class Found(AssertionError):
    """A guarantee that did not hold, told compactly, with the seed of the run."""

    def __init__(self, seed: str, what: str, lines: Iterable[object]) -> None:
        told = [str(line) for line in lines]
        more = [f"... and {len(told) - MOST_LINES} more"] if len(told) > MOST_LINES else []
        super().__init__("\n".join([f"seed {seed}: {what}", *told[:MOST_LINES], *more]))
