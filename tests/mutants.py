"""`make mutants`: change the rules and the ledger in every small way, and see which changes no test notices.

mutmut makes the changes ("mutants": a comparison turned, an argument left out, a text altered) in a copy of the project
under mutants/, and runs for each those tests of `make quick` that reach it (pyproject.toml, `tool.mutmut`). Then this
shows every mutant that none of them noticed, with its reason in tests/mutants.yaml, and how many they did notice.
Fails below LEAST, and for a survivor without reason. Given names (`shared.money.*`), it tries these again and leaves
the rest as they were.
"""

import fnmatch
import re
import shutil
import subprocess
import sys
from collections import Counter
from collections.abc import Iterable, Sequence
from pathlib import Path

import yaml

LEAST = 0.90
UNEXPLAINED = "NO REASON GIVEN"
NOTICED = {"killed", "timeout", "segfault"}
ROOT = Path(__file__).parent.parent
WORK = ROOT / "mutants"
MUTMUT = Path(sys.executable).parent / "mutmut"
REASONS = Path(__file__).parent / "mutants.yaml"


def _run(names: Sequence[str]) -> None:
    """Try the mutants. Without names everything is done anew: what an earlier run left may be of other tests."""
    if not names:
        shutil.rmtree(WORK, ignore_errors=True)
    WORK.mkdir(exist_ok=True)
    with (WORK / "run.log").open("w+") as log:
        seen = None if sys.stdout.isatty() else log  # its progress is for who looks on
        done = subprocess.run([MUTMUT, "run", *names], cwd=ROOT, check=False, stdout=seen, stderr=subprocess.STDOUT)
        if done.returncode:
            log.seek(0)
            sys.exit(f"{log.read()[-3000:]}\nmutmut failed.")


def _mutmut(*arguments: str) -> list[str]:
    done = subprocess.run([MUTMUT, *arguments], cwd=ROOT, check=True, stdout=subprocess.PIPE, text=True)
    return done.stdout.splitlines()


def _outcomes(names: Sequence[str]) -> dict[str, str]:
    """The mutants by name -> what became of each."""
    every = dict(line.strip().split(": ") for line in _mutmut("results", "--all", "true"))
    return {name: outcome for name, outcome in every.items() if any(fnmatch.fnmatch(name, each) for each in names)}


def _place(mutant: str) -> str:
    """The function that a mutant changes: `shared.money.x_pesos__mutmut_2` is one of `shared.money.pesos`."""
    module, _, mangled = mutant.rpartition(".")
    return f"{module}.{re.sub('^x_?ǁ?|__mutmut_[0-9]+$', '', mangled).replace('ǁ', '.')}"


def _change(mutant: str) -> list[str]:
    """The lines that a mutant changes, as in a diff."""
    return [line for line in _mutmut("show", mutant) if line[:1] in {"-", "+"} and line[:3] not in {"---", "+++"}]


def _in_short(change: Iterable[str]) -> str:
    """A change as tests/mutants.yaml has it: what it takes away => what it puts there, without what stays."""
    lines = list(change)
    texts = (" ".join(line[1:].strip() for line in lines if line.startswith(sign)) for sign in "-+")
    before, after = (re.findall(r"\w+|.", text) for text in texts)
    for end in (0, -1):
        while before and after and before[end] == after[end]:
            before.pop(end)
            after.pop(end)
    return f"{''.join(before)} => {''.join(after)}".strip()


def _survivors(outcomes: dict[str, str]) -> Iterable[str]:
    """What nobody noticed, each with its reason, and the reasons that nothing needs any more."""
    reasons = {
        (place, change): entry["why"]
        for entry in yaml.safe_load(REASONS.read_text())
        for place, changes in entry["survivors"].items()
        for change in changes
        if place in map(_place, outcomes)
    }
    needless = dict(reasons)
    for mutant, outcome in outcomes.items():
        if outcome not in NOTICED:
            change = _change(mutant)
            known = _place(mutant), _in_short(change)
            needless.pop(known, None)
            yield "\n".join(["", f"{mutant}: {outcome}", *change, reasons.get(known, UNEXPLAINED)])
    for place, change in needless:
        yield f"\nIn {REASONS.name}, but killed or gone: {place}: {change}"


def _table(outcomes: dict[str, str]) -> Iterable[str]:
    """How many were noticed, by module."""
    total = Counter(mutant.rpartition(".")[0] for mutant in outcomes)
    noticed = Counter(mutant.rpartition(".")[0] for mutant, outcome in outcomes.items() if outcome in NOTICED)
    yield f"\n{'module':<32}{'mutants':>8}{'killed':>8}{'share':>8}"
    for module in sorted(total):
        yield f"{module:<32}{total[module]:>8}{noticed[module]:>8}{noticed[module] / total[module]:>8.1%}"
    yield f"{'all':<32}{total.total():>8}{noticed.total():>8}{_share(outcomes):>8.1%}"


def _share(outcomes: dict[str, str]) -> float:
    return sum(outcome in NOTICED for outcome in outcomes.values()) / len(outcomes)


def main(names: Sequence[str]) -> None:
    """Run, report, and exit with what it means."""
    _run(names)
    outcomes = _outcomes(names or ["*"])
    survivors = list(_survivors(outcomes))
    for line in (*survivors, *_table(outcomes)):
        sys.stdout.write(f"{line}\n")
    if _share(outcomes) < LEAST:
        sys.exit(f"Less than {LEAST:.0%} are killed.")
    if any(each.endswith(UNEXPLAINED) for each in survivors):
        sys.exit(f"A survivor has no reason in {REASONS.name}.")


if __name__ == "__main__":
    main(sys.argv[1:])
