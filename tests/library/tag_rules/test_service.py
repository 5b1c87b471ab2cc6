"""Rules for tags that change: everything is made again without reading a file, and nothing that a person made is lost."""

from __future__ import annotations

import shutil
from typing import Any, cast

import pytest
from sqlalchemy import func, insert, select, update

from segue.core.access import SYSTEM
from segue.core.clock import utc_now
from segue.core.db import Transaction
from segue.jobs import Cancelled, JobContext
from segue.library import items
from segue.library.models import Album, File, Folder, RawTags, TrackField, TrackGenre
from segue.library.scan import again
from segue.library.scan.documents import decode, pack
from segue.library.scan.tags.rules import shipped
from segue.library.scan.tags.rules_file import RulesRefused, rules_of
from segue.library.schemas import TrackPageItem
from segue.library.service import LibraryService
from segue.library.tag_rules import service
from segue.library.tag_rules.errors import RulesInFile
from segue.listening.models import Annotation
from segue.subsonic.spelled import album as spelled_album
from segue.subsonic.spelled import song
from tests.jobs.ground import ended
from tests.library.scan.recount import differences
from tests.library.tag_rules.conftest import Ruled

pytestmark = pytest.mark.anyio

OWN = """
split:
  artist: {add: [" & "]}
own:
  taper: TAPER
"""


async def scanned(ruled: Ruled) -> int:
    library = await ruled.scans.add_library(str(ruled.music))
    async with ruled.worker():
        await ruled.settled()
    return library


async def applied(ruled: Ruled, text: str | None) -> dict[str, object]:
    job = await (ruled.rules.put(SYSTEM, text) if text is not None else ruled.rules.forget(SYSTEM))
    assert job is not None
    async with ruled.worker():
        done = await ended(ruled.jobs, job)
        await ruled.settled()
    assert done.state == "done", done.error
    assert done.result is not None
    return done.result


async def test_new_rules_make_every_track_again_without_reading_a_file_and_keep_ids(ruled: Ruled) -> None:
    ruled.song("A/1.flac", title="One", artist="Ann & Bob", album="X", taper="Tom", genre="Rock; Pop")
    ruled.song("A/2.mp3", title="Two", artist="Ann", album="X")
    await scanned(ruled)
    before = await ruled.tracks()
    assert await ruled.artists() == {"Ann & Bob", "Ann"}
    for file in ruled.music.rglob("*.*"):
        file.write_bytes(b"no music any more")
    result = await applied(ruled, OWN)
    assert result == {"files": 2, "changed": 1, "libraries_to_read": 0}
    after = await ruled.tracks()
    assert {path: row.id for path, row in after.items()} == {path: row.id for path, row in before.items()}
    assert {path: row.album_id for path, row in after.items()} == {path: row.album_id for path, row in before.items()}
    assert await ruled.artists() == {"Ann", "Bob"}
    assert after["A/1.flac"].artist_display == "Ann & Bob"
    async with ruled.db.read() as conn:
        fields = (await conn.execute(select(TrackField.name, TrackField.value))).all()
    assert [tuple(row) for row in fields] == [("taper", "Tom")]
    await applied(ruled, None)
    assert await ruled.artists() == {"Ann & Bob", "Ann"}
    assert {path: row.id for path, row in (await ruled.tracks()).items()} == {p: r.id for p, r in before.items()}


async def test_a_full_scan_after_a_change_of_rules_finds_nothing_to_write(ruled: Ruled) -> None:
    for fmt in ("flac", "mp3", "opus", "m4a", "wma"):
        ruled.song(f"A/{fmt}.{fmt}", title=fmt, artist="Ann & Bob", album="X", date="1977-16", genre=["Rock/Pop"])
    library = await scanned(ruled)
    await applied(ruled, OWN)

    async def state() -> list[tuple[object, ...]]:
        async with ruled.db.read() as conn:
            columns = (File.id, File.tag_hash, File.rules_hash, File.doubts)
            return [tuple(row) for row in await conn.execute(select(*columns).order_by(File.id))]

    made = await state()
    assert {row[2] for row in made} == {rules_of(OWN).hash}
    updated = {path: row.updated_at for path, row in (await ruled.tracks()).items()}
    async with ruled.worker():
        await ended(ruled.jobs, (await ruled.scans.request(library, full=True))[0])
    assert await state() == made
    assert {path: row.updated_at for path, row in (await ruled.tracks()).items()} == updated


