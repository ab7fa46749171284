"""CPU and memory of each choice and service, as ratios to the bare handler: a process per sample, all in turn."""

import statistics
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from bench.artefacts import Choice
from bench.report import Figure, say
from bench.sampling import inside

ROUNDS = 17
CALLS = 120  # counted as warm, in each process
BARE = "bare"
KEYS = ("cold", "warm", "peak")


def measure(
    choices: list[tuple[Choice, Path]], environment: Mapping[str, str], events: Mapping[str, Path]
) -> list[dict[str, Any]]:
    """For each service and choice: cold and warm CPU (ms), peak memory (MiB), and each as a ratio to bare."""
    samples: dict[tuple[str, str], list[dict[str, float]]] = {}
    for number in range(ROUNDS):
        say(f"CPU and memory, round {number + 1} of {ROUNDS}")
        for service, event in events.items():
            for choice, folder in choices:
                if service in choice.handlers:
                    sample = inside(folder, environment, "sample", choice.handlers[service], str(event), str(CALLS))
                    samples.setdefault((service, choice.name), []).append(sample)
    return [
        {
            "service": service,
            "choice": name,
            **{key: Figure.of([each[key] for each in found]) for key in KEYS},
            "ratios": {key: _ratio(key, found, samples[service, BARE]) for key in KEYS},
        }
        for (service, name), found in samples.items()
    ]


def _ratio(key: str, ours: list[dict[str, float]], bare: list[dict[str, float]]) -> float:
    """The median of the rounds' own ratios: what else the machine does changes slowly, and both feel it."""
    return statistics.median(one[key] / other[key] for one, other in zip(ours, bare, strict=True))
