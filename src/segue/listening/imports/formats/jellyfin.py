"""Jellyfin's databases: `jellyfin.db` since 10.11 (`BaseItems`, `UserData`), `library.db` before (`TypedBaseItems`,
`UserDatas`): favourites, ratings of 10, how often each track was played and when last, playlists, places in tracks.

In the older file people are only numbers; in the newer one they have names.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

from segue.listening.imports.formats.sqlite_files import Tables
from segue.listening.imports.items import (
    Bookmarked,
    Item,
    Listed,
    Opined,
    Thing,
    from_iso,
    ids,
    length_ms,
    maybe,
    since,
    text,
    whole_number,
)

NAME = "jellyfin"
AUDIO = "MediaBrowser.Controller.Entities.Audio.Audio"
PLAYLIST = "MediaBrowser.Controller.Playlists.Playlist"
TICKS_PER_MS = 10_000
_ITEM = [f"i.{name}" for name in ("Name", "Path", "Album", "Artists", "AlbumArtists", "RunTimeTicks", "IndexNumber",
                                  "ParentIndexNumber", "ProviderIds")]  # fmt: skip
_SAID = [f"d.{name}" for name in ("UserId", "Rating", "PlayCount", "IsFavorite", "LastPlayedDate", "PlaybackPositionTicks",
                                  "Likes")]  # fmt: skip


def knows(tables: Tables) -> bool:
    """Whether this is a database of Jellyfin."""
    return tables.has("BaseItems", "Id", "Type") or tables.has("TypedBaseItems", "guid", "type")


def read(tables: Tables) -> Iterator[Item]:
    """Everything the database says of people's listening. Raises BrokenDatabase."""
    if tables.has("BaseItems", "Id", "Type"):
        items, data, key, joined = "BaseItems", "UserData", "Id", "JOIN BaseItems i ON i.Id = d.ItemId"
    else:
        items, data, key = "TypedBaseItems", "UserDatas", "guid"
        joined = "JOIN TypedBaseItems i ON i.UserDataKey = d.key"
    people = _people(tables)
    outside = _outside_ids(tables)
    known = f"i.{key}"
    for row in tables.rows([(data, "d"), (items, "i")], [known, *_SAID, *_ITEM], f"{joined} WHERE i.type = ?", [AUDIO]):
        thing = _thing(row, outside.get(row[known], ""))
        person = _person(people, row["d.UserId"])
        opinion = _opinion(row, thing, person)
        if opinion is not None:
            yield opinion
        place = whole_number(row["d.PlaybackPositionTicks"]) or 0
        if place > 0:
            yield Bookmarked(thing, place // TICKS_PER_MS, "", person)
    yield from _playlists(tables, items, key, people)


def _people(tables: Tables) -> dict[Any, str]:
    people: dict[Any, str] = {}
    for row in tables.rows([("Users", "u")], ["u.Id", "u.InternalId", "u.Username"]):
        name = text(row["u.Username"], 200)
        people[_plain(row["u.Id"])] = name
        if row["u.InternalId"] is not None:
            people[row["u.InternalId"]] = name
    return people


def _person(people: Mapping[Any, str], user: Any) -> str:
    return people.get(user) or people.get(_plain(user)) or f"user {_plain(user)}"


def _outside_ids(tables: Tables) -> dict[Any, str]:
    """The outside ids of items as the older file writes them: `name=value|name=value`."""
    found: dict[Any, str] = {}
    for row in tables.rows([("BaseItemProviders", "p")], ["p.ItemId", "p.ProviderId", "p.ProviderValue"]):
        pair = f"{row['p.ProviderId']}={row['p.ProviderValue']}"
        found[row["p.ItemId"]] = f"{found[row['p.ItemId']]}|{pair}" if row["p.ItemId"] in found else pair
    return found


def _opinion(row: Mapping[str, Any], thing: Thing, person: str) -> Opined | None:
    plays = whole_number(row["d.PlayCount"]) or 0
    try:
        rating = round(float(row["d.Rating"] or 0) / 2)
    except (TypeError, ValueError):
        rating = 0
    loved, last = bool(row["d.IsFavorite"]), maybe(from_iso, row["d.LastPlayedDate"])
    hated = row["d.Likes"] == 0 and row["d.Likes"] is not None
    if plays <= 0 and not loved and not hated and not 1 <= rating <= 5:
        return None
    return Opined(
        thing,
        person,
        since(last) if loved else None,
        rating if 1 <= rating <= 5 else None,
        since(last) if 1 <= rating <= 5 else None,
        since(last) if hated else None,
        max(plays, 0) or None,
        last if plays > 0 else None,
    )


def _playlists(tables: Tables, items: str, key: str, people: Mapping[Any, str]) -> Iterator[Item]:
    lists = tables.rows([(items, "i")], ["i.Name", "i.Data"], "WHERE i.type = ?", [PLAYLIST])
    for row in list(lists):
        try:
            data = json.loads(row["i.Data"] or "{}")
        except (ValueError, TypeError, RecursionError):
            continue
        children = data.get("LinkedChildren") if isinstance(data, dict) else None
        paths = [text(child.get("Path"), 4_000) for child in children or () if isinstance(child, dict)]
        rows = tuple(thing for path in paths if path and (thing := _at(tables, items, path)) is not None)
        if rows:
            owner = _person(people, data.get("OwnerUserId")) if data.get("OwnerUserId") else ""
            yield Listed(text(row["i.Name"]) or "Jellyfin", rows, "", bool(data.get("OpenAccess")), owner)


def _at(tables: Tables, items: str, path: str) -> Thing | None:
    found = next(tables.rows([(items, "i")], _ITEM, "WHERE i.path = ? LIMIT 1", [path]), None)
    name = path.replace("\\", "/").rsplit("/", 1)[-1]
    return _thing(found, "") if found is not None else Thing("", path=path) if name else None


def _thing(row: Mapping[str, Any], outside: str) -> Thing:
    known: dict[str, str] = {}
    for pair in (outside or text(row["i.ProviderIds"], 4_000)).split("|"):
        name, _, value = pair.partition("=")
        known[name.lower()] = value
    artists = text(row["i.Artists"]).replace("|", ", ")
    ticks = whole_number(row["i.RunTimeTicks"])
    return Thing(
        text(row["i.Name"]),
        artists,
        text(row["i.Album"]),
        text(row["i.AlbumArtists"]).replace("|", ", "),
        length_ms(ticks, 1 / TICKS_PER_MS) if ticks else None,
        ids(
            ("musicbrainz:recording", known.get("musicbrainzrecording") or known.get("musicbrainztrack")),
            ("musicbrainz:track", known.get("musicbrainztrack")),
        ),
        text(row["i.Path"], 4_000),
        whole_number(row["i.ParentIndexNumber"]),
        whole_number(row["i.IndexNumber"]),
    )


def _plain(user: Any) -> Any:
    """A GUID in any spelling as one; numbers stay."""
    return user.replace("-", "").lower() if isinstance(user, str) else user
