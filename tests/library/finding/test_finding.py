"""The track that a text means: by ids, by ISRC with the length, by where the file lies, by words; and how sure that is."""

from __future__ import annotations

import pytest

from segue.core.db import Database
from segue.library.finding import FindingService, Found, Wanted
from segue.library.finding.keys import keys_of
from segue.match import sentence
from tests.library.finding.ground import Song, library_of

pytestmark = pytest.mark.anyio

A_ID, B_ID = "0a0a0a0a-0000-4000-8000-000000000001", "0b0b0b0b-0000-4000-8000-000000000002"


async def find(db: Database, *wanted: Wanted, libraries: frozenset[int] | None = None) -> list[Found | None]:
    async with db.read() as conn:
        found = await FindingService(db).find(conn, wanted, libraries)
    for one in found:
        for reason in one.reasons if one else ():
            assert "{" not in sentence(reason.code, reason.params)
    return found


async def test_an_id_is_enough_whatever_the_words_say(db: Database) -> None:
    _, (hurt, push, roads) = await library_of(
        db,
        [
            Song("Hurt", "Nine Inch Nails", recording=A_ID, release_track=B_ID),
            Song("Push", "The Cure", ids=(("spotify:track", "7" * 22),)),
            Song("Roads", "Portishead", isrc="GBAAA9400001", seconds=303),
        ],
    )
    found = await find(
        db,
        Wanted(title="hurt (wrongly spelled)", external_ids={"musicbrainz:recording": A_ID.upper()}),
        Wanted(external_ids={"musicbrainz:track": B_ID}),
        Wanted(external_ids={"spotify:track": "7" * 22}),
        Wanted(title="Roads", isrc="gb-aaa-94-00001", duration_ms=304_500),
        Wanted(title="Roads", isrc="GBAAA9400001", duration_ms=280_000),
        Wanted(title="Roads", artists=("Portishead",), track_id=roads),
        Wanted(title="Sour Times", artists=("Portishead",), track_id=roads),
    )
    assert [one and one.track_id for one in found] == [hurt, hurt, push, roads, roads, roads, None]
    assert [one and one.method for one in found] == [
        "musicbrainz_id", "external_id", "external_id", "isrc", "isrc", "own_id", None,
    ]  # fmt: skip
    assert [one and one.sure for one in found] == [True, True, True, True, False, True, None]


async def test_words_find_what_is_spelled_otherwise(db: Database) -> None:
    songs = [
        Song("Déjà Vu", "Beyoncé; JAY-Z", seconds=240), Song("Help! (Remastered 2009)", "The Beatles", seconds=139),
        Song("Heroes", "David Bowie", seconds=371), Song("Get the Party Started", "P!nk", aliases=("Alecia Moore",)),
        Song("Wish You Were Here", "Pink Floyd", seconds=334), Song("Töne", "Die Ärzte", seconds=100),
    ]  # fmt: skip
    _, tracks = await library_of(db, songs)
    found = await find(
        db,
        Wanted("Deja vu (feat. Jay-Z)", ("Beyonce",), duration_ms=241_000),
        Wanted("Help!", ("Beatles",), duration_ms=138_000),
        Wanted('"Heroes" - 2017 Remaster', ("David Bowie",)),
        Wanted("Get The Party Started", ("Alecia Moore",), duration_ms=200_000),
        Wanted("Wish You Where Here", ("Pink Floyd",), duration_ms=334_000),
        Wanted("TONE", ("Die Arzte",), duration_ms=100_000),
    )
    assert [one and one.track_id for one in found] == tracks
    assert all(one and one.sure for one in found)


async def test_another_version_another_part_or_another_band_is_not_meant(db: Database) -> None:
    await library_of(
        db,
        [
            Song("Hurt (Live at Rome)", "Nine Inch Nails"), Song("Pigs on the Wing (Part 1)", "Pink Floyd"),
            Song("Angel", "Massive Attack"), Song("Track 02", "Nobody"),
        ],
    )  # fmt: skip
    found = await find(
        db,
        Wanted("Hurt", ("Nine Inch Nails",), duration_ms=200_000),
        Wanted("Pigs on the Wing, Pt. 2", ("Pink Floyd",), duration_ms=200_000),
        Wanted("Angel", ("Sarah McLachlan",), duration_ms=200_000),
        Wanted("Track 03", ("Nobody",)),
        Wanted(),
    )
    assert found == [None] * 5


async def test_a_text_without_a_length_is_sure_only_where_one_recording_can_be_meant(db: Database) -> None:
    _, (on_album, on_best_of, short, long) = await library_of(
        db,
        [
            Song("Roads", "Portishead", album="Dummy", seconds=303), Song("Roads", "Portishead", album="Hits", seconds=304),
            Song("Angel", "Massive Attack", album="Mezzanine", seconds=379),
            Song("Angel", "Massive Attack", album="Singles", seconds=300),
        ],
    )  # fmt: skip
    either, with_album, doubtful, told = await find(
        db,
        Wanted("Roads", ("Portishead",)),
        Wanted("Roads", ("Portishead",), album="Hits"),
        Wanted("Angel", ("Massive Attack",)),
        Wanted("Angel", ("Massive Attack",), duration_ms=301_000),
    )
    assert either and either.sure and either.track_id == on_album
    assert [other.track_id for other in either.others] == [on_best_of]
    assert with_album and with_album.sure and with_album.track_id == on_best_of
    assert doubtful and not doubtful.sure and {doubtful.track_id, doubtful.others[0].track_id} == {short, long}
    assert "another_as_good" in {reason.code for reason in doubtful.reasons}
    assert told and told.sure and told.track_id == long