async def test_a_change_of_rules_goes_on_where_it_was_interrupted(ruled: Ruled) -> None:
    for number in range(30):
        ruled.song(f"{number % 6}/{number}.flac", title=str(number), artist="Ann & Bob", album=str(number % 6))
    await scanned(ruled)
    await ruled.rules.put(SYSTEM, OWN)
    assert await ruled.rules.behind() == 30
    async with ruled.db.write() as tx:  # as if a killed worker had done half of it
        half = select(File.id).where(File.folder_id.in_(select(Folder.id).where(Folder.path.in_([b"0", b"1", b"2"]))))
        await tx.execute(update(File).where(File.id.in_(half)).values(rules_hash=rules_of(OWN).hash))
    async with ruled.worker():
        await ruled.settled()
    assert await ruled.rules.behind() == 0
    async with ruled.db.read() as conn:
        assert await conn.scalar(select(func.count()).select_from(Album)) == 6


async def test_a_star_survives_a_change_of_rules(ruled: Ruled) -> None:
    ruled.song("A/1.flac", title="One", artist="Ann & Bob", album="X")
    await scanned(ruled)
    (track,) = (await ruled.tracks()).values()
    async with ruled.db.write() as tx:
        for kind, number in (("track", track.id), ("album", track.album_id)):
            await tx.execute(
                insert(Annotation).values(user_id=1, kind=kind, entity_id=number, starred_at=utc_now(), rating=4)
            )
    await applied(ruled, OWN)
    async with ruled.db.read() as conn:
        stars = {(row.kind, row.entity_id, row.rating) for row in await conn.execute(select(Annotation.__table__))}
    (again,) = (await ruled.tracks()).values()
    assert stars == {("track", again.id, 4), ("album", again.album_id, 4)}


async def test_a_file_whose_tags_could_not_be_kept_whole_is_read_once_more(ruled: Ruled) -> None:
    ruled.song("A/1.flac", title="One", artist="Ann & Bob", album="X")
    ruled.song("A/2.flac", title="Two", artist="Ann & Bob", album="X")
    await scanned(ruled)
    async with ruled.db.write() as tx:
        number, document = (await tx.execute(select(RawTags.file_id, RawTags.document).limit(1))).one()
        cut = pack(decode(document) | {"raw": {}, "raw_truncated": True})
        await tx.execute(update(RawTags).where(RawTags.file_id == number).values(document=cut))
    result = await applied(ruled, OWN)
    assert result == {"files": 2, "changed": 1, "libraries_to_read": 1}
    assert await ruled.artists() == {"Ann", "Bob"}
    assert await ruled.rules.behind() == 0


async def test_rules_that_change_nothing_leave_every_row_alone(ruled: Ruled) -> None:
    ruled.song("A/1.flac", title="One", artist="Ann", album="X")
    await scanned(ruled)
    before = await ruled.tracks()
    assert (await applied(ruled, OWN))["changed"] == 0
    assert await ruled.tracks() == before


async def test_a_preview_says_what_would_change_and_writes_nothing(ruled: Ruled) -> None:
    ruled.song("A/1.flac", title="One", artist="Ann & Bob", album="X", genre="Art Rock")
    ruled.song("A/2.flac", title="Two", artist="Ann", album="X")
    await scanned(ruled)
    before = await ruled.tracks()
    found = await ruled.rules.preview(SYSTEM, OWN)
    assert (found.total, found.looked_at, found.changed, found.unread) == (2, 2, 1, 0)
    assert found.fields == {"artists": 1}
    assert [found.artists.spelled[key] for key in found.artists.added] == ["Bob"]
    assert [found.artists.spelled[key] for key in found.artists.removed] == ["Ann & Bob"]
    (example,) = found.examples
    assert (example.track, example.field) == (before["A/1.flac"].id, "artists")
    assert [one["name"] for one in example.after] == ["Ann", "Bob"]
    assert await ruled.tracks() == before
    with pytest.raises(RulesRefused):
        await ruled.rules.preview(SYSTEM, "split: [1")


