"""Words beside the music: found by the name of their track, followed through every change, and a person's own above all."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from sqlalchemy import select

from segue.core.access import SYSTEM
from segue.core.changes import Change
from segue.core.db import Database
from segue.library.lyrics.models import LyricsRow
from segue.library.lyrics.reading import MOST_BYTES
from segue.library.lyrics.service import BadWords, LyricsService, NoOwnWords
from segue.library.models import Track
from segue.library.scan.again import write_again
from segue.library.scan.problems import Problem, sentence
from segue.library.service import LibraryService
from tests.library.scan.ground import House, house
from tests.library.scan.recount import differences

pytestmark = pytest.mark.anyio


@pytest.fixture
async def home(db: Database, tmp_path: Path) -> AsyncIterator[House]:
    async with house(db, tmp_path) as found:
        yield found
        assert await differences(db) == []


def words_of(home: House) -> LyricsService:
    return LyricsService(home.db, LibraryService(home.db))


async def shown(home: House, track: int = 1) -> list[tuple[str, str, str]]:
    """(source, language, first line) of the words of a track, in order."""
    found = await words_of(home).words(SYSTEM, track)
    return [(one.source, one.language, one.lines[0].text) for one in found.sets]


async def has_lyrics(home: House, track: int = 1) -> bool:
    async with home.db.read() as conn:
        return bool(await conn.scalar(select(Track.has_lyrics).where(Track.id == track)))


async def test_files_beside_a_track_are_its_words_in_every_language(home: House) -> None:
    song = home.song("A/01 Song.flac", title="Song", lyrics="Embedded")
    home.song("A/02 Other.flac", title="Other")
    (song.parent / "01 Song.lrc").write_text("[00:01.00]Timed")
    (song.parent / "01 song.DE.txt").write_bytes("Grüße".encode("cp1252"))
    (song.parent / "01 Song.en.lrc").write_text("[00:01.00]<00:01.00>Word")
    (song.parent / "03 Nobody.lrc").write_text("[00:01.00]x")
    await home.scan()
    assert await shown(home) == [
        ("sidecar", "en", "Word"), ("sidecar", "und", "Timed"), ("sidecar", "de", "Grüße"), ("embedded", "und", "Embedded"),
    ]  # fmt: skip
    assert (await has_lyrics(home, 1), await has_lyrics(home, 2)) == (True, False)


async def test_words_appear_change_and_go_with_their_file_and_the_feed_says_so(home: House) -> None:
    song = home.song("A/song.flac", title="Song")
    await home.scan()
    assert not await has_lyrics(home)
    sheet = song.with_suffix(".lrc")
    for text, expected in (("[00:01]one", ["one"]), ("[00:01]two", ["two"]), (None, [])):
        head = await home.head()
        if text is None:
            sheet.unlink()
        else:
            sheet.write_text(text)
        result = await home.scan()
        assert result.files_read == 0, "the music itself has not changed"
        assert [line for _, _, line in await shown(home)] == expected
        assert await has_lyrics(home) == bool(expected)
        async with home.db.read() as conn:
            changed = await conn.execute(select(Change.kind, Change.entity).where(Change.cursor > head))
            assert ("track", "1") in {(row[0], row[1]) for row in changed}


async def test_words_that_have_not_changed_are_not_written_again(home: House) -> None:
    song = home.song("A/song.flac", title="Song")
    song.with_suffix(".lrc").write_text("[00:01]one")
    await home.scan()
    home.song("A/second.flac", title="Second")
    async with home.db.read() as conn:
        before = (await conn.execute(select(LyricsRow.id))).scalars().all()
    await home.scan()
    await home.scan(full=True)
    async with home.db.read() as conn:
        assert (await conn.execute(select(LyricsRow.id))).scalars().all() == before
    assert await has_lyrics(home)


async def test_words_move_with_their_track(home: House) -> None:
    song = home.song("A/song.flac", title="Song")
    song.with_suffix(".lrc").write_text("[00:01]one")
    await home.scan()
    song.parent.rename(home.music / "B")
    await home.scan()
    assert await shown(home) == [("sidecar", "und", "one")]
    async with home.db.read() as conn:
        assert len((await conn.execute(select(LyricsRow.id))).all()) == 1


async def test_bad_files_of_words_are_marked_and_the_rest_goes_on(home: House) -> None:
    song = home.song("A/song.flac", title="Song")
    with song.with_suffix(".lrc").open("wb") as huge:
        huge.truncate(200 * 1024 * 1024)
    (song.parent / "song.de.ttml").write_text("<tt><p>")
    (song.parent / "song.en.lrc").write_text("[00:-1]\0\0[99")
    (song.parent / "song.txt").write_text("Fine")
    assert (await home.scan()).state == "done"
    found = await words_of(home).words(SYSTEM, 1)
    assert [one.plain for one in found.sets if one.format == "text"][-1:] == ["Fine"]
    said = [sentence(Problem(code, params)) for code, params in found.problems]
    assert "song.lrc is too large for lyrics (209715200 bytes), and was not read." in said
    assert any(text.startswith("The lyrics in song.de.ttml could not be read (") for text in said)


async def test_words_a_person_wrote_come_first_and_outlive_every_scan(home: House) -> None:
    song = home.song("A/song.flac", title="Song", lyrics="Embedded")
    song.with_suffix(".lrc").write_text("[00:01]Timed")
    await home.scan()
    service = words_of(home)
    head = await home.head()
    await service.put(SYSTEM, 1, "Mine", language="en")
    assert await home.head() > head
    song.with_suffix(".lrc").write_text("[00:01]Timed anew")
    home.song("A/song.flac", title="Song retold")
    await home.scan(full=True)
    assert [line for _, _, line in await shown(home)] == ["Mine", "Timed anew"]
    await service.put(SYSTEM, 1, "Mine, again", language="en")
    assert [line for _, _, line in await shown(home)] == ["Mine, again", "Timed anew"]
    async with home.db.write() as tx:
        await write_again(tx, [1])
    await service.remove(SYSTEM, 1)
    assert await shown(home) == [("sidecar", "und", "Timed anew")]
    with pytest.raises(NoOwnWords):
        await service.remove(SYSTEM, 1)


async def test_a_person_without_any_file_of_words_can_write_some(home: House) -> None:
    home.song("A/song.flac", title="Song")
    await home.scan()
    await words_of(home).put(SYSTEM, 1, "[00:01.00]<00:01.00>Word", format="lrc", language="pt-BR")
    assert await shown(home) == [("person", "pt-br", "Word")]
    await home.scan(full=True)
    assert await has_lyrics(home)
    await words_of(home).remove(SYSTEM, 1, "pt-br")
    assert not await has_lyrics(home)


async def test_words_that_are_none_are_refused_with_a_sentence(home: House) -> None:
    home.song("A/song.flac", title="Song")
    await home.scan()
    for text, options in (
        ("x", {"language": "not a language"}), ("<tt/>", {"format": "ttml"}), ("[ar:x]", {}), ("x", {"format": "doc"}),
        ("x" * (MOST_BYTES + 1), {}),
    ):  # fmt: skip
        with pytest.raises(BadWords) as refused:
            await words_of(home).put(SYSTEM, 1, text, **options)  # type: ignore[arg-type]
        assert refused.value.message.endswith(".")
