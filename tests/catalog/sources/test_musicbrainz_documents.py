from __future__ import annotations

import gzip
import json
import lzma
import tarfile
from pathlib import Path

import pytest
import zstandard

from segue.catalog.records import Album, Track
from segue.catalog.sources import open_source
from segue.catalog.sources.errors import NoSource
from segue.catalog.sources.links import id_of_link
from segue.catalog.sources.musicbrainz.documents import documents
from segue.catalog.sources.musicbrainz.making import key_of
from tests.catalog.dumps import damaged, mbid, tar, world, write_documents
from tests.catalog.dumps import documents as made_documents


@pytest.fixture(scope="module")
def dumps(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_documents(tmp_path_factory.mktemp("json"), world())


def release_of(folder: Path, number: int) -> tuple[Album, list[Track]]:
    source = open_source(musicbrainz=folder)
    album = next(album for album in source.albums() if album.id == mbid("release", number))
    return album, [track for track in source.tracks() if track.album == album.key]


def test_every_release_is_an_album_with_its_tracks_and_everybody_it_credits(dumps: Path) -> None:
    made = world()
    source = open_source(musicbrainz=dumps)
    artists, albums, tracks = list(source.artists()), list(source.albums()), list(source.tracks())
    assert {album.id for album in albums} == {mbid("release", release["number"]) for release in made["releases"]}
    assert len(tracks) == sum(len(medium["tracks"]) for release in made["releases"] for medium in release["media"])
    keys = {artist.key for artist in artists}
    assert len(artists) == len(keys) == len(made["artists"])
    assert all(key in keys for album in albums for key in (*album.artists, *album.appears))
    assert source.damage == []
    assert source.counts().tracks == len(tracks)


def test_credits_are_kept_as_they_are_written(dumps: Path) -> None:
    album, _ = release_of(dumps, 3)
    assert album.more is not None
    assert [credit.get("join") for credit in album.more["credits"]] == [" feat. ", None]
    assert album.more["credits"][0]["name"] == "As Billed"
    assert len(album.artists) == 2
    plain, _ = release_of(dumps, 1)
    assert plain.more is not None and "credits" not in plain.more


def test_what_only_a_track_credits_appears_on_the_album(dumps: Path) -> None:
    album, tracks = release_of(dumps, 1)
    guest = next(track for track in tracks if len(track.artists) == 2)
    assert album.appears == (guest.artists[1],)


def test_tracks_bear_the_ids_of_their_recording_its_codes_and_where_they_are(dumps: Path) -> None:
    made = world()
    _, tracks = release_of(dumps, 5)
    pregap = tracks[0]
    assert (pregap.track_number, pregap.disc_number) == (0, 1)
    source = made["releases"][4]["media"][0]["tracks"][0]
    recording = mbid("recording", source["recording"]["number"])
    assert pregap.ids == (f"musicbrainz:recording:{recording}", f"musicbrainz:track:{mbid('track', source['number'])}")
    assert tracks[2].isrcs == tuple(made["releases"][4]["media"][0]["tracks"][2]["recording"]["isrcs"])
    vinyl, sides = release_of(dumps, 2)
    assert [track.more and track.more["number"] for track in sides] == ["A1", "A2", "A3", "A4"]
    assert vinyl.more is not None and vinyl.more["media"][0]["format"] == "Digital Media"


def test_more_releases_of_a_recording_make_it_more_popular(dumps: Path) -> None:
    source = open_source(musicbrainz=dumps)
    popular = {album.id: album.popularity for album in source.albums()}
    assert popular[mbid("release", 4)] == popular[mbid("release", 3)] == 14 and popular[mbid("release", 1)] == 0
    once = {track.id: track.popularity for track in source.tracks()}
    again = next(track for track in source.tracks() if track.album == key_of(mbid("release", 4)))
    assert once[again.id] >= 14 and 0 in once.values()


def test_without_a_dump_of_artists_they_are_made_of_what_releases_say(tmp_path: Path) -> None:
    source = open_source(musicbrainz=write_documents(tmp_path, world(), ["release"]))
    artists = {artist.id: artist for artist in source.artists()}
    keys = {artist.key for artist in artists.values()}
    assert all(key in keys for track in source.tracks() for key in track.artists)
    assert all(artist.more is not None and artist.more["sort_name"] for artist in artists.values())
    assert not any(artist.aliases for artist in artists.values())


def test_genres_and_ratings_come_only_when_asked_for_and_bear_their_licence(dumps: Path) -> None:
    core = open_source(musicbrainz=dumps)
    assert core.licence == "CC0-1.0"
    assert not any(one.licence or one.genres for one in (*core.artists(), *core.albums()))
    derived = open_source(musicbrainz=dumps, derived=True)
    artists = list(derived.artists())
    liked = [artist for artist in artists if artist.genres]
    assert liked and all(artist.genres == ("jazz", "folk") for artist in liked)
    assert all((artist.licence == "CC0-1.0 AND CC-BY-NC-SA-3.0") == bool(artist.genres) for artist in artists)
    assert liked[0].more is not None and liked[0].more["rating"] == {"value": 4.0, "votes": 5}
    assert core.identity() != derived.identity()


@pytest.mark.parametrize("packed", ["tar.xz", "tar.zst", "tar", "mbdump", "mbdump.xz", "lines.gz"])
def test_dumps_are_read_however_they_are_packed(dumps: Path, tmp_path: Path, packed: str) -> None:
    archive = lzma.decompress((dumps / "release.tar.xz").read_bytes())
    with tarfile.open(dumps / "release.tar.xz") as opened:
        member = opened.extractfile("mbdump/release")
        assert member is not None
        text = member.read()
    (tmp_path / "mbdump").mkdir()
    if packed.startswith("tar"):
        pack = {"tar.xz": lzma.compress, "tar.zst": zstandard.compress, "tar": bytes}[packed]
        (tmp_path / f"release.{packed}").write_bytes(pack(archive))
    elif packed == "lines.gz":
        (tmp_path / "release.jsonl.gz").write_bytes(gzip.compress(text))
    else:
        name = packed.replace("mbdump", "mbdump/release")
        (tmp_path / name).write_bytes(lzma.compress(text) if packed.endswith("xz") else text)
    assert [document["id"] for document in documents(tmp_path, "release")] == [
        document["id"] for document in made_documents(world())["release"]
    ]
    assert len(list(open_source(musicbrainz=tmp_path).albums())) == 12


def test_documents_go_on_behind_every_position(dumps: Path) -> None:
    reading = documents(dumps, "release")
    whole, positions = [], []
    for document in reading:
        whole.append(document)
        positions.append(reading.position)
    assert reading.done == reading.size
    for number, position in enumerate(positions, 1):
        assert list(documents(dumps, "release", position)) == whole[number:]


def test_a_broken_line_is_named_with_its_offset_and_passed_over(tmp_path: Path) -> None:
    path = write_documents(tmp_path, world(), ["release"]) / "release.tar.xz"
    third = json.dumps(made_documents(world())["release"][2], ensure_ascii=False).encode()
    damaged(path, lambda text: text.replace(third, b"{" + third[:-1]))
    source = open_source(musicbrainz=tmp_path)
    assert len(list(source.albums())) == 11
    (damage,) = source.damage
    assert damage.file == str(path) and "not a document" in damage.why
    at = int(damage.place.split()[1])
    text = b"".join(
        json.dumps(one, ensure_ascii=False).encode() + b"\n" for one in made_documents(world())["release"][:2]
    )
    assert at == len(text)


def test_null_is_nothing_wherever_it_stands(tmp_path: Path) -> None:
    found = made_documents(world(2))["release"]
    plain = dict(found[0], **{"label-info": [], "relations": [], "asin": ""})
    nulls = dict(
        found[0], **{"label-info": None, "relations": None, "release-events": None, "genres": None, "asin": None}
    )
    nulls["release-events"], nulls["media"] = (
        plain["release-events"],
        [dict(medium, pregap=None) for medium in plain["media"]],
    )
    records = []
    for name, document in (("plain", plain), ("nulls", nulls)):
        (tmp_path / name).mkdir()
        (tmp_path / name / "release.json").write_text(json.dumps(document))
        source = open_source(musicbrainz=tmp_path / name)
        records.append((list(source.albums()), list(source.tracks()), source.damage))
    assert records[0] == records[1]


def test_an_id_that_is_none_costs_its_release_or_its_track_alone(tmp_path: Path) -> None:
    found = made_documents(world(4))["release"]
    found[0]["id"] = "nothing"
    found[1]["media"][0]["tracks"][1]["recording"]["id"] = "x" * 36
    found[2]["artist-credit"][0]["artist"]["id"] = "nothing"
    lines = "".join(json.dumps(document) + "\n" for document in found)
    (tmp_path / "release.tar").write_bytes(tar({"mbdump/release": lines.encode()}))
    source = open_source(musicbrainz=tmp_path)
    assert [album.id for album in source.albums()] == [mbid("release", 2), mbid("release", 4)]
    assert len([track for track in source.tracks() if track.album == next(iter(source.albums())).key]) == 3
    assert len(source.damage) == 3


@pytest.mark.parametrize("share", [0.3, 0.95])
def test_a_truncated_dump_gives_what_came_before(tmp_path: Path, share: float) -> None:
    path = write_documents(tmp_path, world(60), ["release"]) / "release.tar.xz"
    path.write_bytes(path.read_bytes()[: int(path.stat().st_size * share)])
    source = open_source(musicbrainz=tmp_path)
    ids = [album.id for album in source.albums()]
    assert 0 < len(ids) < 60 and ids == [mbid("release", number) for number in range(1, len(ids) + 1)]
    (damage,) = source.damage
    assert damage.place == f"byte {path.stat().st_size}" and "ends in the middle" in damage.why


def test_a_flipped_bit_in_the_archive_is_told(tmp_path: Path) -> None:
    path = write_documents(tmp_path, world(60), ["release"]) / "release.tar.xz"
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 0x55
    path.write_bytes(bytes(data))
    source = open_source(musicbrainz=tmp_path)
    assert len(list(source.albums())) <= 60
    assert source.damage and all(damage.file == str(path) for damage in source.damage)


def test_no_archive_at_all_is_told(tmp_path: Path) -> None:
    (tmp_path / "release.tar.xz").write_bytes(b"<html>Not Found</html>" * 100)
    source = open_source(musicbrainz=tmp_path)
    assert list(source.albums()) == []
    (damage,) = source.damage
    assert "no tar archive" in damage.why
    with pytest.raises(NoSource, match="has no dump of label"):
        documents(tmp_path, "label")


@pytest.mark.parametrize("name", ["release", "release_multidisc", "release_djmix"])
def test_recorded_answers_of_ws2_are_lines_of_a_dump(reference: Path, tmp_path: Path, name: str) -> None:
    recorded = json.loads((reference / "providers" / "musicbrainz" / f"{name}.json").read_bytes())
    recorded.setdefault("artist-credit", [])
    (tmp_path / "release.jsonl").write_text(json.dumps(recorded) + "\n", encoding="utf-8")
    source = open_source(musicbrainz=tmp_path)
    (album,) = source.albums()
    tracks = list(source.tracks())
    assert source.damage == []
    assert (album.id, album.name) == (recorded["id"], recorded["title"])
    assert album.release_date == (recorded.get("date") or "")
    rows = [track for medium in recorded.get("media", []) for track in medium.get("tracks", [])]
    assert [track.id for track in tracks] == [row["id"] for row in rows]
    assert [track.duration_ms for track in tracks] == [row["length"] or row["recording"]["length"] or 0 for row in rows]


@pytest.mark.parametrize(
    ("url", "id"),
    [
        ("https://open.spotify.com/intl-de/album/6akEvsycLGftJxYudPjmqK", "spotify:album:6akEvsycLGftJxYudPjmqK"),
        ("https://www.deezer.com/en/artist/27", "deezer:artist:27"),
        ("https://www.discogs.com/artist/45467-Pink-Floyd", "discogs:artist:45467"),
        ("https://www.discogs.com/Pink-Floyd-Animals/release/367104", "discogs:release:367104"),
        ("https://music.apple.com/gb/album/animals/1065975633", "itunes:album:1065975633"),
        ("https://itunes.apple.com/us/artist/id487143", "itunes:artist:487143"),
        ("https://www.wikidata.org/wiki/Q2306", "wikidata:item:Q2306"),
        ("https://www.youtube.com/channel/UCY2qt3dw2TQJxvBrDiYGHdQ", "youtube:channel:UCY2qt3dw2TQJxvBrDiYGHdQ"),
        ("https://thing.bandcamp.com/album/some-thing", "bandcamp:album:thing/some-thing"),
        ("https://thing.bandcamp.com/", "bandcamp:artist:thing"),
        ("https://soundcloud.com/thing", "soundcloud:user:thing"),
        ("https://tidal.com/browse/track/1781887", "tidal:track:1781887"),
        ("https://example.org/discogs", None),
        ("https://www.discogs.com/user/somebody", None),
    ],
)
def test_links_are_ids(url: str, id: str | None) -> None:
    assert id_of_link(url) == id
