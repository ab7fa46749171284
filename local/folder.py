"""What a run keeps on disk: one folder, used by one run at a time."""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from local import CannotRunError

ROOT = Path(__file__).parent.parent
DATABASE = "sigec.db"
DEMO = "demo.json"
ENVIRONMENT = "env"
FILE = "actos.csv"
CERTIFICATE_KEY = "llave-constancias.pem"
LOG = "log.jsonl"
ENGINE_LOG = "engine.log"
LOCK = "lock"


def path() -> Path:
    """The folder: .local, or LOCAL_DIR."""
    return Path(os.environ.get("LOCAL_DIR") or ROOT / ".local").absolute()


@contextmanager
def held() -> Iterator[Path]:
    """The folder, for this run alone. Raises CannotRunError while another run has it."""
    folder = path()
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / LOCK).open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)  # given back by the system, however this run ends
        except BlockingIOError:
            raise CannotRunError(
                f"Los servicios ya están en marcha con los datos de {folder}: deténgalos antes."
            ) from None
        yield folder


def empty(folder: Path) -> None:
    """Delete what runs have stored, and nothing else: LOCAL_DIR may be anyone's folder."""
    for pattern in (f"{DATABASE}*", DEMO, ENVIRONMENT, FILE, CERTIFICATE_KEY, LOG, ENGINE_LOG):
        for file in folder.glob(pattern):
            file.unlink()
