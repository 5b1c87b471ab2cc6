"""A catalogue of MusicBrainz: the ids in one's tags lead straight to it, merged ones too, and back into suggestions."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from segue.catalog.build.building import build
from segue.catalog.sources import open_source
from segue.core.access import SYSTEM
from segue.core.db import Database
from tests.catalog.dumps import mbid, world, write_documents
from tests.metadata.links.conftest import once
from tests.metadata.links.ground import EDITOR, Song, house

pytestmark = pytest.mark.anyio
WORLD = world(4)


@pytest.fixture(scope="module")
def musicbrainz(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("musicbrainz")
    write_documents(folder / "dumps", WORLD)
    build(open_source(musicbrainz=folder / "dumps", scratch=folder / "scratch"), folder / "catalog")
    return folder / "catalog"


@once
async def test_mbids_lead_to_the_release_and_its_tracks(db: Database, musicbrainz: Path) -> None:
    home = await house(db, musicbrainz)
    release: dict[str, Any] = WORLD["releases"][0]
    tracks = [track for medium in release["media"] for track in medium["tracks"]]
    songs = [
        Song(
            f"Not its title {place}",
            (track["length"] or 0) / 1000,
            recording=mbid("recording", track["recording"]["number"]),
        )
        for place, track in enumerate(tracks)
    ]
    album, ours = await home.shelf.album(
        "Another name", "Somebody", songs, musicbrainz_release_id=mbid("release", release["number"])
    )
    await home.look()
    row = (await home.links.link(SYSTEM, "album", album)).row
    assert (row.state, row.value, row.method) == (
        "linked",
        f"musicbrainz:release:{mbid('release', release['number'])}",
        "musicbrainz_id",
    )
    for number in ours:
        row = (await home.links.link(SYSTEM, "track", number)).row
        assert row.state == "linked" and row.method == "musicbrainz_id" and row.value.startswith("musicbrainz:track:")
    beside = await home.links.beside(EDITOR, album)
    assert [line.state for line in beside.lines].count("have") == len(tracks)
    said = {one.field for one in (await home.links.suggestions(EDITOR, "album", album)).found}
    assert {"title", "artists", "date", "release_status"} <= said
    await home.catalog.close()
