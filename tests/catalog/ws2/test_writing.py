"""Writing ws2.db: out of anything that a dump may hold, whole or not at all."""

from __future__ import annotations

import json
import lzma
import random
from collections.abc import Iterator
from pathlib import Path

import pytest

from segue.catalog.snapshot.layout import WS2
from segue.catalog.snapshot.manifest import SnapshotDamaged
from segue.catalog.sources import open_source
from segue.catalog.ws2.reading import Ws2, open_ws2
from segue.catalog.ws2.writing import write_ws2
from tests.catalog import dumps
from tests.catalog.ws2.given import (
    ALL_OF_A_RELEASE,
    BAND,
    FIRST,
    HOME,
    SMALL,
    Json,
    answer,
    artist,
    ask,
    mbid,
    recording,
    release,
    written,
)


def test_a_writing_that_ends_early_leaves_what_was_there_and_is_done_again(tmp_path: Path) -> None:
    written(tmp_path, {"release": [FIRST]}).close()
    before = (tmp_path / WS2).read_bytes()
    for last in range(12):
        steps = iter(range(last, -1, -1))

        def stop(done: int, total: int, what: str, steps: Iterator[int] = steps) -> None:
            if next(steps) == 0:
                raise KeyboardInterrupt

        with pytest.raises(KeyboardInterrupt):
            write_ws2(SMALL.get, tmp_path, told=stop)
        assert [path.name for path in tmp_path.iterdir()] == [WS2]
        assert (tmp_path / WS2).read_bytes() == before
    (tmp_path / f"{WS2}.building").write_bytes(b"of one that was killed")
    (tmp_path / f"{WS2}.staging").write_bytes(b"of one that was killed")
    assert write_ws2(SMALL.get, tmp_path)["release"] == 5
    assert [path.name for path in tmp_path.iterdir()] == [WS2]


def test_documents_that_are_not_what_they_should_be_are_passed_over_or_taken_as_far_as_they_go(tmp_path: Path) -> None:
    odd: list[Json] = [
        {},
        {"id": None, "title": "No id"},
        {"id": "x" * 36, "title": "No MBID"},
        {"id": mbid("bare"), "title": "Bare"},
        {"id": mbid("nulls"), "title": None, "media": None, "artist-credit": None, "label-info": None, "release-group": None},
        {
            "id": mbid("half"), "title": "Half", "artist-credit": [{"name": "Nobody"}, {"name": BAND, "artist": artist(BAND)}],
            "label-info": [{"catalog-number": "X 1", "label": None}, {}],
            "media": [{"tracks": [{"title": "No recording"}, {"recording": {"title": "No id"}}]}, {"tracks": None}],
            "release-events": [{"date": None, "area": None}], "text-representation": None,
        },
    ]  # fmt: skip
    opened = written(tmp_path, {"release": odd})
    assert opened.counts["release"] == 3
    for name in ("bare", "nulls", "half"):
        for fmt in ("json", "xml"):
            assert answer(opened, f"/release/{mbid(name)}?inc={ALL_OF_A_RELEASE}&fmt={fmt}").status == 200
    assert [track["title"] for track in ask(opened, f"/release/{mbid('half')}?inc=recordings")["media"][0]["tracks"]] == [
        "No recording", None,
    ]  # fmt: skip
    assert ask(opened, "/release?query=half")["releases"][0]["id"] == mbid("half")


def test_the_same_document_twice_is_one(tmp_path: Path) -> None:
    opened = written(tmp_path, {"release": [FIRST, FIRST, {**FIRST, "title": "Another title"}]})
    assert opened.counts["release"] == 1
    assert ask(opened, f"/release?artist={mbid(BAND)}")["release-count"] == 1


def test_tracks_that_say_otherwise_than_their_recording_keep_their_own_words(tmp_path: Path) -> None:
    one = release("Amber Road", (BAND,), [HOME])
    track = one["media"][0]["tracks"][0]
    track["title"], track["length"] = "Come Home (mono)", 199_000
    track["artist-credit"] = [{"name": "Lanterns", "joinphrase": "", "artist": artist(BAND)}]
    opened = written(tmp_path, {"release": [one]})
    (medium,) = ask(opened, f"/release/{one['id']}?inc=recordings+artist-credits")["media"]
    assert medium["tracks"][0] == {
        **track, "recording": {name: value for name, value in HOME.items() if name not in ("isrcs", "aliases")},
    }  # fmt: skip