async def test_a_file_of_rules_counts_more_than_what_is_kept(ruled: Ruled) -> None:
    (ruled.data / "tags.yaml").write_text(OWN, encoding="utf-8")
    found = await ruled.rules.in_force()
    assert (found.source, found.rules.hash) == ("file", rules_of(OWN).hash)
    with pytest.raises(RulesInFile):
        await ruled.rules.put(SYSTEM, "drop: [mood]")
    ruled.song("A/1.flac", title="One", artist="Ann & Bob", album="X")
    await scanned(ruled)
    assert await ruled.artists() == {"Ann", "Bob"}


async def test_with_a_mistake_in_the_file_the_shipped_rules_hold_and_nothing_is_made_again(ruled: Ruled) -> None:
    ruled.song("A/1.flac", title="One", artist="Ann & Bob", album="X")
    await scanned(ruled)
    (ruled.data / "tags.yaml").write_text("split:\n  artists: [x]\n", encoding="utf-8")
    found = await ruled.rules.in_force()
    assert found.rules.hash == shipped().hash
    assert found.problem is not None
    assert found.problem.message == "Line 2: There is no field that is taken apart artists. Did you mean artist?"
    assert await ruled.rules.apply_if_changed() is None


async def test_a_changed_file_of_rules_is_noticed_at_a_start_and_after_a_scan(ruled: Ruled) -> None:
    ruled.song("A/1.flac", title="One", artist="Ann & Bob", album="X")
    library = await scanned(ruled)
    assert await ruled.rules.apply_if_changed() is None
    (ruled.data / "tags.yaml").write_text(OWN, encoding="utf-8")
    assert await ruled.rules.apply_if_changed() is not None
    async with ruled.worker():
        await ruled.settled()
    assert await ruled.artists() == {"Ann", "Bob"}
    (ruled.data / "tags.yaml").unlink()
    async with ruled.worker():
        await ended(ruled.jobs, (await ruled.scans.request(library))[0])
        await ruled.settled()
    assert await ruled.artists() == {"Ann & Bob"}


async def test_missing_music_is_made_again_too_and_stays_missing(ruled: Ruled) -> None:
    ruled.song("A/1.flac", title="One", artist="Ann & Bob", album="X", genre="A, B")
    ruled.song("B/2.flac", title="Two", artist="Cid", album="Y")
    library = await scanned(ruled)
    shutil.rmtree(ruled.music / "A")
    async with ruled.worker():
        await ended(ruled.jobs, (await ruled.scans.request(library, accept_missing=True))[0])
    await applied(ruled, OWN + "\nadd: {genre: {vorbis: TITLE}}\n")
    track = (await ruled.tracks())["A/1.flac"]
    assert track.missing_since is not None
    async with ruled.db.read() as conn:
        genres = await conn.scalar(select(func.count()).select_from(TrackGenre).where(TrackGenre.track_id == track.id))
    assert genres == 2


async def test_a_first_scan_reads_fields_of_ones_own_and_a_tracks_page_shows_everything(ruled: Ruled) -> None:
    (ruled.data / "tags.yaml").write_text(OWN, encoding="utf-8")
    ruled.song(
        "A/1.flac", title="The One", titlesort="One, The", artist="Ann", album="The X", albumsort="X, The", taper=["Tom", "Tim"],
        mood=["calm", "warm"], grouping=["Live", "Best of"], date="1977", releasedate="1997-03", recordingdate="1976-12-31",
        media="CD", movementname="Allegro", movement="2/3", isrc="DEA123456789", asin="B000002UAL",
        musicbrainz_discid="I5l9cCSFccLKFEKS.7wqSZAorPU-", musicbrainz_workid="0b0d0f6e-0000-4000-8000-000000000001",
    )  # fmt: skip
    await scanned(ruled)
    (row,) = (await ruled.tracks()).values()
    library = LibraryService(ruled.db)
    track, details = await library.track_page(row.id, SYSTEM)
    page = items.track_page(track, details)
    assert TrackPageItem.model_validate(page).own_fields
    assert page["own_fields"] == [{"name": "taper", "value": "Tom"}, {"name": "taper", "value": "Tim"}]
    assert (page["moods"], page["groupings"]) == (["calm", "warm"], ["Live", "Best of"])
    assert (page["sort_title"], page["release_date"], page["recording_date"]) == ("One, The", "1997-03", "1976-12-31")
    assert (page["media"], page["movement"], page["movement_number"], page["movement_total"]) == ("CD", "Allegro", 2, 3)
    assert {one["namespace"] for one in page["external_ids"]} == {"isrc", "musicbrainz:work"}
    for asked, count in (("taper:tom", 1), ("taper:Tim", 1), ("taper", 1), ("taper:Ann", 0), ("source", 0)):
        assert await library.count("tracks", SYSTEM, library.filters("tracks", [("own", asked)])) == count
    album = await library.album(track.album.id, SYSTEM)
    assert (album.album.sort_title, album.album.release_date, album.discs[0].media) == ("X, The", "1997-03", "CD")
    assert album.external_ids == [("asin", "B000002UAL"), ("musicbrainz:disc", "I5l9cCSFccLKFEKS.7wqSZAorPU-")]
    assert (song(track)["sortName"], spelled_album(album.album)["sortName"]) == ("One, The", "X, The")
    assert spelled_album(album.album)["releaseDate"] == {"year": 1997, "month": 3}


