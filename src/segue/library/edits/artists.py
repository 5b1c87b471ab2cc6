"""Two artists who are one, and one who is two: moving credits in short transactions, each of which leaves all counts right."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlalchemy import delete, insert, select, update

from segue.core.db import Transaction
from segue.core.ids import format_id
from segue.core.text import sort_key
from segue.library import search
from segue.library.edits import music, named, repository
from segue.library.edits.applying import Change, Thing
from segue.library.edits.fields import WHO
from segue.library.external import FORMER_ARTIST
from segue.library.models import (
    Album,
    AlbumCredit,
    Artist,
    ArtistAlias,
    ExternalIdRow,
    Redirect,
    Track,
    TrackCredit,
)
from segue.library.pictures import artists as pictures
from segue.library.pictures import choices
from segue.library.pictures.models import FolderPicture
from segue.library.scan.grouping import name_key
from segue.library.scan.repository import lock_library
from segue.library.scan.write import counts, statements
from segue.library.scan.write.numbers import allocate

Merged = Callable[[Transaction, int, int], Awaitable[None]]
"""Called with the artist that is merged and the one that is kept, in the transaction that ends the former."""
TRACKS_AT_ONCE = 200
ALBUMS_AT_ONCE = 50


async def begin_merge(tx: Transaction, merged: int, kept: int, now: datetime) -> None:
    """Decide that `merged` is `kept`: from now on every tag that means the one means the other."""
    rows = {row.id: row for row in await tx.execute(select(Artist.__table__).where(Artist.id.in_((merged, kept))))}
    one, other = rows[merged], rows[kept]
    await tx.execute(
        update(Artist).where(Artist.id == merged).values(name_key=f"\x01merged:{merged}", musicbrainz_id=None)
    )
    if one.musicbrainz_id is not None:
        if other.musicbrainz_id is None:
            await tx.execute(update(Artist).where(Artist.id == kept).values(musicbrainz_id=one.musicbrainz_id))
        else:
            await tx.execute(
                insert(ExternalIdRow),
                {"kind": "artist", "entity_id": kept, "namespace": FORMER_ARTIST, "value": one.musicbrainz_id},
            )
    if not one.by_hand and name_key(one.name) != other.name_key:
        await named.add_alias(tx, kept, one.name, "merge")
    spelled = select(ArtistAlias.name, ArtistAlias.source).where(ArtistAlias.artist_id == merged)
    for row in (await tx.execute(spelled)).all():
        await named.add_alias(tx, kept, row.name, row.source if row.source != "name" else "merge")
    await tx.execute(delete(ArtistAlias).where(ArtistAlias.artist_id == merged))
    await _move_ids(tx, merged, kept)
    blank = {
        column: getattr(one, column)
        for column in ("disambiguation", "type", "country", "begin_date", "end_date", "biography")
        if getattr(other, column) is None and getattr(one, column) is not None
    }
    if blank:
        await tx.execute(update(Artist).where(Artist.id == kept).values(blank))
    await repository.move(tx, "artist", merged, kept)
    await tx.execute(update(Redirect).where(Redirect.kind == "artist", Redirect.new_id == merged).values(new_id=kept))
    await tx.execute(
        statements.insert(tx.dialect, Redirect)
        .values(kind="artist", old_id=merged, new_id=kept, created_at=now)
        .on_conflict_do_nothing()
    )
    await search.index(tx, "artist", [kept])
    tx.changed("artist", kept)


async def move_credits(tx: Transaction, merged: int, kept: int) -> int:
    """Give some of the credits of `merged` to `kept`; returns how many tracks and albums these were, 0 when none is left."""
    await lock_library(tx, 0)
    tracks = await music.tracks_crediting(tx.conn, merged, limit=TRACKS_AT_ONCE)
    albums = await music.albums_crediting(tx.conn, merged, limit=ALBUMS_AT_ONCE)
    if not tracks and not albums:
        return 0
    places = (await tx.execute(select(Track.id, Track.album_id, Track.library_id).where(Track.id.in_(tracks)))).all()
    touched = sorted({row.album_id for row in places} | set(albums))
    before = await counts.stored_tallies(tx, touched)
    both = select(Artist.id, Artist.name).where(Artist.id.in_((merged, kept)))
    names = {row[0]: row[1] for row in await tx.execute(both)}
    for model, owner, ids in (
        (TrackCredit, TrackCredit.track_id, tracks),
        (AlbumCredit, AlbumCredit.album_id, albums),
    ):
        mine = (model.artist_id == merged) & owner.in_(ids)
        if names[merged] != names[kept]:
            spelled = {"credited_as": names[merged], "credited_key": search.title_key(names[merged])}
            await tx.execute(update(model).where(mine, model.credited_as.is_(None)).values(spelled))
            same = update(model).where(mine, model.credited_as == names[kept])
            await tx.execute(same.values(credited_as=None, credited_key=None))
        await tx.execute(update(model).where(mine).values(artist_id=kept))
    people = await counts.participation(tx, before.keys())
    after = {
        album: replace(tally, participants=people[album] if tally.track_count else {})
        for album, tally in before.items()
    }
    await counts.apply(tx, before, after, {})
    await search.index(tx, "track", tracks)
    await search.index(tx, "album", albums)
    for row in places:
        tx.changed("track", row.id, library_id=row.library_id)
    for row in await tx.execute(select(Album.id, Album.library_id).where(Album.id.in_(touched))):
        tx.changed("album", row.id, library_id=row.library_id)
    return len(tracks) + len(albums)


async def end_merge(tx: Transaction, merged: int, kept: int, follow: Sequence[Merged]) -> None:
    """Nothing credits `merged` any more: what people did with it goes to `kept`, and its row ends."""
    for hook in follow:
        await hook(tx, merged, kept)
    await choices.follow(tx, "artist", merged, kept)
    await tx.execute(update(FolderPicture).where(FolderPicture.artist_id == merged).values(artist_id=kept))
    await pictures.show(tx, [kept])
    await search.remove_rows(tx, "artist", [merged])
    await tx.execute(delete(Artist).where(Artist.id == merged))
    tx.changed("artist", merged, "delete")


async def make_other(tx: Transaction, artist: int, values: dict[str, Any], now: datetime) -> int:
    """Another artist of the name of `artist`, made by a person's hand; `values` are name, disambiguation, musicbrainz_id."""
    row = (await tx.execute(select(Artist.__table__).where(Artist.id == artist))).one()
    name = values.get("name") or row.name
    (number,) = await allocate(tx, Artist.__table__, 1)  # type: ignore[arg-type]
    await tx.execute(
        insert(Artist),
        {
            "id": number,
            "name": name,
            "name_key": name_key(name),
            "sort_name": row.sort_name if name == row.name else None,
            "sort_key": sort_key((row.sort_name if name == row.name else None) or name),
            "disambiguation": values.get("disambiguation"),
            "musicbrainz_id": values.get("musicbrainz_id"),
            "by_hand": True,
            "added_at": now,
        },
    )
    await search.index(tx, "artist", [number])
    tx.changed("artist", number)
    return number


