"""Playlist files become lists: what is sure is linked, what is not is asked, what is not there waits for its music."""

from __future__ import annotations

import io
import json
from datetime import timedelta
from functools import partial

import pytest
from sqlalchemy import select, update

from segue.core.access import SYSTEM
from segue.core.clock import utc_now
from segue.core.db import Transaction
from segue.library.fields.tracks import TRACK
from segue.playlists.errors import TrackNotFound
from segue.playlists.exchange import service as importing
from segue.playlists.exchange.errors import (
    EmptyFile,
    FileTooLarge,
    ImportNotFound,
    NoPlaylist,
    NotReady,
    UnknownEncoding,
)
from segue.playlists.exchange.matching import MATCH
from segue.playlists.exchange.models import PlaylistImport, PlaylistRowKey, PlaylistSource
from segue.playlists.exchange.smart_files import query_of
from segue.playlists.exchange.staging import Reading
from segue.playlists.exchange.views import ImportChoices, ListChoice
from segue.playlists.exchange.wanting import entry_of_json
from segue.playlists.fields import track_fields
from segue.query import Entities
from tests.jobs.ground import ended
from tests.library.finding.ground import Song
from tests.playlists.exchange.ground import M3U, Ground

pytestmark = pytest.mark.anyio


async def test_a_file_is_shown_before_anything_is_made_of_it(ground: Ground) -> None:
    sent = await ground.send(M3U)
    assert (sent.state, sent.format, [one.name for one in sent.lists]) == ("ready", "m3u", ["Late trains"])
    assert sent.lists[0].counts == {"rows": 4, "sure": 2, "review": 1, "none": 1, "bad": 0}
    rows = await ground.imports.rows(ground.anna, sent.id, 0)
    assert [row.state for row in rows] == ["sure", "review", "none", "sure"]
    assert rows[0].track_id == ground.tracks[0]
    assert {rows[1].track_id, rows[1].others[0][0]} == set(ground.tracks[1:3])
    assert [row.place for row in await ground.imports.rows(ground.anna, sent.id, 0, states=["none"])] == [2]
    assert await ground.playlists.playlists(ground.anna) == []
    with pytest.raises(ImportNotFound):
        await ground.imports.view(ground.ben, sent.id)


async def test_what_is_sure_is_linked_and_everything_else_keeps_its_words_and_its_reasons(ground: Ground) -> None:
    number = await ground.imported(M3U)
    view, rows = await ground.playlists.playlist(ground.anna, number)
    assert (view.name, view.track_count) == ("Late trains", 4)
    assert [row.track_id for row in rows] == [ground.tracks[0], None, None, ground.tracks[0]]
    assert [row.title for row in rows] == ["Roads", "Angel", "Unheard", "Roads"]
    kept = await ground.rows(number)
    assert [row.match_state for row in kept] == ["sure", "review", "none", "sure"]
    assert kept[0].match_method == "text" and kept[0].match_score > 0.9 and kept[0].location == "a.mp3"
    assert kept[1].match_track_id in ground.tracks[1:3]
    assert "another_as_good" in [reason[0] for reason in kept[1].match_reasons]


async def test_unsure_rows_are_linked_where_somebody_wants_that(ground: Ground) -> None:
    number = await ground.imported(M3U, take_unsure=True)
    assert [row.track_id is not None for row in await ground.rows(number)] == [True, True, False, True]


