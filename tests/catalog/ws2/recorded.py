"""Recorded answers of the real API: compared with ours, and made into documents of a dump again."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from lxml import etree

from tests.catalog.ws2.given import Json, mbid

NAMESPACE = "{http://musicbrainz.org/ns/mmd-2.0#}"


def recorded(reference: Path, name: str) -> Json:
    said: Json = json.loads((reference / "providers" / "musicbrainz" / name).read_text())
    return said


def recorded_xml(reference: Path, name: str) -> etree._Element:
    return etree.fromstring((reference / "providers" / "musicbrainz" / name).read_bytes())


def differences(real: Any, ours: Any, place: str = "") -> Iterator[str]:
    """Where ours does not say what the real answer says. What ours says besides is `additions`."""
    if isinstance(real, dict) and isinstance(ours, dict):
        for name in real:
            if name not in ours:
                yield f"{place}.{name} is missing"
            else:
                yield from differences(real[name], ours[name], f"{place}.{name}")
    elif isinstance(real, list) and isinstance(ours, list):
        if len(real) != len(ours):
            yield f"{place} has {len(ours)} items, not {len(real)}"
        for at, (one, other) in enumerate(zip(real, ours, strict=False)):
            yield from differences(one, other, f"{place}[{at}]")
    elif real != ours or type(real) is not type(ours):
        yield f"{place} is {ours!r}, not {real!r}"


def additions(real: Any, ours: Any, place: str = "") -> Iterator[str]:
    """Members that ours has and the real answer has not, without the places within lists."""
    if isinstance(real, dict) and isinstance(ours, dict):
        for name in ours:
            if name not in real:
                yield f"{place}.{name}"
            else:
                yield from additions(real[name], ours[name], f"{place}.{name}")
    elif isinstance(real, list) and isinstance(ours, list):
        for one, other in zip(real, ours, strict=False):
            yield from additions(one, other, f"{place}[]")


def said_in(element: etree._Element, place: str = "") -> Iterator[str]:
    """Everything that an XML answer says: elements with their place and text, and attributes."""
    name = f"{place}/{element.tag.removeprefix(NAMESPACE)}"
    yield name
    for attribute, value in element.attrib.items():
        yield f"{name}@{attribute}={value}"
    if (element.text or "").strip():
        yield f"{name}={element.text}"
    for child in element:
        yield from said_in(child, name)


# XML answers as documents of a dump


def _find(element: etree._Element, path: str) -> etree._Element | None:
    return element.find("/".join(f"{NAMESPACE}{part}" for part in path.split("/")))


def _all(element: etree._Element, path: str) -> list[etree._Element]:
    return element.findall("/".join(f"{NAMESPACE}{part}" for part in path.split("/")))


def _text(element: etree._Element, path: str) -> str | None:
    found = _find(element, path)
    return None if found is None else found.text


def _said(element: etree._Element, *names: str) -> Json:
    return {name: text for name in names if (text := _text(element, name)) is not None}


def artist_of(element: etree._Element) -> Json:
    aliases = [
        {
            "name": alias.text,
            "sort-name": alias.get("sort-name", alias.text),
            "locale": None,
            "primary": None,
            "type": None,
        }
        for alias in _all(element, "alias-list/alias")
    ]
    tags = _tags_of(element)
    span = _find(element, "life-span")
    life = {} if span is None else _said(span, "begin", "end")
    return {
        "id": element.get("id"), "type": element.get("type"), "disambiguation": "",
        **_said(element, "name", "sort-name", "country", "disambiguation", "gender"),
        **({"aliases": aliases} if aliases else {}), **({"tags": tags} if tags else {}),
        "life-span": {"begin": life.get("begin"), "end": life.get("end"), "ended": False},
    }  # fmt: skip


def credit_of(element: etree._Element) -> list[Json]:
    credits = []
    for part in _all(element, "artist-credit/name-credit"):
        found = _find(part, "artist")
        assert found is not None
        named = artist_of(found)
        credits.append(
            {"name": _text(part, "name") or named["name"], "joinphrase": part.get("joinphrase", ""), "artist": named}
        )
    return credits


def _group_of(element: etree._Element | None, title: str) -> Json:
    kind = None if element is None else element.get("type")
    secondary = [kind] if kind in ("Compilation", "Soundtrack", "Remix", "Live") else []
    return {
        "id": mbid(f"group {title}") if element is None else element.get("id") or mbid(f"group {title} {kind}"),
        "title": title, "disambiguation": "", "first-release-date": "", "primary-type": "Album" if secondary else kind,
        "primary-type-id": None, "secondary-types": secondary, "secondary-type-ids": [],
    }  # fmt: skip


def release_of(element: etree._Element, recording: etree._Element | None = None) -> Json:
    """A release as search results, disc ids and recordings show it; with `recording`, where that one stands on it."""
    title = str(_text(element, "title"))
    media = []
    for number, medium in enumerate(_all(element, "medium-list/medium"), 1):
        tracks = _find(medium, "track-list")
        discs = []
        for disc in _all(medium, "disc-list/disc"):
            offsets = [int(offset.text or 0) for offset in _all(disc, "offset-list/offset")]
            discs.append(
                {"id": disc.get("id"), "sectors": int(_text(disc, "sectors") or 0), "offset-count": len(offsets),
                 "offsets": offsets}
            )  # fmt: skip
        listed = _find(medium, "disc-list")
        missing = int("0" if listed is None else listed.get("count", "0")) - len(discs)
        discs += [{"id": mbid(f"{title}{at}")[:27] + "-"} for at in range(missing)]
        shown: Json = {
            "position": int(_text(medium, "position") or number), "format": _text(medium, "format"), "title": "",
            "track-count": 0 if tracks is None else int(tracks.get("count", "0")), "discs": discs, "tracks": [],
        }  # fmt: skip
        if recording is not None and tracks is not None:
            offset = int(tracks.get("offset", "0"))
            for at in range(offset + 1):
                track: Json = {"id": mbid(f"{title} {at}"), "number": str(at + 1), "position": at + 1, "title": "?",
                               "length": None}  # fmt: skip
                if at == offset:
                    track["title"] = _text(tracks, "track/title")
                    track["recording"] = recording_of(recording)
                shown["tracks"].append(track)
        media.append(shown)
    labels = []
    for info in _all(element, "label-info-list/label-info"):
        label = _find(info, "label")
        labels.append(
            {"catalog-number": _text(info, "catalog-number"),
             "label": None if label is None else {"id": label.get("id"), **_said(label, "name")}}
        )  # fmt: skip
    events = []
    for event in _all(element, "release-event-list/release-event"):
        area = _find(event, "area")
        codes = [] if area is None else [code.text for code in _all(area, "iso-3166-1-code-list/iso-3166-1-code")]
        events.append(
            {**_said(event, "date"),
             "area": None if area is None else {"id": area.get("id"), "disambiguation": "", "iso-3166-1-codes": codes,
                                                **_said(area, "name", "sort-name")}}
        )  # fmt: skip
    text = _find(element, "text-representation")
    return {
        "id": element.get("id"), "disambiguation": "", "quality": "normal",
        **_said(element, "title", "status", "quality", "packaging", "date", "country", "barcode", "asin", "disambiguation"),
        "text-representation": {} if text is None else _said(text, "language", "script"),
        "artist-credit": credit_of(element) or ([] if recording is None else credit_of(recording)),
        "release-group": _group_of(_find(element, "release-group"), title),
        "label-info": labels, "release-events": events, "media": media,
    }  # fmt: skip


def recording_of(element: etree._Element) -> Json:
    length = _text(element, "length")
    tags = _tags_of(element)
    return {
        "id": element.get("id"), "disambiguation": "", "video": False, "length": int(length) if length else None,
        **_said(element, "title", "disambiguation"), "artist-credit": credit_of(element),
        **({"tags": tags} if tags else {}),
        "isrcs": [isrc.get("id") for isrc in _all(element, "isrc-list/isrc")],
    }  # fmt: skip


def _tags_of(element: etree._Element) -> list[Json]:
    return [{"name": _text(tag, "name"), "count": int(tag.get("count", "0"))} for tag in _all(element, "tag-list/tag")]
