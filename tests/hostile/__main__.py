"""`make hostile`: the full form. `make hostile SEED=...` sends again what a run with that seed sent.

Schemathesis on the running service with every phase that applies, then the schema against the code in process.
"""

import os
import secrets
import subprocess
import sys
import tempfile
from pathlib import Path

from local import say
from tests.hostile import runner

EXAMPLES = 1700  # per operation, besides what the schema's own edges and examples give
FEWEST = 5000
FEWEST_REGISTERED = 50  # else what is right is refused before it is looked at
FIELD_EXAMPLES = 3000  # bodies per operation, without a server


def main(seed: int) -> int:
    """Run both and give the exit status."""
    say(f"Seed: {seed}")
    with tempfile.TemporaryDirectory() as folder:
        outcome = runner.run(Path(folder), seed, "examples,coverage,fuzzing", EXAMPLES, shown=True)
    fields = subprocess.run(
        [sys.executable, "-m", "pytest", "tests/test_hostile_fields.py", "-v", f"--hypothesis-seed={seed}"],
        env=os.environ | {"HOSTILE_EXAMPLES": str(FIELD_EXAMPLES)},
        check=False,
    )
    wrong = [
        *(["Schemathesis found failures"] if outcome.status else []),
        *([f"only {outcome.cases} cases"] if outcome.cases < FEWEST else []),
        *(["few right ones registered"] if outcome.accepted < FEWEST_REGISTERED else []),
        *([f"in the log: {sorted(outcome.leaked)}"] if outcome.leaked else []),
        *(["schema and code differ"] if fields.returncode else []),
    ]
    say(f"{outcome.cases} requests, {outcome.accepted} right ones registered; {'; '.join(wrong) or 'nothing found'}.")
    say(f"Again: make hostile SEED={seed}")
    return int(bool(wrong))


if __name__ == "__main__":
    sys.exit(main(int(sys.argv[1]) if sys.argv[1:] else secrets.randbelow(2**32)))