async def test_another_musicbrainz_id_of_the_same_words_is_for_a_person_to_look_at(db: Database) -> None:
    _, (roads,) = await library_of(db, [Song("Roads", "Portishead", album="Dummy", seconds=303, recording=A_ID)])
    ids = {"musicbrainz:recording": B_ID}
    alone, with_all = await find(
        db,
        Wanted("Roads", ("Portishead",), duration_ms=303_000, external_ids=ids),
        Wanted("Roads", ("Portishead",), album="Dummy", duration_ms=303_000, external_ids=ids),
    )
    assert alone and alone.track_id == roads and not alone.sure
    assert with_all and with_all.track_id == roads and with_all.sure
    assert "other_musicbrainz_id" in {reason.code for reason in with_all.reasons}


async def test_a_path_leads_to_its_file_also_from_another_root_or_system(db: Database) -> None:
    _, (cafe, late, other) = await library_of(
        db,
        [
            Song("Café", "Ann", path="Ann/First/01 Café.flac"), Song("Late Trains", "Ann", path="Ann/First/02 Late Trains.flac"),
            Song("Early Trains", "Bo", path="Bo/Second/02 Late Trains.flac"),
        ],
    )  # fmt: skip
    found = await find(
        db,
        Wanted(path="/music/Ann/First/01 Café.flac"),
        Wanted(path="Ann/First/01 Café.flac"),
        Wanted(path="D:\\Musik\\Ann\\First\\02 Late Trains.flac"),
        Wanted(path="/elsewhere/ann/FIRST/02 late trains.mp3"),
        Wanted(path="file:///music/Ann/First/01%20Cafe%CC%81.flac"),
        Wanted(path="02 Late Trains.flac", title="Early Trains", artists=("Bo",), duration_ms=200_000),
        Wanted(path="../Nowhere/09 Unheard.flac"),
    )
    assert [one and one.track_id for one in found] == [cafe, cafe, late, late, cafe, other, None]
    assert [one and one.method for one in found[:5]] == ["path", "path", "path_end", "path_end", "path"]
    assert all(one.sure for one in found[:6] if one)


async def test_nobody_finds_what_they_may_not_see(db: Database) -> None:
    mine, (roads,) = await library_of(db, [Song("Roads", "Portishead", recording=A_ID)])
    theirs, (same,) = await library_of(db, [Song("Roads", "Portishead", recording=A_ID)], root="/other")
    wanted = (
        Wanted("Roads", ("Portishead",), duration_ms=200_000), Wanted(external_ids={"musicbrainz:recording": A_ID}),
        Wanted(path="/music/Portishead/Songs/01 Roads.flac"), Wanted(track_id=roads),
    )  # fmt: skip
    assert [one and one.track_id for one in await find(db, *wanted, libraries=frozenset({mine}))] == [roads] * 4
    hidden = await find(db, *wanted, libraries=frozenset({theirs}))
    assert roads not in [one and one.track_id for one in hidden]
    assert hidden[0] and hidden[0].track_id == same
    assert await find(db, *wanted, libraries=frozenset()) == [None] * 4


async def test_what_is_there_goes_before_what_is_missing_which_is_better_than_nothing(db: Database) -> None:
    _, (gone, there, lost) = await library_of(
        db,
        [
            Song("Roads", "Portishead", missing=True),
            Song("Roads", "Portishead"),
            Song("Numb", "Portishead", missing=True),
        ],
    )
    roads, numb = await find(db, Wanted("Roads", ("Portishead",)), Wanted("Numb", ("Portishead",)))
    assert roads and roads.track_id == there and roads.others[0].track_id == gone
    assert numb and numb.track_id == lost and numb.reasons[-1].code == "missing"


async def test_of_a_title_that_hundreds_have_the_one_by_the_right_people_is_found(db: Database) -> None:
    songs = [Song("Intro", f"Band {number}", album=f"Album {number}") for number in range(420)]
    _, tracks = await library_of(db, songs)
    found = await find(db, Wanted("Intro", ("Band 77",), duration_ms=200_000), Wanted("Intro"))
    assert found[0] and found[0].track_id == tracks[77] and found[0].sure
    assert found[1] is None


async def test_a_text_shares_a_key_with_every_track_it_may_mean_by_its_title_an_id_or_its_file(db: Database) -> None:
    _, tracks = await library_of(
        db, [Song("Hurt (Remastered)", "NIN", recording=A_ID, isrc="GBAAA9400001", path="a/07 Hurt.flac")]
    )
    async with db.read() as conn:
        keys = (await FindingService(db).keys_arrived(conn, tracks))[tracks[0]]
    for text in (
        Wanted("Hurt"), Wanted("HURT - Live"), Wanted("x", external_ids={"musicbrainz:recording": A_ID}),
        Wanted("x", isrc="GB-AAA-94-00001"), Wanted(path="D:\\b\\07 hurt.mp3"),
    ):  # fmt: skip
        assert keys_of(text) & keys, text
    assert not keys_of(Wanted("Hunt")) & keys