async def test_a_person_chooses_before_the_list_is_made(ground: Ground) -> None:
    sent = await ground.send(M3U)
    await ground.imports.choose(ground.anna, sent.id, 0, 1, ground.tracks[2])
    await ground.imports.choose(ground.anna, sent.id, 0, 0, None)
    assert (await ground.imports.view(ground.anna, sent.id)).lists[0].counts["sure"] == 2
    with pytest.raises(TrackNotFound):
        await ground.imports.choose(ground.anna, sent.id, 0, 1, 9_999)
    applied = await ground.imports.apply(ground.anna, sent.id, ImportChoices(lists={0: ListChoice(name="Mine")}))
    number = applied.lists[0].playlist_id
    assert number is not None
    rows = await ground.rows(number)
    assert [row.match_state for row in rows] == ["unlinked", "chosen", "none", "sure"]
    assert rows[1].track_id == ground.tracks[2] and rows[0].track_id is None
    assert (await ground.playlists.view(ground.anna, number)).name == "Mine"
    with pytest.raises(NotReady):
        await ground.imports.apply(ground.anna, sent.id, ImportChoices())


async def test_the_same_file_again_updates_its_list_and_keeps_what_people_did_with_it(ground: Ground) -> None:
    number = await ground.imported(M3U)
    rows = await ground.rows(number)
    await ground.matching.decide(ground.anna, rows[1].id, ground.tracks[2])
    await ground.playlists.comment_row(ground.anna, number, rows[0].id, "the first")
    await ground.playlists.add_tracks(ground.anna, number, [ground.tracks[3]])
    assert await ground.imported(M3U) == number
    again = await ground.rows(number)
    assert [row.id for row in again][:4] == [row.id for row in rows]
    assert again[1].track_id == ground.tracks[2] and again[0].comment == "the first"
    changed = (
        M3U.replace("#EXTINF:303,Portishead - Roads\na.mp3\n", "", 1) + "#EXTINF:330,Massive Attack - Teardrop\nd.mp3\n"
    )
    assert await ground.imported(changed) == number
    last = await ground.rows(number)
    assert [row.title for row in last] == ["Angel", "Unheard", "Roads", "Teardrop", "Teardrop"]
    assert last[0].id == rows[1].id and last[4].origin is None
    assert await ground.imported(M3U, again="new") != number
    sent = await ground.send(M3U)
    assert sent.lists[0].existing_id is not None
    skipped = await ground.imports.apply(ground.anna, sent.id, ImportChoices(again="skip"))
    assert skipped.lists[0].playlist_id is None


async def test_rows_find_their_track_when_the_music_arrives(ground: Ground) -> None:
    number = await ground.imported(M3U)
    async with ground.working():
        await ground.matching.after_scan()
        await _idle(ground)
        assert [row.track_id is None for row in await ground.rows(number)] == [False, True, True, False]
        other = await ground.arrives(Song("Another Song", "Nobody Here", seconds=251))
        await _idle(ground)
        unheard = await ground.arrives(Song("Unheard (Remastered)", "Nobody Here", seconds=252))
        await _idle(ground)
    rows = await ground.rows(number)
    assert rows[2].track_id == unheard != other
    assert (rows[2].match_state, rows[2].title) == ("sure", "Unheard")
    assert "same_length" in [reason[0] for reason in rows[2].match_reasons]
    async with ground.db.read() as conn:
        keyed = set((await conn.scalars(select(PlaylistRowKey.row_id))).all())
    assert keyed == {rows[1].id}


async def _idle(ground: Ground) -> None:
    for job in (await ground.jobs.page(SYSTEM, kinds=[MATCH])).items:
        assert (await ended(ground.jobs, job.id)).state == "done"


async def test_what_a_person_decided_about_a_row_stays(ground: Ground) -> None:
    number = await ground.imported(M3U)
    rows = await ground.rows(number)
    await ground.matching.decide(ground.anna, rows[2].id, None)
    await ground.matching.decide(ground.anna, rows[0].id, None)
    await ground.arrives(Song("Unheard", "Nobody Here", seconds=251))
    async with ground.working():
        await _idle(ground)
    assert [row.match_state for row in await ground.rows(number)] == ["unlinked", "review", "unlinked", "sure"]
    assert await ground.matching.look_again(ground.anna, number) == 2
    assert [row.track_id is None for row in await ground.rows(number)] == [False, True, False, False]


