"""Files of this machine: what a killed process left goes, what another one works on stays."""

import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.bulk import Deliveries, csv_file, send
from tests.client import Client
from tests.reporting import ask, shown
from tests.test_bulk_load import act

pytestmark = [pytest.mark.files, pytest.mark.usefixtures("bucket")]

WORKER = """
from shared.bulk import workplace
with workplace.folder() as folder:
    (folder / "books").write_text("under way")
    print(folder / "books", flush=True)
    input()
"""


@pytest.fixture(autouse=True)
def disk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder of temporary files, of this test alone."""
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    monkeypatch.setattr(tempfile, "tempdir", None)
    return tmp_path


@contextmanager
def at_work() -> Iterator[Path]:
    """A file that another process works on, until it is killed."""
    command = [sys.executable, "-W", "ignore", "-c", WORKER]
    pipe = subprocess.PIPE
    with subprocess.Popen(command, stdin=pipe, stdout=pipe, text=True) as process:
        try:
            assert process.stdout is not None
            yield Path(process.stdout.readline().strip())
        finally:
            process.kill()


def left_behind() -> Path:
    """A file of a process that was killed."""
    with at_work() as file:
        pass
    assert file.exists()
    return file


def divided_and_finished(entity: Client) -> Iterator[None]:
    """The two steps of a load that have a file on this machine."""
    send(entity, "actoDocumento", "actos.csv", csv_file([act(entity.nit, "A")], "actoDocumento"))
    deliveries = Deliveries()
    deliveries.arrivals()
    yield
    deliveries.all()
    yield


def reported(entity: Client) -> Iterator[None]:
    """The making of a report."""
    ticket = ask(entity)
    Deliveries().all()
    assert shown(entity, ticket)["state"] == "Finalizado Sin Errores"
    yield


@pytest.mark.parametrize("steps", [divided_and_finished, reported])
def test_what_a_killed_process_left_is_gone_after_the_next_work(
    entity: Client, disk: Path, steps: Callable[[Client], Iterator[None]]
) -> None:
    """Dividing a file, writing results, making a report: each begins with an empty disk, and leaves one."""
    left = left_behind()
    for _ in steps(entity):
        assert not left.exists()
        assert [path for path in disk.rglob("*") if path.is_file()] == []
        left = left_behind()


@pytest.mark.parametrize("steps", [divided_and_finished, reported])
def test_who_is_at_work_is_not_disturbed(entity: Client, steps: Callable[[Client], Iterator[None]]) -> None:
    """Two at once have a folder each; what the other one leaves goes when nobody is at work."""
    with at_work() as file:
        for _ in steps(entity):
            assert file.read_text() == "under way"
    for _ in steps(entity):
        assert not file.exists()
