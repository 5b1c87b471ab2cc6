"""Lists go out in every format and come back as the same list; where files lie is told to those who may know."""

from __future__ import annotations

import io
import json
import zipfile

import pytest

from segue.core.access import Actor
from segue.library.fields.tracks import TRACK
from segue.playlists.exchange.errors import NotWritten
from segue.playlists.exchange.exporting import PlaylistExportService, ServerPaths
from segue.playlists.exchange.outgoing import Paths
from segue.playlists.exchange.views import ImportChoices
from segue.playlists.exchange.writing import OutFormat
from tests.playlists.exchange.ground import Ground

pytestmark = pytest.mark.anyio
ADMIN = Actor(1, "anna", roles=frozenset({"admin"}), libraries=None)


async def sent(
    exports: PlaylistExportService, actor: Actor, number: int | None, fmt: OutFormat, paths: Paths
) -> tuple[str, bytes]:
    address = "https://music.example"
    if number is None:
        made = await exports.export_all(actor, fmt, paths=paths, address=address)
    else:
        made = await exports.export(actor, number, fmt, paths=paths, address=address)
    return made.name, b"".join([piece async for piece in made.pieces])


@pytest.fixture
def exports(ground: Ground) -> PlaylistExportService:
    return PlaylistExportService(ground.db, ground.playlists, ground.imports._finding, TRACK)


@pytest.mark.parametrize("paths", ["relative", "absolute", "url"])
@pytest.mark.parametrize("fmt", ["m3u8", "pls", "xspf", "jspf", "csv", "m3u8-cues"])
async def test_a_list_that_goes_out_comes_back_as_the_same_tracks(
    ground: Ground,
    exports: PlaylistExportService,
    fmt: OutFormat,
    paths: Paths,
) -> None:
    roads, angel, other_angel, teardrop = ground.tracks
    number = await ground.playlists.create(ground.anna, "Late: trains", [other_angel, roads, angel, roads, teardrop])
    name, data = await sent(exports, ADMIN, number, fmt, paths)
    applied = await ground.imports.apply(ground.anna, (await ground.send(data, name)).id, ImportChoices())
    again = applied.lists[0].playlist_id
    assert again is not None
    assert (await ground.playlists.view(ground.anna, again)).name == "Late: trains"
    assert [row.track_id for row in await ground.rows(again)] == [other_angel, roads, angel, roads, teardrop]


async def test_paths_are_as_asked_and_whole_ones_only_for_administrators(
    ground: Ground,
    exports: PlaylistExportService,
) -> None:
    number = await ground.playlists.create(ground.anna, "x", ground.tracks[:1])
    path = "Portishead/Dummy/01 Roads.flac"
    for paths, wanted in (("relative", path), ("url", f"https://music.example/rest/stream?id=tr-{ground.tracks[0]}")):
        assert f"\n{wanted}\n".encode() in (await sent(exports, ground.anna, number, "m3u8", paths))[1]  # type: ignore[arg-type]
    assert f"\n/music/{path}\n".encode() in (await sent(exports, ADMIN, number, "m3u8", "absolute"))[1]
    with pytest.raises(ServerPaths):
        await exports.export(ground.anna, number, "m3u8", paths="absolute")


async def test_rows_without_a_track_go_out_with_their_words(ground: Ground, exports: PlaylistExportService) -> None:
    number = await ground.imported("#EXTINF:251,Nobody Here - Unheard\nc.mp3\n")
    name, data = await sent(exports, ground.anna, number, "jspf", "relative")
    track = json.loads(data)["playlist"]["track"][0]
    assert (track["title"], track["creator"], track["duration"]) == ("Unheard", "Nobody Here", 251_000)
    assert name == "late.jspf"


async def test_a_smart_list_goes_out_as_its_rules_or_as_what_it_holds(
    ground: Ground, exports: PlaylistExportService
) -> None:
    manual = await ground.playlists.create(ground.anna, "By hand", ground.tracks[:1])
    with pytest.raises(NotWritten):
        await exports.export(ground.anna, manual, "nsp")


async def test_all_lists_go_out_in_a_zip_in_their_folders_and_come_back(
    ground: Ground,
    exports: PlaylistExportService,
) -> None:
    folder = await ground.playlists.add_folder(ground.anna, "Trips")
    for name in ("Same", "same", "AC/DC"):
        number = await ground.playlists.create(ground.anna, name, ground.tracks[:2])
        await ground.playlists.keep_in(ground.anna, number, folder if name == "AC/DC" else None)
    name, data = await sent(exports, ground.anna, None, "m3u8", "relative")
    with zipfile.ZipFile(io.BytesIO(data)) as packed:
        names = packed.namelist()
    assert name == "playlists.zip" and len(set(map(str.casefold, names))) == 3
    assert [one for one in names if one.startswith("Trips/")]
    back = await ground.send(data, name)
    assert sorted(one.name for one in back.lists) == ["AC/DC", "Same", "same"]
    assert {one.folder for one in back.lists} == {(), ("Trips",)}
    assert all(one.counts["sure"] == 2 for one in back.lists)


async def test_a_smart_list_comes_back_by_its_rules_and_what_cannot_be_said_is_told(
    ground: Ground, exports: PlaylistExportService
) -> None:
    query = "year:1970..1979 genre:Rock sort:-year limit:50"
    number = await ground.playlists.create(ground.anna, "Seventies", query=query)
    name, data = await sent(exports, ground.anna, number, "nsp", "relative")
    assert name == "Seventies.nsp"
    back = await ground.send(data, name)
    assert back.lists[0].kind == "smart"
    applied = await ground.imports.apply(ground.anna, back.id, ImportChoices())
    made = await ground.playlists.view(ground.anna, applied.lists[0].playlist_id or 0)
    first = await ground.playlists.view(ground.anna, number)
    assert (made.kind, made.name, made.normalized) == ("smart", "Seventies", first.normalized)
    odd = await ground.send(
        json.dumps({"name": "Odd", "all": [{"is": {"nonsense": 1}}, {"gt": {"year": 1980}}]}), "odd.nsp"
    )
    assert "smart_in_part" in [code for code, _ in odd.doubts]
