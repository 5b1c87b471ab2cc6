"""Documents in two flat files: what was written comes back, sparse or dense, and what cannot be so is told."""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import pytest
import zstandard
from hypothesis import given
from hypothesis import strategies as st

from segue.catalog.snapshot.bodies import BODIES, INDEX, Bodies, BodyWriter, Row
from segue.catalog.snapshot.layout import compressor, packed

ROWS = st.dictionaries(
    st.integers(1, 400),
    st.tuples(
        st.binary(max_size=80),
        st.integers(0, 2**32 - 1),
        st.lists(st.integers(1, 2**32 - 1), max_size=4) | st.just(list(range(1, 300))),
    ),
    max_size=30,
)


def write(folder: Path, rows: dict[int, tuple[bytes, int, list[int]]], step: int) -> None:
    squeeze = compressor(b"").compress
    ranks = sorted(rows)
    with BodyWriter(folder, "track") as writer:
        for first in range(0, len(ranks), step):
            some = ranks[first : first + step]
            writer.add(
                np.array(some, np.uint32),
                [squeeze(rows[rank][0]) for rank in some],
                [packed(rows[rank][2]) for rank in some],
                np.array([rows[rank][1] for rank in some], np.uint32),
            )


@given(rows=ROWS, step=st.integers(1, 9))
def test_what_was_written_comes_back_by_rank_and_nothing_else_does(
    rows: dict[int, tuple[bytes, int, list[int]]], step: int
) -> None:
    with TemporaryDirectory() as name:
        folder = Path(name)
        write(folder, rows, step)
        bodies = Bodies(folder, "track", b"")
        for rank in range(403):
            wanted = rows.get(rank)
            if wanted is None:
                assert bodies.row(rank) is None and bodies.belongs(rank) == (0, b"")
                continue
            text, album, artists = wanted
            assert bodies.row(rank) == Row(text, album, packed(artists) or b"")
            assert bodies.belongs(rank) == (album, packed(artists) or b"")
        assert [row.rank for row in bodies.packed()] == sorted(rows)
        bodies.close()


@pytest.mark.parametrize("name", [BODIES["track"], INDEX["track"]])
def test_files_that_are_cut_off_or_overwritten_are_no_documents(tmp_path: Path, name: str) -> None:
    write(tmp_path, {rank: (b"x" * 50, 1, [1]) for rank in range(1, 40)}, 10)
    whole = (tmp_path / name).read_bytes()
    for damaged in (whole[: len(whole) // 2], b"", b"\xa5" * len(whole)):
        (tmp_path / name).write_bytes(damaged)
        with pytest.raises(ValueError, match=r"does not (begin|end)|empty"):
            Bodies(tmp_path, "track", b"")


def test_a_document_of_other_bytes_does_not_decompress(tmp_path: Path) -> None:
    write(tmp_path, {1: (b"x" * 50, 1, [1]), 2: (b"y" * 50, 1, [1])}, 10)
    path = tmp_path / BODIES["track"]
    whole = bytearray(path.read_bytes())
    whole[-12:] = b"\xa5" * 12
    path.write_bytes(bytes(whole))
    bodies = Bodies(tmp_path, "track", b"")
    assert bodies.row(1) == Row(b"x" * 50, 1, b"\1\0\0\0")
    with pytest.raises(zstandard.ZstdError):
        bodies.row(2)
    bodies.close()
