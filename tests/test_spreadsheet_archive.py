"""The parts of an archive come out whole, whatever their length is to the pieces in which they are inflated."""

import random
import zipfile
from pathlib import Path

import pytest

from shared.spreadsheet import archive

pytestmark = pytest.mark.files

NOISE = random.Random(1).randbytes(1 << 20)
TEXT = b"".join(b'<c r="A%d"><v>%d</v></c>' % (number, number * 7919) for number in range(1, 80_000))


@pytest.mark.parametrize("method", [zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED])
@pytest.mark.parametrize("level", [1, 6, 9])
@pytest.mark.parametrize("chunk", [100, 1 << 12, 1 << 15, archive.CHUNK, 1 << 18])
def test_a_part_comes_out_whole(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, method: int, level: int, chunk: int
) -> None:
    """Each window but the first begins at a tag; together they are the part."""
    monkeypatch.setattr(archive, "CHUNK", chunk)
    length = min(len(TEXT), chunk * 400)
    parts = {
        "empty": b"",
        "text": TEXT[:length],
        "repeats": b"<a>" * (length // 3),
        "noise": NOISE[: length // 2],
        "one piece": TEXT[:chunk],
        "one more": TEXT[: chunk + 1],
    }
    path = tmp_path / "received"
    with zipfile.ZipFile(path, "w", method, compresslevel=level) as packed:
        for name, part in parts.items():
            packed.writestr(name, part)
    for info in archive.parts(path):
        windows = list(archive.windows(path, info))
        assert b"".join(windows) == parts[info.filename]
        assert all(window.startswith(b"<") for window in windows[1:] if window)
