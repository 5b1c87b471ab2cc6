"""People's word on songs: what one is called, which two are one, which titles mean it, and what is no song at all.

A word is kept by the normalised title it is about, and setlists that come later follow it. Numbers keep their meaning: the
row of a song that was merged stays and leads on to the other.
"""

from __future__ import annotations

from typing import Any

from segue.core.db import Transaction
from segue.core.ids import format_id
from segue.core.text import clean_text
from segue.live.mirror.taking_in import mark
from segue.live.records import SetlistSet, SetlistSong
from segue.live.songs import rows
from segue.live.songs.errors import BadSong, SongNameTaken, SongNotFound
from segue.live.songs.writing import NewSetlist, settle, write_setlists
from segue.live.titles import song_key

MAX_NAME = 200


async def found(tx: Transaction, song_id: int) -> Any:
    """The row of a song, or of the one it was merged into. Raises SongNotFound."""
    row = await rows.standing(tx.conn, song_id)
    if row is None:
        raise SongNotFound(format_id("so", song_id))
    return row


async def rename(tx: Transaction, song_id: int, name: str, person: int | None) -> int:
    """Call a song so; setlists that have its old name still mean it. Raises SongNotFound, BadSong, SongNameTaken."""
    song = await found(tx, song_id)
    name, key = _checked(name)
    other = (await rows.songs_by_key(tx, song.artist_id, [key])).get(key)
    if other is not None and other != song.id:
        raise SongNameTaken(name, format_id("so", other))
    if key != song.key:
        await rows.make_way(tx, song.artist_id, key, song.id)
        await rows.unsay(tx, song.artist_id, key)
        await rows.say(tx, song.artist_id, song.name, song.key, song.id, person)
    await rows.rename(tx, song.id, name, key)
    await _follow(tx, song.artist_id, [song.id])
    return int(song.id)


async def merge(tx: Transaction, song_id: int, into: int, person: int | None) -> int:
    """Say that a song is another one of the same artist; the id of the one that stays. Raises SongNotFound, BadSong."""
    song, other = await found(tx, song_id), await found(tx, into)
    if song.id == other.id:
        raise BadSong("into", "A song is not merged with itself.")
    if song.artist_id != other.artist_id:
        raise BadSong("into", "These are songs of two artists.")
    await rows.point_aliases(tx, song.id, other.id)
    await rows.say(tx, song.artist_id, song.name, song.key, other.id, person)
    concerts = await rows.concerts_with(tx, song.id)
    await rows.play_instead(tx, song.id, other.id)
    await rows.count_songs(tx, concerts)
    await settle(tx, song.artist_id, [song.id, other.id])
    tx.all_changed("concert", concerts)
    tx.changed("song", song.id, "delete")
    await tx.ended_in("song", song.id, other.id)
    await _follow(tx, song.artist_id, [other.id])
    return int(other.id)


async def no_song(tx: Transaction, song_id: int, person: int | None) -> None:
    """Say that this is no song (a tuning, a speech); it leaves all setlists. Raises SongNotFound."""
    song = await found(tx, song_id)
    await rows.point_aliases(tx, song.id, None)
    await rows.say(tx, song.artist_id, song.name, song.key, None, person)
    concerts = await rows.concerts_with(tx, song.id)
    await _write_again(tx, song.artist_id, concerts, without=song.id)
    tx.changed("song", song.id, "delete")
    await _follow(tx, song.artist_id, [])


async def call(tx: Transaction, artist_id: int, title: str, song_id: int | None, person: int | None) -> None:
    """Say what a title means: a song of the artist, or (None) no song. Raises SongNotFound, BadSong."""
    title, key = _checked(title)
    if song_id is None:
        own = (await rows.songs_by_key(tx, artist_id, [key])).get(key)
        if own is not None:
            await no_song(tx, own, person)
            return
    else:
        song = await found(tx, song_id)
        if song.artist_id != artist_id:
            raise BadSong("song", "That is another artist's song.")
        own = (await rows.songs_by_key(tx, artist_id, [key])).get(key)
        if own is not None and own != song.id:
            await merge(tx, own, song.id, person)
            return
        if key == song.key:
            await rows.unsay(tx, artist_id, key)
            return
    await rows.say(tx, artist_id, title, key, song_id, person)
    await _follow(tx, artist_id, [] if song_id is None else [song_id])


async def forget(tx: Transaction, artist_id: int, title: str) -> bool:
    """Take back what was said of a title; setlists are read again in the background. Whether something was said."""
    gone = await rows.unsay(tx, artist_id, song_key(title))
    if gone:
        await _follow(tx, artist_id, [])
    return gone


def _checked(name: str) -> tuple[str, str]:
    name = " ".join(clean_text(name).split())
    key = song_key(name)
    if not key or len(name) > MAX_NAME:
        raise BadSong("name", f"A song's name has letters or digits, and at most {MAX_NAME} characters.")
    return name, key


async def _write_again(tx: Transaction, artist_id: int, concerts: list[int], *, without: int) -> None:
    """Write setlists as they are, without one song."""
    known = await rows.known_setlists(tx, concerts)
    names = await rows.names_of(tx.conn, artist_id)
    fresh = []
    for concert, performances in (await rows.performances_of(tx, concerts)).items():
        sets: dict[str, list[SetlistSong]] = {}
        for one in performances:
            if one.song_id != without:
                sets.setdefault(one.set_name, []).append(SetlistSong(names[one.song_id], one.segue, one.note))
        listed = tuple(SetlistSet(name, tuple(songs)) for name, songs in sets.items())
        fresh.append(NewSetlist(concert, listed, known[concert][0]))
    await write_setlists(tx, artist_id, fresh)


async def _follow(tx: Transaction, artist_id: int, songs: list[int]) -> None:
    """Tell who keeps songs, and have the artist's recordings read again with what is said now."""
    tx.all_changed("song", songs)
    tx.changed("live_artist", artist_id)
    await mark(tx, [(artist_id, "")])
