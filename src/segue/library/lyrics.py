"""The words of a song as its file carries them: read from what was kept of its tags, never asked from outside.

Timed words come as LRC: lines that begin with one or more times (`[01:02.50]`), and headers such as `[offset:+250]`.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

import anyio.to_thread
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from segue.core.access import Actor
from segue.core.text import fold, sort_key
from segue.library.models import RawTags, Track
from segue.library.scan.documents import tags_of
from segue.library.scan.facts import Lyrics

UNKNOWN_LANGUAGE = "und"
"""ISO 639's word for a language that nobody stated."""

_TIME = re.compile(r"\[(\d{1,3}):(\d{1,2})(?:[.:](\d{1,3}))?\]")
_WORD_TIME = re.compile(r"<\d{1,3}:\d{1,2}(?:[.:]\d{1,3})?>")
_HEADER = re.compile(r"\[([a-zA-Z#]+):([^\]]*)\]\s*")
_LANGUAGE = re.compile(r"[a-z]{2,3}(-[a-z0-9]{2,8})*", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Line:
    """One line; `start_ms` counts from the beginning of the track, None where the words have no times."""

    text: str
    start_ms: int | None = None


@dataclass(frozen=True, slots=True)
class SongWords:
    """One set of words. `language` is an ISO 639 code or `und`; `offset_ms` positive means that lines come sooner."""

    language: str
    synced: bool
    lines: tuple[Line, ...]
    offset_ms: int = 0

    @property
    def plain(self) -> str:
        """The words without times."""
        return "\n".join(line.text for line in self.lines)


async def words_of(conn: AsyncConnection, actor: Actor, track_id: int) -> list[SongWords]:
    """Every set of words in the file of a track that `actor` may see, as the file orders them; none where it has none."""
    statement = (
        select(RawTags.document)
        .join(Track, Track.file_id == RawTags.file_id)
        .where(Track.id == track_id, Track.has_lyrics)
    )
    if actor.libraries is not None:
        statement = statement.where(Track.library_id.in_(actor.libraries))
    document = await conn.scalar(statement)
    if document is None:
        return []
    tags = await anyio.to_thread.run_sync(tags_of, document)
    read = [read_words(one) for one in tags.lyrics]
    return [words for words in read if words.lines]


async def track_called(conn: AsyncConnection, actor: Actor, artist: str, title: str) -> int | None:
    """The track with words that is called `title` and is by `artist`, both compared without case and marks."""
    statement = select(Track.id, Track.artist_display).where(
        Track.sort_key == sort_key(title), Track.has_lyrics, Track.missing_since.is_(None)
    )
    if actor.libraries is not None:
        statement = statement.where(Track.library_id.in_(actor.libraries))
    wanted = fold(artist)
    for row in await conn.execute(statement.order_by(Track.id).limit(200)):
        if wanted in fold(row.artist_display):
            return int(row.id)
    return None


def read_words(found: Lyrics) -> SongWords:
    """The lines of one embedded text; timed where it says so or where its lines begin with times."""
    language = found.language if found.language and _LANGUAGE.fullmatch(found.language) else UNKNOWN_LANGUAGE
    language = UNKNOWN_LANGUAGE if language.lower() in ("xxx", "zxx") else language.lower()
    timed: list[Line] = []
    plain: list[Line] = []
    offset = 0
    for written in found.text.splitlines():
        line = written.strip()
        header = _HEADER.fullmatch(line)
        if header and not _TIME.match(line):
            if header[1].lower() == "offset":
                offset = _whole(header[2])
            continue
        times = []
        while stamp := _TIME.match(line):
            times.append(_milliseconds(stamp))
            line = line[stamp.end() :].lstrip()
        text = _WORD_TIME.sub("", line).strip() if times else line
        timed += [Line(text, at) for at in times]
        plain.append(Line(text))
    if timed:
        return SongWords(language, True, tuple(sorted(timed, key=lambda each: each.start_ms or 0)), offset)
    while plain and not plain[-1].text:
        plain.pop()
    return SongWords(language, False, tuple(plain))


def _milliseconds(stamp: re.Match[str]) -> int:
    fraction = (stamp[3] or "0").ljust(3, "0")
    return (int(stamp[1]) * 60 + int(stamp[2])) * 1000 + int(fraction)


def _whole(text: str) -> int:
    digits = text.strip().removeprefix("+")
    return int(digits) if re.fullmatch(r"-?\d{1,9}", digits) else 0