def test_pregap_and_data_tracks_stand_where_they_stood(tmp_path: Path) -> None:
    one = release("Amber Road", (BAND,), [HOME])
    medium = one["media"][0]
    hidden, data = recording("Hidden", BAND), recording("[data track]", BAND)
    medium["pregap"] = {**medium["tracks"][0], "id": mbid("pregap"), "number": "0", "position": 0, "title": "Hidden",
                        "recording": hidden}  # fmt: skip
    medium["data-tracks"] = [{**medium["tracks"][0], "id": mbid("data"), "title": "[data track]", "recording": data}]
    opened = written(tmp_path, {"release": [one]})
    said = ask(opened, f"/release/{one['id']}?inc=recordings+artist-credits+discids+isrcs+aliases")["media"][0]
    for part in ("pregap", "data-tracks", "tracks"):
        assert said[part] == medium[part]
    assert ask(opened, f"/recording/{hidden['id']}?inc=releases")["releases"][0]["id"] == one["id"]
    assert answer(opened, f"/release/{one['id']}?inc=recordings").status == 200


def test_a_thousand_releases_keep_every_document(tmp_path: Path) -> None:
    dice = random.Random(3)
    names = [f"Artist {n}" for n in range(60)]

    def all_of_them() -> Iterator[Json]:
        for n in range(400):
            who = dice.choice(names)
            tracks = [recording(f"Song {dice.randrange(500)}", dice.choice(names)) for _ in range(dice.randrange(1, 6))]
            yield release(f"Album {n}", (who,), tracks, group=f"Album {n // 3}", date=str(1950 + n % 70))

    documents = list(all_of_them())
    opened = written(tmp_path, {"release": documents})
    assert opened.counts["release"] == 400
    for one in dice.sample(documents, 40):
        said = ask(
            opened, f"/release/{one['id']}?inc=artist-credits+media+recordings+labels+isrcs+discids+aliases+url-rels"
        )
        assert said == {name: value for name, value in one.items() if name != "release-group"}
        found = ask(opened, f"/release?query=release:(album+{one['title'].split()[1]})&limit=1")
        assert found["releases"][0]["id"] == one["id"]
    artist_of = documents[0]["artist-credit"][0]["artist"]["id"]
    theirs = {one["id"] for one in documents if one["artist-credit"][0]["artist"]["id"] == artist_of}
    said = ask(opened, f"/release?artist={artist_of}&limit=100")
    assert {one["id"] for one in said["releases"]} == theirs


def test_a_dump_that_is_cut_off_gives_what_it_has_and_is_named(tmp_path: Path) -> None:
    line = json.dumps({**artist("Harbour"), "label-code": 7}).encode() + b"\n"
    (tmp_path / "release.jsonl").write_bytes(json.dumps(FIRST).encode() + b"\n")
    (tmp_path / "label.jsonl").write_bytes(line + b"{no JSON\n")
    packed = lzma.compress(json.dumps(artist(BAND)).encode() + b"\n" + bytes(random.Random(1).randbytes(50_000)))
    (tmp_path / "recording.jsonl.xz").write_bytes(packed[: len(packed) // 2])
    source = open_source(musicbrainz=tmp_path)
    source.write_beside(tmp_path, lambda done, total, what: None)  # type: ignore[attr-defined]
    assert ask(Ws2(tmp_path / WS2), f"/label/{mbid('Harbour')}")["label-code"] == 7
    assert sorted({Path(damage.file).name for damage in source.damage}) == ["label.jsonl", "recording.jsonl.xz"]


def test_former_mbids_are_known_where_the_table_dump_lies_beside_the_documents(tmp_path: Path) -> None:
    made = dumps.world(releases=12)
    dumps.write_documents(tmp_path, made, ("release", "artist", "release-group", "label"))
    dumps.write_tables(tmp_path, made, derived=False)
    out = tmp_path / "out"
    out.mkdir()
    source = open_source(musicbrainz=tmp_path)
    source.write_beside(out, lambda done, total, what: None)  # type: ignore[attr-defined]
    assert [path.name for path in out.iterdir()] == [WS2]
    opened = Ws2(out / WS2)
    merged = [
        (entity, old, dumps.mbid(kind, thing["number"]))
        for entity, kind, several in (
            ("artist", "artist", "artists"), ("release", "release", "releases"), ("release-group", "group", "groups"),
            ("recording", "recording", "recordings"),
        )
        for thing in made[several]
        for old in thing["old"]
    ]  # fmt: skip
    assert {entity for entity, _, _ in merged} == {"artist", "release", "release-group", "recording"}
    for entity, old, _ in merged:
        assert (entity, old, ask(opened, f"/{entity}/{old}")["id"]) in merged
    assert source.damage == []


def test_a_damaged_file_is_said_to_be_damaged(tmp_path: Path) -> None:
    assert open_ws2(tmp_path) is None
    (tmp_path / WS2).write_bytes(b"no database at all" * 1000)
    with pytest.raises(SnapshotDamaged):
        open_ws2(tmp_path)
    (tmp_path / WS2).write_bytes(b"")
    with pytest.raises(SnapshotDamaged):
        Ws2(tmp_path / WS2)