class Hand:
    """What a job holds, for a start that ends after `batches` batches."""

    def __init__(self, checkpoint: dict[str, Any], batches: int) -> None:
        self.checkpoint = checkpoint
        self.left = batches
        self.told: list[tuple[int | None, int | None]] = []

    def check(self) -> None:
        if self.left <= 0:
            raise Cancelled
        self.left -= 1

    async def guard(self, tx: Transaction) -> None:
        """Nobody else has the job."""

    async def save(self, checkpoint: dict[str, Any], *, tx: Transaction) -> None:
        self.checkpoint = checkpoint

    def progress(self, done: int | None = None, total: int | None = None, **_: Any) -> None:
        self.told.append((done, total))


async def test_a_job_that_is_cancelled_leaves_whole_folders_and_the_next_goes_on_behind_them(ruled: Ruled) -> None:
    for number in range(60):
        ruled.song(f"{number // 4}/{number}.flac", title=str(number), artist="Ann & Bob", album=str(number // 4))
    await scanned(ruled)
    (ruled.data / "tags.yaml").write_text(OWN, encoding="utf-8")
    hand = Hand({}, batches=1)
    with pytest.raises(Cancelled):
        await ruled.rules.reinterpret(cast(JobContext, hand))
    done = hand.checkpoint["done"]
    assert 0 < done < 60
    assert done % 4 == 0
    assert hand.told[0] == (0, 60)
    async with ruled.db.read() as conn:
        count = select(func.count()).select_from(Album)
        assert await conn.scalar(count) == 15
    again = Hand(hand.checkpoint, batches=100)
    result = await ruled.rules.reinterpret(cast(JobContext, again))
    assert again.told[0] == (done, 60)
    assert result == {"files": 60, "changed": 60, "libraries_to_read": 0}
    assert await ruled.artists() == {"Ann", "Bob"}
    assert await ruled.rules.behind() == 0


async def test_the_albums_of_a_folder_are_decided_once_however_many_batches_its_files_take(
    ruled: Ruled, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in range(1, 9):
        ruled.song(f"A/{number}.mp3", title=f"T{number}", artist="Ann & Bob", album="X", tracknumber=str(number))
    ruled.song("B/1.mp3", title="Other", artist="Ann & Cid", album="Y")
    await scanned(ruled)
    before = await ruled.tracks()
    decided = []
    whole = again.regrouped

    async def counted(tx: Any, stored: Any, *rest: Any) -> Any:
        decided.append(sorted({file.path.partition(b"/")[0] for file in stored}))
        return await whole(tx, stored, *rest)

    monkeypatch.setattr(service, "FEWEST", 3)
    monkeypatch.setattr(service, "MOST", 3)
    monkeypatch.setattr(again, "regrouped", counted)
    result = await applied(ruled, OWN)
    assert result == {"files": 9, "changed": 9, "libraries_to_read": 0}
    assert decided == [[b"A"], [b"B"]]
    assert await ruled.artists() == {"Ann", "Bob", "Cid"}
    after = await ruled.tracks()
    assert {path: (row.id, row.album_id) for path, row in after.items()} == {
        path: (row.id, row.album_id) for path, row in before.items()
    }
    assert await differences(ruled.db) == []
