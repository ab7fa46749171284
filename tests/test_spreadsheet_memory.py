"""A file is read in bounded memory. What the reading costs in time is measured by `make bench`, which fails nothing."""

from pathlib import Path

import pytest

from bench import reading

pytestmark = pytest.mark.slow

ROWS = 100_000
MOST = 512  # MiB


@pytest.fixture(scope="module")
def file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A hundred thousand act documents."""
    return reading.write(tmp_path_factory.mktemp("reading") / "acts", ROWS)


@pytest.mark.parametrize("way", ["records", "csv"])
def test_a_hundred_thousand_rows_take_less_than_half_a_gigabyte(file: Path, way: str) -> None:
    """In the whole process, validation included."""
    assert reading.sample(way, file)["peak"] < MOST
