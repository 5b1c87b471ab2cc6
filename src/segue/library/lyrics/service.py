"""The verbs of words: read them with what could not be read, and keep those a person wrote."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from segue.core.access import Actor
from segue.core.clock import utc_now
from segue.core.db import Database
from segue.core.errors import FieldProblem, Invalid, NotFound
from segue.core.ids import format_id
from segue.library.edits.errors import MayNotEdit
from segue.library.lyrics import repository
from segue.library.lyrics.reading import FORMATS, MOST_BYTES, NoWords, language_of, read_text
from segue.library.lyrics.sidecars import row_of
from segue.library.lyrics.song_words import KINDS, UNKNOWN_LANGUAGE, Kind, SongWords
from segue.library.service import LibraryService

EDITOR = "editor"


class BadWords(Invalid):
    """Words that cannot be kept; `field` is what is wrong with what was sent."""

    def __init__(self, field: str, message: str) -> None:
        super().__init__("bad_lyrics", message, fields=[FieldProblem(field, "bad_lyrics", message)])


class NoOwnWords(NotFound):
    def __init__(self, track_id: int) -> None:
        typed = format_id("tr", track_id)
        super().__init__("no_own_lyrics", f"Nobody wrote lyrics for {typed} here.", id=typed)


@dataclass(frozen=True, slots=True)
class TrackWords:
    """The words of a track, best first, and why files of words beside it could not be read: (code, params)."""

    track_id: int
    sets: list[SongWords]
    problems: list[tuple[str, dict[str, Any]]]


class LyricsService:
    """Words of tracks. What a person wrote comes before what files say, and outlives every scan."""

    def __init__(self, db: Database, library: LibraryService) -> None:
        self._db = db
        self._library = library

    async def words(self, actor: Actor, track_id: int) -> TrackWords:
        """Every set of words of a track. Raises NotInLibrary."""
        track = await self._library.track(track_id, actor)
        async with self._db.read() as conn:
            sets = await repository.words_of(conn, actor, track.id)
            return TrackWords(track.id, sets, await repository.problems_of(conn, track.id))

    async def put(
        self, actor: Actor, track_id: int, text: str, *, format: str = "lrc", language: str | None = None,
        kind: Kind = "main",
    ) -> TrackWords:  # fmt: skip
        """Keep a person's own words, in place of those they wrote before in this language and of this kind.

        Raises MayNotEdit, NotInLibrary, BadWords.
        """
        track = await self._library.track(track_id, actor)
        _may_edit(actor)
        if format not in FORMATS:
            raise BadWords("format", f"The format is one of {', '.join(FORMATS)}.")
        if kind not in KINDS:
            raise BadWords("kind", f"The kind is one of {', '.join(KINDS)}.")
        if len(text.encode("utf-8", "replace")) > MOST_BYTES:
            raise BadWords("text", f"Lyrics have at most {MOST_BYTES // 1024 // 1024} MiB.")
        spoken = language_of(language)
        if language and spoken == UNKNOWN_LANGUAGE and language.lower() != UNKNOWN_LANGUAGE:
            raise BadWords("language", f"“{language[:20]}” is no language code such as en or pt-br.")
        try:
            found = read_text(text.replace("\r\n", "\n").replace("\0", ""), format, spoken)
        except NoWords as error:
            raise BadWords("text", f"These are no lyrics: {error}.") from None
        found = [replace(found[0], kind=kind), *found[1:]]
        now = utc_now()
        rows = [
            row_of(words)
            | {
                "track_id": track.id, "source": "person", "name": b"", "part": part, "size_bytes": 0, "mtime_ns": 0,
                "created_at": now, "created_by": actor.user_id,
            }
            for part, words in enumerate(found)
        ]  # fmt: skip
        async with self._db.write() as tx:
            meant = {(words.language, words.kind) for words in found}
            await repository.replace_words(tx, await repository.own_words(tx.conn, track.id, meant), rows)
            await repository.set_has_lyrics(tx, [track.id], True)
            tx.changed("track", track.id, library_id=track.library_id)
        return await self.words(actor, track.id)

    async def remove(self, actor: Actor, track_id: int, language: str | None = None) -> TrackWords:
        """Forget a person's own words, in one language or in all; what files say is shown again.

        Raises MayNotEdit, NotInLibrary, NoOwnWords.
        """
        track = await self._library.track(track_id, actor)
        _may_edit(actor)
        spoken = None if language is None else {(language_of(language), kind) for kind in KINDS}
        async with self._db.write() as tx:
            gone = await repository.own_words(tx.conn, track.id, spoken)
            if not gone:
                raise NoOwnWords(track.id)
            await repository.replace_words(tx, gone, [])
            await repository.set_has_lyrics(tx, [track.id], await repository.has_any(tx.conn, track.id))
            tx.changed("track", track.id, library_id=track.library_id)
        return await self.words(actor, track.id)


def _may_edit(actor: Actor) -> None:
    if not actor.is_admin and EDITOR not in actor.roles:
        raise MayNotEdit