async def test_rows_without_a_track_are_told_with_what_they_may_mean(ground: Ground) -> None:
    number = await ground.imported(M3U)
    _, awaiting, total = await ground.matching.awaiting(ground.anna, number)
    assert total == 2
    assert [one.row.title for one in awaiting] == ["Angel", "Unheard"]
    assert awaiting[0].track is not None and awaiting[0].track.title == "Angel" and len(awaiting[0].others) == 1
    assert awaiting[1].found is None


async def test_choosing_a_track_can_be_taken_back_like_any_change(ground: Ground) -> None:
    number = await ground.imported(M3U)
    row = (await ground.rows(number))[1]
    await ground.matching.decide(ground.anna, row.id, ground.tracks[1])
    await ground.playlists.undo(ground.anna, number)
    again = (await ground.rows(number))[1]
    assert (again.track_id, again.match_state) == (None, "review")


async def test_nobody_gets_a_track_linked_that_they_may_not_see(ground: Ground) -> None:
    sent = await ground.send(M3U, who=ground.ben)
    assert sent.lists[0].counts["none"] == 4


async def test_several_lists_in_folders_come_as_they_were(ground: Ground) -> None:
    lists = [{"name": name, "items": [{"track": {"trackName": "Roads", "artistName": "Portishead"}}]} for name in "AB"]
    sent = await ground.send(json.dumps({"playlists": lists}), "Playlist1.json")
    applied = await ground.imports.apply(ground.anna, sent.id, ImportChoices(lists={1: ListChoice("skip")}))
    assert [one.playlist_id is None for one in applied.lists] == [False, True]
    text = (
        "<plist><dict><key>Playlists</key><array><dict><key>Name</key><string>Trips</string>"
        "<key>Playlist Persistent ID</key><string>F</string><key>Folder</key><true/></dict><dict><key>Name</key>"
        "<string>Late</string><key>Parent Persistent ID</key><string>F</string><key>Playlist Items</key><array/></dict>"
        "</array></dict></plist>"
    )
    number = await ground.imported(text, "Library.xml")
    (folder,) = await ground.playlists.folders(ground.anna)
    assert folder.name == "Trips"
    assert (await ground.playlists.view(ground.anna, number)).folder_id == folder.id


