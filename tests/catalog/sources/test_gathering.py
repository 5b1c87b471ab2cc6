from __future__ import annotations

import os
import random
from array import array
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from segue.catalog.records import Source
from segue.catalog.sources import Prepared, gathering, open_source, tally
from segue.catalog.sources.tally import KeySet, Tally, popularity
from tests.catalog.dumps import world, write_documents, write_tables

BARE = """<release id="{0}"><artists><artist><id>{0}</id><name>A{0}</name></artist></artists><title>T{0}</title>
<tracklist><track><position>1</position><title>x</title></track></tracklist></release>"""


class Killed(Exception):
    pass


def opened(kind: str, dumps: Path, scratch: Path) -> Any:
    if kind == "discogs":
        return open_source(discogs=dumps, scratch=scratch)
    return open_source(musicbrainz=dumps, scratch=scratch)


def all_of(source: Source) -> list[list[Any]]:
    return [list(source.artists()), list(source.albums()), list(source.tracks())]


def dumps_of(kind: str, folder: Path) -> Path:
    made = world(30)
    if kind == "discogs":
        text = "<releases>" + "".join(BARE.format(number) for number in range(1, 90)) + "</releases>"
        folder.mkdir()
        (folder / "releases.xml").write_text(text)
        return folder
    return write_documents(folder, made) if kind == "documents" else write_tables(folder, made, derived=False)


@pytest.mark.parametrize("kind", ["documents", "tables", "discogs"])
def test_a_gathering_that_is_killed_anywhere_goes_on_and_ends_alike(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, kind: str
) -> None:
    monkeypatch.setattr(gathering, "CHECKPOINT", 7)
    monkeypatch.setattr(gathering, "FRAME", 5)
    dumps = dumps_of(kind, tmp_path / "dumps")
    wanted = all_of(opened(kind, dumps, tmp_path / "whole"))
    dice = random.Random(5)
    scratch = tmp_path / "killed"
    came_to = gathering.Gathering.came_to
    for _ in range(int(os.environ.get("SEGUE_TEST_LONG", "0") or 0) * 40 or 8):
        left = dice.randrange(1, 20)

        def killed(self: Any, *given: Any) -> None:
            nonlocal left
            left -= 1
            if left == 0:
                raise Killed
            came_to(self, *given)

        with monkeypatch.context() as patch:
            patch.setattr(gathering.Gathering, "came_to", killed)
            try:
                opened(kind, dumps, scratch).prepare()
            except Killed:
                continue
    source = opened(kind, dumps, scratch)
    assert all_of(source) == wanted
    again = opened(kind, dumps, scratch)
    again.prepare(lambda done, total, what: pytest.fail("it was gathered already"))
    assert all_of(again) == wanted and again.damage == source.damage


def test_streams_go_on_behind_every_position(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(gathering, "FRAME", 4)
    source = open_source(musicbrainz=write_documents(tmp_path, world()))
    tracks, positions = [], []
    for track in source.tracks():
        tracks.append(track)
        positions.append(source.position)
    for number in range(1, len(tracks), 3):
        assert list(source.tracks(positions[number - 1])) == tracks[number:]


def test_another_dump_is_gathered_anew(tmp_path: Path) -> None:
    scratch = tmp_path / "scratch"
    first = opened("discogs", dumps_of("discogs", tmp_path / "dumps"), scratch)
    first.prepare()
    before = first.identity()
    (tmp_path / "dumps" / "releases.xml").write_text(f"<releases>{BARE.format(7)}</releases>")
    second = opened("discogs", tmp_path / "dumps", scratch)
    assert [album.id for album in second.albums()] == ["7"]
    assert second.identity() != before == first.identity()


def test_what_was_gathered_is_forgotten_and_nothing_else(tmp_path: Path) -> None:
    source = opened("documents", dumps_of("documents", tmp_path / "dumps"), tmp_path / "scratch")
    assert isinstance(source, Prepared)
    source.prepare()
    (tmp_path / "scratch" / "mine.txt").write_text("kept")
    source.close()
    assert [path.name for path in (tmp_path / "scratch").iterdir()] == ["mine.txt"]
    assert sorted(path.name for path in (tmp_path / "dumps").iterdir()) == ["artist.tar.xz", "release.tar.xz"]


def test_how_far_it_is_is_told_in_bytes_of_the_dump(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    told: list[tuple[int, int, str]] = []
    monkeypatch.setattr(gathering, "TOLD_EVERY", 1)
    dumps = dumps_of("documents", tmp_path / "dumps")
    opened("documents", dumps, tmp_path / "scratch").prepare(lambda *given: told.append(given))
    releases = [(done, total) for done, total, what in told if what == "reading releases"]
    assert releases[-1] == ((dumps / "release.tar.xz").stat().st_size,) * 2
    assert [what for _, _, what in told][-3:] == ["counting artists", "counting albums", "counting tracks"]


def test_keys_are_counted_whatever_the_runs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tally, "RUN", 64)
    monkeypatch.setattr(tally, "_BLOCK", 16)
    dice = random.Random(3)
    keys = [dice.randrange(200) << 50 for _ in range(1_000)]
    (tmp_path / "keys").write_bytes(array("q", keys).tobytes())
    Tally.of(tmp_path / "keys").write(tmp_path / "counts")
    read = Tally.read(tmp_path / "counts")
    counted = Counter(keys)
    assert all(read[key] == counted.get(key, 1) for key in (*counted, -1, 1 << 61))
    assert sorted(path.name for path in tmp_path.iterdir()) == ["counts", "keys"]


def test_a_set_of_keys_is_a_set() -> None:
    dice = random.Random(4)
    keys = [dice.randrange(1 << 62) for _ in range(5_000)] + [0, 1, (1 << 63) - 2]
    ours, theirs = KeySet(), set[int]()
    for key in keys + keys[::2]:
        assert ours.add(key) == (key not in theirs)
        theirs.add(key)
    assert len(ours) == len(theirs)


def test_popularity_is_a_share_of_the_most() -> None:
    assert [popularity(count, 7) for count in (0, 1, 2, 4, 64, 128, 100_000)] == [0, 0, 14, 29, 86, 100, 100]
