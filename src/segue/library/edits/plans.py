"""What one request asks to be changed: set, clear, add to and remove from fields, of one thing or of very many alike."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy.ext.asyncio import AsyncConnection

from segue.library.edits import music, named, overlay, repository
from segue.library.edits.applying import Change, Thing
from segue.library.edits.errors import BadEdit, NothingToDo
from segue.library.edits.fields import CREDIT_ROLES, checked, field_of
from segue.library.scan.facts import TrackTags
from segue.library.scan.grouping import name_key
from segue.library.scan.write.albums import AlbumFacts, Member, album_facts


@dataclass(frozen=True, slots=True)
class Plan:
    """The same change for every thing it is made to. Values are canonical."""

    set: Mapping[str, Any] = field(default_factory=dict)
    clear: tuple[str, ...] = ()
    add: Mapping[str, list[Any]] = field(default_factory=dict)
    remove: Mapping[str, list[Any]] = field(default_factory=dict)

    @property
    def fields(self) -> frozenset[str]:
        return frozenset((*self.set, *self.clear, *self.add, *self.remove))


async def planned(
    conn: AsyncConnection,
    kind: str,
    *,
    set: Mapping[str, Any] | None = None,
    clear: Collection[str] = (),
    add: Mapping[str, Any] | None = None,
    remove: Mapping[str, Any] | None = None,
) -> Plan:
    """The plan for what a person asks. Raises BadEdit, NoSuchField, NothingToDo."""
    for name in clear:
        field_of(kind, name)
    for name in {**(add or {}), **(remove or {})}:
        if not field_of(kind, name).many:
            raise BadEdit(name, "one_value", f"{name} has one value: set it instead.")
    plan = Plan(
        await _with_names(conn, checked(kind, set or {})),
        tuple(dict.fromkeys(clear)),
        await _with_names(conn, checked(kind, add or {})),
        await _with_names(conn, checked(kind, remove or {})),
    )
    if not plan.fields:
        raise NothingToDo
    both = sorted(plan.set.keys() & ({*plan.clear} | plan.add.keys() | plan.remove.keys()))
    if both:
        raise BadEdit(both[0], "twice", f"{both[0]} is set and changed otherwise in one edit.")
    return plan


async def changes(conn: AsyncConnection, kind: str, ids: Collection[int], plan: Plan) -> dict[Thing, Change]:
    """What the plan comes to for these things. Genres added to an album are added to each of its tracks."""
    base: Change = {name: {"is": value} for name, value in plan.set.items()}
    base |= dict.fromkeys(plan.clear)
    found: dict[Thing, Change] = {Thing(kind, number): dict(base) for number in ids}
    counted = {*plan.add, *plan.remove}
    if not counted:
        return found
    if kind == "album" and "genres" in counted:
        tracks = [track for some in (await music.tracks_of_albums(conn, ids)).values() for track in some]
        genres = Plan(
            add={"genres": plan.add["genres"]} if "genres" in plan.add else {},
            remove={"genres": plan.remove["genres"]} if "genres" in plan.remove else {},
        )
        found |= await changes(conn, "track", tracks, genres)
        counted.discard("genres")
    shown = await shown_values(conn, kind, ids) if counted else {}
    for number, values in shown.items():
        for name in counted:
            value = _with(values.get(name) or [], plan.add.get(name, ()), plan.remove.get(name, ()))
            if value != values.get(name):
                found[Thing(kind, number)][name] = {"is": value}
    return {thing: change for thing, change in found.items() if change}


async def shown_values(conn: AsyncConnection, kind: str, ids: Collection[int]) -> dict[int, dict[str, Any]]:
    """What every field of these things shows, edits included."""
    if kind == "track":
        said = await music.tags_of_tracks(conn, ids)
        mine = await repository.values_of(conn, "track", said)
        of_album = await _album_edits(conn, said)
        return {
            track: overlay.track_values(
                overlay.edited_tags(one.tags, mine.get(track, {}), of_album.get(track, {})), one.path
            )
            for track, one in said.items()
        }
    if kind == "album":
        found = {}
        for album in ids:
            facts, tracks = await _facts(conn, album)
            edits = (await repository.values_of(conn, "album", [album])).get(album, {})
            found[album] = overlay.album_values(overlay.edited_facts(facts, edits), tracks)
        return found
    return {number: await named.values(conn, kind, number) for number in ids}


async def own_values(conn: AsyncConnection, kind: str, number: int) -> dict[str, Any]:
    """What every field of a thing would say without any edit of it."""
    if kind == "track":
        said = (await music.tags_of_tracks(conn, [number])).get(number)
        return overlay.track_values(said.tags, said.path) if said else {}
    if kind == "album":
        facts, tracks = await _facts(conn, number, own=True)
        return overlay.album_values(facts, tracks)
    values = await named.values(conn, kind, number)
    held = await repository.rows_of(conn, kind, number)
    return values | {name: row.own["is"] for name, row in held.items() if row.own is not None}


async def _album_edits(conn: AsyncConnection, tracks: Collection[int]) -> dict[int, dict[str, Any]]:
    """Those edits of albums that show on tracks, by track."""
    albums = await music.albums_of_tracks(conn, tracks)
    edits = await repository.values_of(conn, "album", set(albums.values()), overlay.ON_TRACKS)
    return {track: edits[album] for track, album in albums.items() if album in edits}


async def _facts(conn: AsyncConnection, album: int, *, own: bool = False) -> tuple[AlbumFacts, list[TrackTags]]:
    """What an album's tracks make it, without its own edits; `own` leaves those that show on its tracks out too."""
    members = await music.members_of_album(conn, album)
    mine = await repository.values_of(conn, "track", [member.track_id for member in members])
    of_album = {} if own else (await repository.values_of(conn, "album", [album], overlay.ON_TRACKS)).get(album, {})
    tags = [overlay.edited_tags(member.tags, mine.get(member.track_id, {}), of_album) for member in members]
    name = await music.folder_name_of_album(conn, album)
    seen = [Member(said, member.present, None) for said, member in zip(tags, members, strict=True)]
    return album_facts(seen or [Member(TrackTags(), True, None)], name), tags


async def _with_names(conn: AsyncConnection, values: dict[str, Any]) -> dict[str, Any]:
    """Credits that name an artist by id alone get the artist's name. Raises BadEdit where there is no such artist."""
    people = [(field, one) for field in ("artists", *CREDIT_ROLES) for one in values.get(field, ()) if "artist" in one]
    if people:
        ids = {int(one["artist"].removeprefix("ar-")) for _, one in people}
        names = await music.names_of_artists(conn, ids)
        for field, one in people:
            name = names.get(int(one["artist"].removeprefix("ar-")))
            if name is None:
                raise BadEdit(field, "no_such_artist", f"There is no artist {one['artist']}.", id=one["artist"])
            one.setdefault("name", name)
    return values


def _with(values: list[Any], add: Collection[Any], remove: Collection[Any]) -> list[Any]:
    gone = {_same(value) for value in remove}
    kept = [value for value in values if _same(value) not in gone]
    there = {_same(value) for value in kept}
    return kept + [value for value in add if _same(value) not in there]


def _same(value: Any) -> Any:
    """What tells two values of a list apart: names as they are looked up, ids whole."""
    if isinstance(value, str):
        return name_key(value)
    if isinstance(value, dict):
        return (name_key(value["name"]), value.get("instrument"))
    return tuple(value)
