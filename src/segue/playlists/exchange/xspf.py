"""XSPF: a list as XML, with a place for everything: people, album, length, several addresses, identifiers."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import BinaryIO
from xml.sax.saxutils import escape, quoteattr

from segue.playlists.exchange.events import (
    MAX_LOCATION,
    Doubt,
    Entry,
    Event,
    ListHead,
    milliseconds,
    number,
    short,
)
from segue.playlists.exchange.locations import ids_of, is_address, written
from segue.playlists.exchange.outgoing import OutList, OutRow
from segue.playlists.exchange.uris import as_uri, from_uri
from segue.playlists.exchange.xml_events import pieces_of

NAMESPACE = "http://xspf.org/ns/0/"


def read(file: BinaryIO, name: str, encoding: str | None = None) -> Iterator[Event]:
    """The list in an XSPF file. Rows come as they are read; the list's words must stand before them, as XSPF has it."""
    path: list[str] = []
    head: dict[str, str] = {}
    row: dict[str, list[str]] | None = None
    metas: dict[str, str] = {}
    relation = ""
    begun = False
    for piece in pieces_of(file, encoding):
        if isinstance(piece, Doubt):
            if not begun:
                begun = True
                yield _head(head, name)
            yield piece
            continue
        if piece.what == "start":
            path.append(piece.name)
            relation = (piece.attributes or {}).get("rel", "") if piece.name == "meta" else relation
            if piece.name == "trackList" and not begun:
                begun = True
                yield _head(head, name)
            if piece.name == "track" and path[-2:-1] == ["trackList"]:
                row, metas = {}, {}
            continue
        if path:
            path.pop()
        if row is not None and piece.name == "track" and path[-1:] == ["trackList"]:
            yield _entry(row, metas)
            row = None
        elif row is not None and path[-1:] == ["track"]:
            if piece.name == "meta":
                metas[relation] = piece.text
            else:
                row.setdefault(piece.name, []).append(piece.text)
        elif row is None and len(path) == 1 and piece.text:
            head.setdefault(piece.name, piece.text)
    if not begun:
        yield _head(head, name)
        yield Doubt("no_rows")


def write(playlist: OutList, rows: Iterable[OutRow]) -> Iterator[str]:
    """The file for a list."""
    yield f'<?xml version="1.0" encoding="UTF-8"?>\n<playlist version="1" xmlns="{NAMESPACE}">\n'
    yield _element("title", playlist.name, "  ") + _element("creator", playlist.owner, "  ")
    yield _element("annotation", playlist.comment, "  ") + "  <trackList>\n"
    for row in rows:
        lines = [_element("location", as_uri(row.location))]
        lines += [_element("identifier", written(*pair)) for pair in row.all_ids().items()]
        lines += [_element("title", row.title), _element("creator", row.artist), _element("annotation", row.comment)]
        lines += [_element("album", row.album), _element("trackNum", str(row.position or ""))]
        lines += [_element("duration", str(row.duration_ms or ""))]
        if row.album_artist and row.album_artist != row.artist:
            lines.append(
                f"      <meta rel={quoteattr('urn:segue:album_artist')}>{escape(_plain(row.album_artist))}</meta>\n"
            )
        if row.disc:
            lines.append(f"      <meta rel={quoteattr('urn:segue:disc')}>{row.disc}</meta>\n")
        yield "    <track>\n" + "".join(lines) + "    </track>\n"
    yield "  </trackList>\n</playlist>\n"


def _head(said: dict[str, str], name: str) -> ListHead:
    return ListHead(
        0, short(said.get("title")) or name, short(said.get("annotation"), 10_000), source=said.get("identifier", "")
    )


def _entry(said: dict[str, list[str]], metas: dict[str, str]) -> Entry:
    def first(key: str) -> str:
        return short(next((text for text in said.get(key, ()) if text), ""))

    locations = [text for text in said.get("location", ()) if text]
    files = [text for text in locations if not is_address(text)]
    location = from_uri((files or locations or [""])[0])
    ids = ids_of([*said.get("identifier", ()), *locations])
    empty = not (location or first("title") or ids)
    return Entry(
        title=first("title"),
        artist=first("creator"),
        album=first("album"),
        album_artist=short(metas.get("urn:segue:album_artist")),
        duration_ms=milliseconds(first("duration")),
        disc=number(metas.get("urn:segue:disc")),
        position=number(first("trackNum")),
        external_ids=ids,
        location=short(location, MAX_LOCATION),
        comment=first("annotation"),
        problem=("empty_row", {}) if empty else None,
    )


def _element(name: str, text: str, indent: str = "      ") -> str:
    plain = _plain(text)
    return f"{indent}<{name}>{escape(plain)}</{name}>\n" if plain else ""


def _plain(text: str) -> str:
    """Without characters that XML cannot carry."""
    return "".join(
        char for char in text if char in "\t\n\r" or (char >= " " and not "\ud800" <= char <= "\udfff")
    ).strip()
