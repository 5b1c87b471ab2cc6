"""What comes of dumps in the end: a snapshot that finds things by every id, with what is credited where."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import msgspec
import pytest
from typer.testing import CliRunner

from segue.catalog.build.building import BuildCancelled, build
from segue.catalog.records import Album
from segue.catalog.snapshot.manifest import read_manifest
from segue.catalog.snapshot.opening import open_snapshot
from segue.catalog.sources import gathering, open_source
from segue.catalog.store import Store
from segue.cli import app
from tests.catalog.dumps import damaged, mbid, world, write_documents, write_tables
from tests.catalog.updating.site import Site, serving

MADE = world(20)


@pytest.fixture(scope="module")
def dumps(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_tables(tmp_path_factory.mktemp("dumps"), MADE)


@pytest.fixture(scope="module")
def store(dumps: Path, tmp_path_factory: pytest.TempPathFactory) -> Store:
    out = tmp_path_factory.mktemp("built") / "catalogue"
    build(open_source(musicbrainz=dumps, derived=True), out)
    backend = open_snapshot(out)
    assert backend.store is not None
    return backend.store


def more_of(store: Store, kind: Any, rank: int) -> dict[str, Any]:
    return store.more(kind, [rank])[0]


def test_a_recording_finds_its_tracks_and_a_code_all_that_share_it(store: Store, dumps: Path) -> None:
    tracks = list(open_source(musicbrainz=dumps).tracks())
    for track in tracks[::7]:
        (rank,) = store.ranks("track", [track.id])
        assert rank is not None
        document = msgspec.json.decode(store.tracks([rank])[0])
        assert (document["id"], document["name"]) == (track.id, track.name)
        assert document.get("isrc") == (track.isrcs[0] if track.isrcs else None)
        (found,) = store.external([next(id for id in track.ids if ":recording:" in id)])
        assert found is not None and found[0] == "track"
        same = {one.id for one in tracks if set(one.ids) & {id for id in track.ids if ":recording:" in id}}
        assert msgspec.json.decode(store.tracks([found[1]])[0])["id"] in same
        for isrc in track.isrcs:
            ids = {msgspec.json.decode(text)["id"] for text in store.tracks(store.isrcs([isrc])[0])}
            assert ids == {one.id for one in tracks if isrc in one.isrcs}


def test_releases_are_found_by_group_by_old_id_by_barcode_and_by_link(store: Store, dumps: Path) -> None:
    albums: list[Album] = list(open_source(musicbrainz=dumps).albums())
    for album in albums:
        assert {kind for kind, _ in filter(None, store.external(album.ids))} == {"album"}
        if album.upc:
            ids = [msgspec.json.decode(text)["id"] for text in store.albums(store.upcs([album.upc])[0])]
            assert album.id in ids
    ((kind, rank),) = filter(None, store.external([f"musicbrainz:release:{mbid('old-release', 6)}"]))
    assert kind == "album"
    assert msgspec.json.decode(store.albums([rank])[0])["id"] == mbid("release", 6)


def test_credits_and_licences_are_in_more(store: Store) -> None:
    (rank,) = store.ranks("album", [mbid("release", 3)])
    assert rank is not None
    more = more_of(store, "album", rank)
    assert more["credits"][0]["name"] == "As Billed" and more["credits"][0]["join"] == " feat. "
    assert more["media"][1]["title"] == "Bonus" and more["genres"] == ["rock"]
    assert more["licence"] == "CC0-1.0 AND CC-BY-NC-SA-3.0"
    (plain,) = store.ranks("artist", [mbid("artist", 1)])
    assert plain is not None and more_of(store, "artist", plain).keys().isdisjoint({"licence"})


def test_a_build_that_is_stopped_while_it_reads_goes_on_with_what_it_read(
    dumps: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(gathering, "TOLD_EVERY", 1)
    monkeypatch.setattr(gathering, "CHECKPOINT", 5)
    seen = 0

    def stop() -> bool:
        return seen > 12

    def told(done: int, total: int, what: str) -> None:
        nonlocal seen
        seen += what == "putting releases together"

    with pytest.raises(BuildCancelled):
        build(open_source(musicbrainz=dumps, scratch=tmp_path / "g"), tmp_path / "out", progress=told, cancelled=stop)
    assert not (tmp_path / "out").exists()
    seen = 0
    built = build(open_source(musicbrainz=dumps, scratch=tmp_path / "g"), tmp_path / "out", progress=told)
    assert seen < 20 and built.counts.albums == 20


def test_what_was_damaged_is_in_the_manifest(tmp_path: Path) -> None:
    path = write_documents(tmp_path / "dumps", MADE, ["release"]) / "release.tar.xz"
    damaged(path, lambda text: text.replace(b'"quality": "normal"', b'"quality":  normal"', 1))
    build(open_source(musicbrainz=tmp_path / "dumps"), tmp_path / "out")
    (problem,) = (
        problem for name, problem in read_manifest(tmp_path / "out").problems.items() if name == "damaged_source"
    )
    assert problem.count == 1 and str(path) in problem.examples[0]


def test_the_commands_build_and_update_from_dumps(dumps: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    run = CliRunner().invoke
    done = run(app, ["catalog", "build", "--musicbrainz", str(dumps), "--out", str(tmp_path / "a"), "--json"])
    assert done.exit_code == 0 and json.loads(done.stdout.splitlines()[-1])["counts"]["albums"] == 20
    assert not (tmp_path / "a.gathered").exists()
    monkeypatch.setenv("SEGUE_CATALOG__UPDATE__FREE_GB", "0")
    files = {f"/1/{path.name}": path.read_bytes() for path in dumps.iterdir()}
    with serving(Site(files | {"/LATEST": b"1\n"})) as site:
        words = ["catalog", "update", "--source", "musicbrainz", "--dumps", "tables", "--url", site.url]
        words += ["--out", str(tmp_path / "b"), "--data-dir", str(tmp_path / "data"), "--json"]
        done = run(app, words)
        assert done.exit_code == 0, done.output
        assert json.loads(done.stdout.splitlines()[-1])["built"]["counts"]["albums"] == 20
        assert json.loads(run(app, words).stdout.splitlines()[-1])["built"] is None
    assert run(app, ["catalog", "update", "--data-dir", str(tmp_path / "data")]).exit_code == 2
