"""`.segueignore`: what its lines mean, and that what they hide is left alone by a walk."""

from __future__ import annotations

from pathlib import Path

import pytest

from segue.library.scan.ignore import IgnoreBook
from segue.library.scan.walk import Listing, walk


@pytest.mark.parametrize(
    ("lines", "hidden", "shown"),
    [
        ("*.wav", ["a.wav", "deep/er/b.wav"], ["a.flac", "wav"]),
        ("# a comment\n\n  \nDemos/", ["Demos/x.mp3", "deep/Demos/x.mp3"], ["Demos.mp3", "Other/x.mp3"]),
        ("/Demos", ["Demos/x.mp3"], ["deep/Demos/x.mp3"]),
        ("deep/*.mp3", ["deep/x.mp3"], ["x.mp3", "deep/er/x.mp3", "other/deep/x.mp3"]),
        ("**/Bonus/**", ["Bonus/x.mp3", "a/b/Bonus/c/x.mp3"], ["Bonus.mp3"]),
        ("a/**/z.mp3", ["a/z.mp3", "a/b/c/z.mp3"], ["z.mp3", "b/z.mp3"]),
        ("*.mp3\n!keep.mp3", ["x.mp3"], ["keep.mp3", "a/keep.mp3"]),
        ("!keep.mp3\n*.mp3", ["keep.mp3"], ["x.flac"]),
        ("Take [0-9].flac", ["Take 7.flac"], ["Take x.flac"]),
        ("Take [!0-9].flac", ["Take x.flac"], ["Take 7.flac"]),
        ("track?.mp3", ["track1.mp3"], ["track12.mp3", "track/mp3.mp3"]),
        (r"\#1.mp3" + "\n" + r"\!2.mp3", ["#1.mp3", "!2.mp3"], ["1.mp3"]),
        ("trailing.mp3   ", ["trailing.mp3"], ["other.mp3"]),
        ("[broken.mp3", ["[broken.mp3"], ["b.mp3"]),
        ("\ufeffbom.mp3", ["bom.mp3"], ["x.mp3"]),
        ("CASE.mp3", ["CASE.mp3"], ["case.mp3"]),
    ],
)
def test_a_line_hides_what_git_would(tmp_path: Path, lines: str, hidden: list[str], shown: list[str]) -> None:
    (tmp_path / ".segueignore").write_text(lines)
    book = IgnoreBook(bytes(tmp_path))
    assert [name for name in hidden if not book.hides_file(name.encode())] == []
    assert [name for name in shown if book.hides_file(name.encode())] == []


def test_an_empty_file_hides_its_whole_folder_and_nothing_beside_it(tmp_path: Path) -> None:
    _fill(tmp_path, ["A/1.mp3", "A/in/2.mp3", "B/3.mp3"])
    (tmp_path / "A/.segueignore").write_bytes(b"")
    assert _walked(tmp_path) == {b"": [], b"B": [b"3.mp3"]}


def test_a_file_further_down_decides_before_those_above_but_not_inside_a_hidden_folder(tmp_path: Path) -> None:
    _fill(tmp_path, ["A/1.mp3", "A/2.mp3", "B/1.mp3", "C/1.mp3"])
    (tmp_path / ".segueignore").write_text("1.mp3\nC/\n")
    (tmp_path / "A/.segueignore").write_text("!1.mp3\n")
    (tmp_path / "C/.segueignore").write_text("!1.mp3\n")
    assert _walked(tmp_path) == {b"": [], b"A": [b"1.mp3", b"2.mp3"], b"B": []}


def test_names_that_are_no_text_are_hidden_byte_for_byte(tmp_path: Path) -> None:
    for name in (b"caf\xe9.mp3", b"caf\xc3\xa9.mp3"):
        with open(bytes(tmp_path) + b"/" + name, "wb"):
            pass
    (tmp_path / ".segueignore").write_bytes(b"caf\xe9.mp3\n")
    assert _walked(tmp_path) == {b"": [b"caf\xc3\xa9.mp3"]}


def test_a_walk_that_begins_below_knows_the_files_above(tmp_path: Path) -> None:
    _fill(tmp_path, ["A/B/1.mp3", "A/B/1.wav", "A/C/1.mp3"])
    (tmp_path / ".segueignore").write_text("*.wav\nC/\n")
    assert _walked(tmp_path, b"A/B", b"A/C") == {b"A/B": [b"1.mp3"]}


def test_a_file_that_nobody_may_read_hides_nothing(tmp_path: Path) -> None:
    _fill(tmp_path, ["A/1.mp3"])
    (tmp_path / "A/.segueignore").mkdir()
    assert _walked(tmp_path)[b"A"] == [b"1.mp3"]


def _fill(root: Path, names: list[str]) -> None:
    for name in names:
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_bytes(b"")


def _walked(root: Path, *start: bytes) -> dict[bytes, list[bytes]]:
    steps = walk(bytes(root), start or (b"",), IgnoreBook(bytes(root)))
    return {item.path: [entry.name for entry in item.audio] for item in steps if isinstance(item, Listing)}
