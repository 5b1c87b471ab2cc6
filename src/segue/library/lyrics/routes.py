"""REST of words: the lyrics of a track, and those a person writes."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import Query, Response
from pydantic import BaseModel, Field

from segue.core.ids import format_id, parse_id
from segue.core.rest import Access, Body, CurrentActor, Router, json_response, problems, service
from segue.library import items
from segue.library.lyrics.reading import MOST_BYTES
from segue.library.lyrics.service import LyricsService, TrackWords
from segue.library.lyrics.song_words import Kind, Line, SongWords
from segue.library.schemas import ReasonItem

router = Router(tags=["lyrics"])
Lyrics = Annotated[LyricsService, service(LyricsService)]
MAY = Access.scope("edit")


class WordItem(BaseModel):
    """A word or syllable; `at` is where it begins in its line's text, in characters."""

    text: str
    at: int
    start_ms: int
    end_ms: int | None


class LineItem(BaseModel):
    """A line; its times count from the beginning of the track and are null where the words have none."""

    text: str
    start_ms: int | None
    end_ms: int | None
    agent: str | None = Field(description="Who sings it: the id of one of `agents`.")
    words: list[WordItem]


class AgentItem(BaseModel):
    """A voice: `main`, `voice`, `bg` (background) or `group`."""

    id: str
    role: str
    name: str | None


class WordsItem(BaseModel):
    """One set of words. A positive `offset_ms` means that every line comes so much sooner than its times say."""

    source: str = Field(description="`embedded`, `sidecar` (a file beside the music) or `person`.")
    name: str | None = Field(description="The name of the file beside the music.")
    format: str
    language: str = Field(description="An ISO 639 code, `und` where nobody states one.")
    kind: str = Field(description="`main`, `translation` or `pronunciation`.")
    synced: bool
    word_timed: bool
    offset_ms: int
    agents: list[AgentItem]
    lines: list[LineItem]


class LyricsAnswer(BaseModel):
    """All sets of words, best first: a person's own, then the more exactly timed. `problems` are files beside the music
    that could not be read."""

    track: str
    items: list[WordsItem]
    problems: list[ReasonItem]


class LyricsAsk(Body):
    """Words as somebody writes them."""

    text: str = Field(min_length=1, max_length=MOST_BYTES)
    format: str = Field("lrc", description="text, lrc (with or without times of words), ttml, srt or vtt.")
    language: str | None = Field(None, max_length=35, description="An ISO 639 code such as en or pt-br.")
    kind: Kind = "main"


@router.get(
    "/tracks/{id}/lyrics",
    access=Access.signed_in,
    response_model=LyricsAnswer,
    operation_id="tracks_lyrics_get",
    summary="The lyrics of a track",
)
async def track_lyrics(id: str, actor: CurrentActor, lyrics: Lyrics) -> Response:
    """From inside the file, from files beside it, and what people wrote here; an empty list where there are none."""
    return json_response(_answer(await lyrics.words(actor, parse_id(id, "tr"))))


@router.put(
    "/tracks/{id}/lyrics",
    access=MAY,
    response_model=LyricsAnswer,
    responses=problems(403, 404, 422),
    operation_id="tracks_lyrics_write",
    summary="Write the lyrics of a track",
)
async def write_lyrics(id: str, actor: CurrentActor, lyrics: Lyrics, ask: LyricsAsk) -> Response:
    """They come first from now on and outlive every scan; the file is not changed. In place of those written before in the
    same language and of the same kind."""
    words = await lyrics.put(
        actor, parse_id(id, "tr"), ask.text, format=ask.format, language=ask.language, kind=ask.kind
    )
    return json_response(_answer(words))


@router.delete(
    "/tracks/{id}/lyrics",
    access=MAY,
    response_model=LyricsAnswer,
    responses=problems(403, 404),
    operation_id="tracks_lyrics_forget",
    summary="Forget lyrics that were written here",
)
async def forget_lyrics(
    id: str,
    actor: CurrentActor,
    lyrics: Lyrics,
    language: Annotated[str | None, Query(max_length=35, description="Only those in this language.")] = None,
) -> Response:
    """What files say is shown again."""
    return json_response(_answer(await lyrics.remove(actor, parse_id(id, "tr"), language)))


def _answer(words: TrackWords) -> dict[str, Any]:
    return {
        "track": format_id("tr", words.track_id),
        "items": [_words(one) for one in words.sets],
        "problems": [items.reason(code, params) for code, params in words.problems],
    }


def _words(words: SongWords) -> dict[str, Any]:
    return {
        "source": words.source,
        "name": words.name,
        "format": words.format,
        "language": words.language,
        "kind": words.kind,
        "synced": words.synced,
        "word_timed": words.word_timed,
        "offset_ms": words.offset_ms,
        "agents": [{"id": agent.id, "role": agent.role, "name": agent.name} for agent in words.agents],
        "lines": [_line(line) for line in words.lines],
    }


def _line(line: Line) -> dict[str, Any]:
    return {
        "text": line.text,
        "start_ms": line.start_ms,
        "end_ms": line.end_ms,
        "agent": line.agent,
        "words": [
            {"text": word.text, "at": word.at, "start_ms": word.start_ms, "end_ms": word.end_ms} for word in line.words
        ],
    }
