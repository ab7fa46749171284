"""A file is read in bounded memory. What the reading costs in time is measured by `make bench`, which fails nothing."""

from pathlib import Path

import pytest

from bench import reading
from tests.sizes import sized

pytestmark = [pytest.mark.slow, pytest.mark.full]

ROWS = sized(40_000, 100_000)
MOST = {"records": sized(85, 150), "csv": 55}  # MiB


@pytest.fixture(scope="module")
def file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Many act documents."""
    return reading.write(tmp_path_factory.mktemp("reading") / "acts", ROWS)


@pytest.mark.parametrize("way", ["records", "csv"])
def test_many_rows_take_little_memory(file: Path, way: str) -> None:
    """In the whole process, validation included."""
    assert reading.sample(way, file)["peak"] < MOST[way]
