"""From elements of Discogs to records: one album for each release, one track for each that has a place on it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any
from xml.etree.ElementTree import Element

from segue.catalog.records import Album, Artist, Track
from segue.catalog.sources.dates import partial_date
from segue.catalog.sources.discogs.positions import milliseconds, numbered
from segue.catalog.sources.links import id_of_link

NAMESPACE = "discogs"
LICENCE = "CC0-1.0"
_NUMBERED = re.compile(r"^(.*\S)\s*\((\d+)\)$")
_DIGITS = re.compile(r"\d+")
_TYPES = (
    ("compilation", {"Compilation", "Sampler"}),
    ("ep", {"EP"}),
    ("single", {"Single", "Maxi-Single", '7"'}),
    ("album", {"Album", "LP", "Mini-Album", "Mixtape"}),
)  # fmt: skip
_ALSO_CREDITED = (("featuring", "featured_artist"), ("remix", "remixer"))
"""Roles whose holders are artists of the track as well, and what their role is called in the catalogue's JSON."""
_TRACKS_OF_A_RELEASE = 16
"""Bits of a track's key that count it within its release."""


@dataclass(frozen=True, slots=True)
class Made:
    """What comes of one release: the album with its tracks, whoever is named on it, and its master's id (0: none)."""

    album: Album
    tracks: list[Track]
    artists: dict[int, str]
    master: int


@dataclass(frozen=True, slots=True)
class _Named:
    id: int
    name: str
    shown: str
    join: str
    role: str
    tracks: str


def plain_name(name: str) -> str:
    """A name without the number that tells it from its namesakes: Prince (3) is Prince."""
    found = _NUMBERED.match(name)
    return found[1] if found else name


def artist_of(given: Element) -> Artist:
    """The record of an artist's element. Raises ValueError where its id is none."""
    key = int(given.findtext("id") or "")
    listed = (given.findtext("name") or "").strip()
    name = plain_name(listed)
    variations = [found.text for found in given.iterfind("namevariations/name") if found.text]
    links = [id_of_link(url.text) for url in given.iterfind("urls/url") if url.text]
    more = _only(
        listed_as=listed if listed != name else None,
        real_name=given.findtext("realname"),
        also=_others(given, "aliases/name"),
        groups=_others(given, "groups/name"),
        members=_others(given, "members/name"),
    )
    return Artist(
        key=key,
        id=str(key),
        name=name,
        aliases=tuple(dict.fromkeys(found for found in variations if found != name)),
        ids=(f"discogs:artist:{key}", *dict.fromkeys(link for link in links if link)),
        more=more or None,
    )


def credited_artist(key: int, listed: str) -> Artist:
    """The record of an artist of whom only credits are known."""
    name = plain_name(listed)
    return Artist(
        key=key,
        id=str(key),
        name=name,
        ids=(f"discogs:artist:{key}",),
        more={"listed_as": listed} if listed != name else None,
    )


def release_of(given: Element) -> Made:
    """Everything that comes of a release's element. Raises ValueError where its id is none."""
    key = int(given.get("id") or "")
    credited = list(_named(given, "artists/artist"))
    extra = list(_named(given, "extraartists/artist"))
    formats, descriptions = _formats(given)
    master = int(given.findtext("master_id") or 0)
    main = given.find("master_id[@is_main_release='true']") is not None
    date, precision = partial_date(given.findtext("released"))
    labels = [(plain_name(label.get("name") or ""), label) for label in given.iterfind("labels/label")]
    identifiers = [
        (one.get("type") or "", one.get("value") or "", one) for one in given.iterfind("identifiers/identifier")
    ]
    companies = [
        (one.findtext("name") or "", one.findtext("entity_type_name") or "")
        for one in given.iterfind("companies/company")
    ]
    album = Album(
        key=key,
        id=str(key),
        name=(given.findtext("title") or "").strip(),
        type=next((kind for kind, words in _TYPES if words & descriptions), ""),
        label=" / ".join(dict.fromkeys(name for name, _ in labels if name)),
        release_date=date,
        precision=precision,
        upc=_barcode(value for kind, value, _ in identifiers if kind == "Barcode"),
        copyright=_said(companies, "Copyright (c)"),
        copyright_p=_said(companies, "Phonographic Copyright (p)"),
        artists=_keys(credited),
        genres=tuple(dict.fromkeys(_texts(given, "genres/genre", "styles/style"))),
        ids=(f"discogs:release:{key}", *((f"discogs:master:{master}",) if master else ())),
    )
    more = _only(
        credits=_as_written(credited),
        roles=_roles(extra),
        styles=list(_texts(given, "styles/style")),
        country=given.findtext("country"),
        status=given.get("status") if given.get("status") != "Accepted" else None,
        formats=formats,
        labels=[_only(name=name, catalog_number=label.get("catno"), id=label.get("id")) for name, label in labels],
        companies=[_only(name=name, role=role) for name, role in companies],
        identifiers=[
            _only(type=kind, value=value, description=one.get("description")) for kind, value, one in identifiers
        ],
        master=_only(id=str(master), main=main) if master else None,
    )
    album.more = more or None
    people = [*credited, *extra]
    tracks = list(_tracks(given, album, credited, people))
    album.total_tracks = len(tracks)
    codes = [value for kind, value, _ in identifiers if kind == "ISRC"]
    if len(tracks) == 1:
        tracks[0].isrcs = tuple(codes)
    own = set(album.artists)
    album.appears = tuple(dict.fromkeys(one.id for one in people if one.id and one.id not in own))
    return Made(album, tracks, {one.id: one.name for one in people if one.id}, master)


