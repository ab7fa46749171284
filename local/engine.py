"""dynoxide, the local DynamoDB: a static binary over an SQLite file."""

import ctypes
import platform
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from local import CannotRunError, packages
from local.folder import DATABASE, ENGINE_LOG

ATTEMPTS = 3  # another process may take the free port first
STARTS_WITHIN = 10.0  # seconds
STARTED = b"listening on"  # said once its port is open
STOPS_WITHIN = 5.0  # seconds

_ARCHITECTURES = {"x86_64": "x64", "aarch64": "arm64"}
_PR_SET_PDEATHSIG = 1
_libc = ctypes.CDLL(None)


@dataclass(frozen=True)
class Engine:
    """A running dynoxide."""

    endpoint: str
    process: subprocess.Popen[bytes]


@contextmanager
def running(folder: Path) -> Iterator[Engine]:
    """dynoxide on a free port of this machine, with its file in `folder`. Raises CannotRunError."""
    engine = _start(_binary(), folder)
    try:
        yield engine
    finally:
        engine.process.terminate()
        try:
            with suppress(subprocess.TimeoutExpired):
                engine.process.wait(STOPS_WITHIN)
        finally:  # also when a second Ctrl-C ends the wait
            engine.process.kill()
            engine.process.wait()


def _binary() -> Path:
    machine = platform.machine()
    return packages.folder(f"@dynoxide/{sys.platform}-{_ARCHITECTURES.get(machine, machine)}") / "dynoxide"


def _start(binary: Path, folder: Path) -> Engine:
    for _ in range(ATTEMPTS):
        port = free_port()
        process = _spawn(binary, folder, port)
        try:
            if _is_started(process, folder / ENGINE_LOG):
                return Engine(f"http://127.0.0.1:{port}", process)
        except BaseException:
            process.kill()
            raise
        process.kill()
        process.wait()
    log = (folder / ENGINE_LOG).read_text(errors="replace")
    raise CannotRunError(f"El motor de datos (dynoxide) no arrancó:\n{log}")


def _spawn(binary: Path, folder: Path, port: int) -> subprocess.Popen[bytes]:
    with (folder / ENGINE_LOG).open("wb") as log:
        return own_process([binary, "serve", "--port", str(port), "--db-path", folder / DATABASE], log)


def own_process(command: Sequence[str | Path], log: IO[bytes] | int) -> subprocess.Popen[bytes]:
    """A process that ends with this one, and writes into `log`."""
    return subprocess.Popen(  # noqa: S603 - our own commands
        command,
        stdin=subprocess.DEVNULL,
        stdout=log,
        stderr=log,
        start_new_session=True,  # Ctrl-C is for this process, which stops the other after its last call
        preexec_fn=_die_with_parent,  # noqa: PLW1509 - it only makes a system call
    )


def _die_with_parent() -> None:
    """Ask Linux to stop it with this process, even when that one is killed."""
    if sys.platform == "linux":
        _libc.prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)


def free_port() -> int:
    """A port of this machine that nobody uses, so far."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def _is_started(process: subprocess.Popen[bytes], log: Path) -> bool:
    """Whether this very process says so, in time. To ask the port could reach another's engine."""
    limit = time.monotonic() + STARTS_WITHIN
    while process.poll() is None and time.monotonic() < limit:
        if STARTED in log.read_bytes():
            return True
        time.sleep(0.005)
    return False