async def _move_ids(tx: Transaction, merged: int, kept: int) -> None:
    own = ExternalIdRow.kind == "artist"
    there = {
        (row.namespace, row.value)
        for row in await tx.execute(
            select(ExternalIdRow.namespace, ExternalIdRow.value).where(own, ExternalIdRow.entity_id == kept)
        )
    }
    moving = select(ExternalIdRow.id, ExternalIdRow.namespace, ExternalIdRow.value).where(
        own, ExternalIdRow.entity_id == merged
    )
    for row in (await tx.execute(moving)).all():
        if (row.namespace, row.value) in there:
            await tx.execute(delete(ExternalIdRow).where(ExternalIdRow.id == row.id))
        else:
            await tx.execute(update(ExternalIdRow).where(ExternalIdRow.id == row.id).values(entity_id=kept))


async def meaning(tx: Transaction, credited: Mapping[tuple[str, int], set[str]], into: int) -> dict[Thing, Change]:
    """The edits by which names on tracks and albums (by kind and id) mean the artist `into` from now on."""
    found: dict[Thing, Change] = {}
    typed = format_id("ar", into)
    for kind in ("track", "album"):
        ids = [number for of, number in credited if of == kind]
        held = await repository.values_of(tx.conn, kind, ids, (WHO,))
        for number in ids:
            who = {**held.get(number, {}).get(WHO, {}), **dict.fromkeys(sorted(credited[kind, number]), typed)}
            found[Thing(kind, number)] = {WHO: {"is": who}}
    return found
