"""ministack: an emulator of AWS in one process, without Docker, that knows API Gateway, Lambda, DynamoDB and SAM."""

import http.client
import os
import signal
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from rehearsal import REGION, ROOT, free_port, wait_until

STARTS_WITHIN = 30.0  # seconds
STOPS_WITHIN = 10.0  # seconds
LOG = "emulator.log"


@dataclass(frozen=True)
class Emulator:
    """Where the emulator listens, and the environment in which a program takes it for AWS."""

    port: int

    @property
    def environment(self) -> dict[str, str]:
        """What tools and libraries read."""
        return {
            "AWS_ENDPOINT_URL": f"http://127.0.0.1:{self.port}",
            "AWS_DEFAULT_REGION": REGION,
            "AWS_ACCESS_KEY_ID": "test",
            "AWS_SECRET_ACCESS_KEY": "test",
            "SAM_CLI_TELEMETRY": "0",
        }


@contextmanager
def running(folder: Path) -> Iterator[Emulator]:
    """An empty emulator that keeps its files in `folder`. Raises CannotRunError."""
    emulator = Emulator(free_port())
    with (folder / LOG).open("wb") as log:
        process = subprocess.Popen(  # noqa: S603 - pinned
            [ROOT / ".venv-emulator/bin/ministack"],
            cwd=folder,
            env=_environment(folder, emulator),
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            start_new_session=True,  # the functions it starts are of its group, and end with it
        )
    try:
        wait_until(lambda: _answers(process, emulator.port), STARTS_WITHIN, "El emulador (ministack) no arrancó.")
        yield emulator
    finally:
        _stop(process)


def _environment(folder: Path, emulator: Emulator) -> dict[str, str]:
    return {
        **emulator.environment,
        "PATH": os.environ["PATH"],
        "HOME": str(folder),
        "TMPDIR": str(folder),
        "S3_DATA_DIR": str(folder / "s3"),
        "STATE_DIR": str(folder / "state"),
        "BIND_HOST": "127.0.0.1",
        "GATEWAY_PORT": str(emulator.port),
        "AUTH": "true",  # policies count: a function may do what its role allows, and no more
        "DOCKER_HOST": f"unix://{folder}/none",
        # It would open these ports on every interface.
        "IOT_MTLS_ENABLED": "0",
        "SFTP_ENABLED": "0",
    }


def _answers(process: subprocess.Popen[bytes], port: int) -> bool:
    if process.poll() is not None:
        return False
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
    with suppress(OSError, http.client.HTTPException):
        connection.request("GET", "/_ministack/health")
        return connection.getresponse().status == 200
    return False


def _stop(process: subprocess.Popen[bytes]) -> None:
    process.terminate()
    with suppress(subprocess.TimeoutExpired):
        process.wait(STOPS_WITHIN)
    with suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()
