"""What things that were played are called: as the library says it now, or as it was said when they were heard."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy.ext.asyncio import AsyncConnection

from segue.core.access import Actor
from segue.core.remembered import Memory
from segue.listening.statistics import rows


@dataclass(frozen=True, slots=True)
class Thing:
    """A track, album, artist, genre or decade. `is_here` says that it is in a library that the person may see."""

    kind: str
    number: int
    title: str
    artist: str = ""
    album: str = ""
    is_here: bool = True


async def named(
    conn: AsyncConnection, music: Memory, actor: Actor, kind: str, numbers: Sequence[int]
) -> dict[int, Thing]:
    """What these are called, each of them."""
    if kind == "decade":
        return {number: Thing(kind, number, f"{number}s") for number in numbers}
    here = await music.remembered(conn, actor, kind, [number for number in numbers if number > 0])
    found = {number: Thing(kind, number, thing.title, thing.artist, thing.album) for number, thing in here.items()}
    names = await rows.heard_names(conn, actor.person, [number for number in numbers if number < 0])
    for number, name in names.items():
        found[number] = Thing(kind, number, name.title, name.artist, name.album, is_here=False)
    gone = [number for number in numbers if number not in found]
    texts = await rows.remembered_texts(conn, actor.person, kind, [number for number in gone if number > 0])
    for number in gone:
        found[number] = await _gone(conn, actor, kind, number, texts.get(number, ""))
    return found


async def _gone(conn: AsyncConnection, actor: Actor, kind: str, number: int, text: str) -> Thing:
    if kind == "track":
        play = await rows.last_words(conn, actor.person, number)
        if play is not None:
            return Thing(kind, number, play.title, play.artist, play.album, is_here=False)
    artist, dash, title = text.partition(" – ")
    return Thing(kind, number, title, artist, is_here=False) if dash else Thing(kind, number, text, is_here=False)