async def test_a_large_file_is_read_and_made_into_a_list_by_jobs_that_go_on_where_they_were(
    ground: Ground, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(importing, "AT_ONCE_BYTES", 1_000)
    monkeypatch.setattr(importing, "AT_ONCE_ROWS", 100)
    text = "#EXTM3U\n" + "".join(f"#EXTINF:303,Portishead - Roads\n{place}.mp3\n" for place in range(1_500))
    sent = await ground.send(text)
    assert sent.state == "reading" and sent.job_id is not None
    async with ground.working():
        await ended(ground.jobs, sent.job_id)
        ready = await ground.imports.view(ground.anna, sent.id)
        assert (ready.state, ready.lists[0].counts["sure"]) == ("ready", 1_500)
        applying = await ground.imports.apply(ground.anna, sent.id, ImportChoices())
        assert applying.job_id is not None
        await ended(ground.jobs, applying.job_id)
    done = await ground.imports.view(ground.anna, sent.id)
    number = done.lists[0].playlist_id
    assert done.state == "done" and number is not None
    assert [row.location for row in await ground.rows(number)] == [f"{place}.mp3" for place in range(1_500)]
    view = await ground.playlists.view(ground.anna, number)
    assert (view.track_count, view.duration_ms) == (1_500, 1_500 * 303_000)
    (made,) = await ground.playlists.history(ground.anna, number)
    assert (made.action, made.params) == ("imported", {"count": 1_500})


async def test_a_smart_file_that_names_a_list_means_the_one_that_is_called_so_here(
    ground: Ground, monkeypatch: pytest.MonkeyPatch
) -> None:
    number = await ground.imported(M3U)
    others = track_fields(lambda: None)  # type: ignore[arg-type,return-value]
    monkeypatch.setattr(ground.imports, "_tracks", Entities([TRACK]).extended({"tracks": others})["tracks"])
    named = {"all": [{"inPlaylist": {"path": "lists/Late trains.nsp"}}, {"notInPlaylist": {"id": "GLKcsg"}}]}
    sent = await ground.send(json.dumps({"name": "Both", **named}), "both.nsp")
    assert sent.lists[0].query == f'playlist:pl-{number} NOT playlist:"GLKcsg"'
    assert [(code, params["what"]) for code, params in sent.doubts] == [
        ("smart_otherwise", "The playlist Late trains is taken for the one of yours that is called so"),
        ("smart_otherwise", "No playlist, or more than one, is called GLKcsg; it is asked for by its name"),
    ]


async def test_a_reading_that_was_killed_goes_on_behind_its_last_step(
    ground: Ground, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(importing, "AT_ONCE_BYTES", 1_000)
    text = "#EXTM3U\n" + "".join(f"#EXTINF:303,Portishead - Roads\n{place}.mp3\n" for place in range(1_000))
    sent = await ground.send(text)
    reached: list[int] = []

    async def saved(tx: Transaction, taken: int) -> None:
        reached.append(taken)

    def killed(taken: int) -> None:
        if len(reached) == 2:
            raise KeyboardInterrupt

    def reading() -> Reading:
        file = io.BytesIO(text.encode())
        smart = partial(query_of, TRACK)
        return Reading(ground.db, ground.imports._finding, smart, ground.anna, sent.id, file, "late.m3u8")

    with pytest.raises(KeyboardInterrupt):
        await reading().run(0, saved, killed)
    await reading().run(reached[-1], saved)
    rows = await ground.imports.rows(ground.anna, sent.id, 0, limit=2_000)
    assert [entry_of_json(row.entry).location for row in rows] == [f"{place}.mp3" for place in range(1_000)]
    ready = await ground.imports.view(ground.anna, sent.id)
    assert (ready.state, ready.lists[0].counts["sure"]) == ("ready", 1_000)


async def test_a_file_that_is_none_or_too_large_is_refused_with_the_reason(
    ground: Ground, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(EmptyFile):
        await ground.send("")
    with pytest.raises(NoPlaylist):
        await ground.send(b"\x7fELF\x00\x00\x01", "song.bin")
    with pytest.raises(UnknownEncoding):
        await ground.send(M3U, encoding="klingon")
    monkeypatch.setattr(importing, "MAX_BYTES", 100_000)
    with pytest.raises(FileTooLarge):
        await ground.send("a.mp3\n" * 100_000)
    broken = await ground.send("<playlist><trackList><track><title>Roads</title></track><track>", "x.xspf")
    assert broken.doubts[0][0] == "xml_broken" and broken.lists[0].counts["rows"] == 1


async def test_an_import_that_is_discarded_or_whose_owner_is_erased_leaves_nothing(ground: Ground) -> None:
    sent = await ground.send(M3U)
    await ground.imports.discard(ground.anna, sent.id)
    with pytest.raises(ImportNotFound):
        await ground.imports.view(ground.anna, sent.id)
    await ground.send(M3U)
    async with ground.db.write() as tx:
        await ground.imports.on_user_erased(tx, 1)
    assert await ground.imports.imports(ground.anna) == []


async def test_a_week_later_an_import_is_forgotten_and_so_is_where_a_deleted_list_came_from(ground: Ground) -> None:
    number = await ground.imported(M3U)
    await ground.playlists.delete(ground.anna, number)
    async with ground.db.write() as tx:
        await tx.execute(update(PlaylistImport).values(created_at=utc_now() - timedelta(days=8)))
    assert await ground.imports.housekeeping() == 1
    assert await ground.imports.imports(ground.anna) == []
    async with ground.db.read() as conn:
        assert (await conn.execute(select(PlaylistSource.__table__))).all() == []