def _tracks(given: Element, album: Album, credited: list[_Named], people: list[_Named]) -> Iterator[Track]:
    """The tracks in their order. Whoever they name is added to `people`."""
    rows = list(_rows(given))
    places = numbered(position for position, _, _, _ in rows)
    for number, ((position, element, heading, whole), (disc, track_number)) in enumerate(
        zip(rows, places, strict=True), 1
    ):
        own = list(_named(element, "artists/artist"))
        if not own and whole is not None:
            own = list(_named(whole, "artists/artist"))
        extra = list(_named(element, "extraartists/artist"))
        if whole is not None:
            extra += _named(whole, "extraartists/artist")
        people += [*own, *extra]
        main = own or credited
        artists = dict.fromkeys(_keys(main), "main_artist")
        for one in extra:
            role = next((called for word, called in _ALSO_CREDITED if one.role.casefold().startswith(word)), None)
            if role is not None and one.id:
                artists.setdefault(one.id, role)
        more = _only(
            credits=_as_written(main) if own or len(main) > 1 else None,
            roles=_roles(extra),
            number=position if position != str(track_number) else None,
            heading=heading,
            part_of=(whole.findtext("title") or "").strip() if whole is not None else None,
        )
        yield Track(
            key=album.key << _TRACKS_OF_A_RELEASE | number,
            id=f"{album.id}-{number}",
            name=(element.findtext("title") or "").strip(),
            album=album.key,
            duration_ms=milliseconds(element.findtext("duration") or ""),
            track_number=track_number,
            disc_number=disc,
            artists=tuple(artists),
            artist_roles=tuple(artists.values()) if len(set(artists.values())) > 1 else (),
            ids=(f"discogs:track:{album.id}-{number}",),
            more=more or None,
        )


def _rows(given: Element) -> Iterator[tuple[str, Element, str | None, Element | None]]:
    """What is played: position, element, the heading above it, and the whole that it is a part of.

    A row without position is a heading of those below it, or the whole of its sub-tracks; where no row of the release
    has a position, all are tracks. A row with a position that has sub-tracks is one track, its parts are not.
    """
    listed = given.findall("tracklist/track")
    placed = any((one.findtext("position") or "").strip() for track in listed for one in track.iter("track"))
    heading: str | None = None
    for track in listed:
        position = (track.findtext("position") or "").strip()
        parts = track.findall("sub_tracks/track")
        if not position and parts:
            for part in parts:
                yield (part.findtext("position") or "").strip(), part, heading, track
        elif position or not placed:
            yield position, track, heading, None
        else:
            heading = (track.findtext("title") or "").strip() or None


def _named(given: Element, path: str) -> Iterator[_Named]:
    for one in given.iterfind(path):
        told = {child.tag: (child.text or "").strip() for child in one}
        name = told.get("name", "")
        number = told.get("id", "")
        yield _Named(
            int(number) if number.isascii() and number.isdigit() else 0,
            name,
            told.get("anv") or plain_name(name),
            told.get("join", ""),
            told.get("role", ""),
            told.get("tracks", ""),
        )


def _keys(named: Iterable[_Named]) -> tuple[int, ...]:
    return tuple(dict.fromkeys(one.id for one in named if one.id))


def _as_written(named: list[_Named]) -> list[dict[str, Any]] | None:
    """A credit as it is printed; None where it is one artist under its own name."""
    if len(named) == 1 and named[0].id and named[0].shown == plain_name(named[0].name):
        return None
    last = len(named) - 1
    return [
        _only(
            name=one.shown,
            join=_joined(one.join) if number < last else None,
            artist=str(one.id) if one.id else None,
        )
        for number, one in enumerate(named)
    ]


def _joined(join: str) -> str:
    """What stands between two names: a comma clings to the one before it."""
    return f"{join} " if join in (",", ";") else f" {join} " if join else ", "


def _roles(named: list[_Named]) -> list[dict[str, Any]]:
    return [
        _only(name=one.shown, artist=str(one.id) if one.id else None, role=one.role, tracks=one.tracks) for one in named
    ]


def _formats(given: Element) -> tuple[list[dict[str, Any]], set[str]]:
    formats, words = [], set()
    for one in given.iterfind("formats/format"):
        said = [found.text for found in one.iterfind("descriptions/description") if found.text]
        words.update(said)
        quantity = one.get("qty") or ""
        count = int(quantity) if quantity.isascii() and quantity.isdigit() else None
        formats.append(_only(name=one.get("name"), quantity=count, text=one.get("text"), descriptions=said))
    return formats, words


def _barcode(values: Iterable[str]) -> str | None:
    """The first barcode whose check digit is right, else the first that has as many digits as one has."""
    found = ["".join(_DIGITS.findall(value)) for value in values]
    fitting = [digits for digits in found if len(digits) in (8, 12, 13, 14)]
    return next((digits for digits in fitting if _checks(digits)), fitting[0] if fitting else None)


def _checks(digits: str) -> bool:
    """Whether the last digit is the check digit of the others (GS1 General Specifications, 7.9)."""
    return sum(int(digit) * (3 if place % 2 else 1) for place, digit in enumerate(reversed(digits))) % 10 == 0


def _said(companies: Iterable[tuple[str, str]], role: str) -> str | None:
    return " / ".join(dict.fromkeys(name for name, given in companies if given == role and name)) or None


def _others(given: Element, path: str) -> list[dict[str, Any]]:
    return [_only(id=one.get("id"), name=plain_name(one.text or "")) for one in given.iterfind(path) if one.text]


def _texts(given: Element, *paths: str) -> Iterator[str]:
    return (one.text for path in paths for one in given.iterfind(path) if one.text)


def _only(**members: Any) -> dict[str, Any]:
    """The members that say something."""
    return {name: value for name, value in members.items() if value not in (None, "", [], ())}
