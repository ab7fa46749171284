"""Runs modules of bench/inside, each in a process of its own that can import its folder and Python, nothing else."""

import json
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any


class SampleError(Exception):
    """A measured process failed: what it said."""


def inside(folder: Path, environment: Mapping[str, str], module: str, *arguments: str) -> Any:
    """What the module found. Raises SampleError."""
    # Python itself, not the environment's; `-S` keeps its site-packages out. Bytecode is there, as Lambda has it.
    python = getattr(sys, "_base_executable", sys.executable)
    done = subprocess.run(  # noqa: S603 - our own module
        [python, "-S", "-B", "-m", module, *arguments],
        cwd=folder,
        env=dict(environment),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
        check=False,
    )
    if done.returncode != 0:
        raise SampleError(f"{folder.name} {' '.join(arguments)}:\n{done.stderr}")
    return json.loads(done.stderr.splitlines()[-1])
