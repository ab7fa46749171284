"""Registrations per second of one worker, that is one process with one Python, under several clients at once."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from bench.artefacts import Choice
from bench.report import Figure, say
from bench.sampling import inside

CLIENTS = (1, 8, 32)
ROUNDS = 3
SECONDS = 2


def measure(choices: list[tuple[Choice, Path]], environment: Mapping[str, str], event: Path) -> list[dict[str, Any]]:
    """For each choice and number of clients: calls per second, and milliseconds to answer."""
    samples: dict[tuple[str, int], list[dict[str, float]]] = {}
    for number in range(ROUNDS):
        say(f"registrations per second, round {number + 1} of {ROUNDS}")
        for clients in CLIENTS:
            for choice, folder in choices:
                if clients > 1 and not choice.threads:
                    continue
                handler = choice.handlers["payment"]
                sample = inside(folder, environment, "load", handler, str(event), str(clients), str(SECONDS))
                samples.setdefault((choice.name, clients), []).append(sample)
    return [
        {
            "choice": name,
            "clients": clients,
            **{key: Figure.of([each[key] for each in found]) for key in ("per_second", "p50", "p99")},
        }
        for (name, clients), found in samples.items()
    ]
