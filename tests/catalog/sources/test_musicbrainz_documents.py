from __future__ import annotations

from pathlib import Path

import pytest

from segue.catalog.records import Source
from segue.catalog.sources import open_source
from tests.catalog.dumps import mbid, world, write_documents


@pytest.fixture(scope="module")
def dumps(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_documents(tmp_path_factory.mktemp("json"), world())


def test_every_release_is_an_album_with_its_tracks_and_everybody_it_credits(dumps: Path) -> None:
    made = world()
    source: Source = open_source(musicbrainz=dumps)
    artists, albums, tracks = list(source.artists()), list(source.albums()), list(source.tracks())
    assert {album.id for album in albums} == {mbid("release", release["number"]) for release in made["releases"]}
    assert len(tracks) == sum(len(medium["tracks"]) for release in made["releases"] for medium in release["media"])
    keys = {artist.key for artist in artists}
    assert all(key in keys for album in albums for key in (*album.artists, *album.appears))
    assert source.damage == []
    print(albums[2], tracks[5], artists[4], sep="\n")
