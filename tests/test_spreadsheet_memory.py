"""A file is read in bounded memory. What the reading costs in time is measured by `make bench`, which fails nothing."""

from pathlib import Path

import pytest

from bench import reading
from tests.sizes import sized

pytestmark = [pytest.mark.slow, pytest.mark.full]

ROWS = sized(20_000, 100_000)
MOST = {"records": sized(23, 110), "csv": sized(8, 15)}  # MiB more than a file of one row takes


@pytest.fixture(scope="module")
def file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Many act documents."""
    return reading.write(tmp_path_factory.mktemp("reading") / "acts", ROWS)


@pytest.fixture(scope="module")
def short_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One act document."""
    return reading.write(tmp_path_factory.mktemp("reading") / "act", 1)


@pytest.mark.parametrize("way", ["records", "csv"])
def test_many_rows_take_little_memory(file: Path, short_file: Path, way: str) -> None:
    """In the whole process, validation included."""
    assert reading.sample(way, file)["peak"] - reading.sample(way, short_file)["peak"] < MOST[way]
