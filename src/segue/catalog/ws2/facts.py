"""The facts of documents as words to search by, and what else of a document goes into which column of its index."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from segue.catalog.ws2.layout import Entity
from segue.catalog.ws2.words import column, exact, fact, mbid_fact, whole

Json = dict[str, Any]

_APPEARANCES = ("xcountry", "xdate", "xstatus", "xprimarytype", "xsecondarytype", "xtype", "xreid", "xrgid")
"""Facts of a release that its recordings are asked for by."""


def of_release(release: Json, credit: Iterable[Json]) -> tuple[list[str], list[str]]:
    """Of a whole release: its facts, and the names of its labels."""
    group = release.get("release-group") or {}
    media = release.get("media") or ()
    facts = [mbid_fact("reid", release["id"])]
    facts += [mbid_fact("arid", part["artist"]["id"]) for part in credit if (part.get("artist") or {}).get("id")]
    if group.get("id"):
        facts.append(mbid_fact("rgid", group["id"]))
    facts += _types(group)
    for field, name in (("status", "status"), ("packaging", "packaging"), ("asin", "asin"), ("quality", "quality")):
        facts += fact(field, release.get(name) or "")
    if release.get("barcode"):
        facts += fact("barcode", release["barcode"].lstrip("0") or "0")
    text = release.get("text-representation") or {}
    facts += [*fact("lang", text.get("language") or ""), *fact("script", text.get("script") or "")]
    events = release.get("release-events") or [{"date": release.get("date")}]
    for event in events:
        if event.get("date"):
            facts.append(whole("date", event["date"]))
        facts += [whole("country", code) for code in (event.get("area") or {}).get("iso-3166-1-codes") or ()]
    if release.get("country"):
        facts.append(whole("country", release["country"]))
    labels = []
    for info in release.get("label-info") or ():
        facts += fact("catno", info.get("catalog-number") or "")
        if label := info.get("label"):
            labels.append(label.get("name") or "")
            facts.append(mbid_fact("laid", label.get("id") or ""))
    counts = [medium.get("track-count") or 0 for medium in media]
    discs = [len(medium.get("discs") or ()) for medium in media]
    facts += [whole("tracks", sum(counts)), whole("mediums", len(media)), whole("discids", sum(discs))]
    for medium, tracks, ids in zip(media, counts, discs, strict=True):
        facts += fact("format", medium.get("format") or "")
        facts += [whole("tracksmedium", tracks), whole("discidsmedium", ids)]
        facts += [whole("discid", disc["id"]) for disc in medium.get("discs") or () if disc.get("id")]
    return list(dict.fromkeys(facts)), list(dict.fromkeys(labels))


def _types(group: Json) -> list[str]:
    primary, secondary = group.get("primary-type") or "", group.get("secondary-types") or ()
    facts = [*fact("primarytype", primary), *fact("type", primary)]
    for name in secondary:
        facts += fact("secondarytype", name) + fact("type", name)
    return facts


def of_medium(medium: Json, total: int, release: Sequence[str]) -> list[str]:
    """What all recordings on a medium have in common: those facts of the release that they are asked for by, and its own."""
    facts = [one for one in release if one.startswith(_APPEARANCES)]
    facts += fact("format", medium.get("format") or "")
    for field, value in (
        ("position", medium.get("position")),
        ("tracks", medium.get("track-count")),
        ("tracksrelease", total),
    ):
        if value is not None:
            facts.append(whole(field, value))
    return facts


def of_track(track: Json) -> Sequence[str]:
    """Where a recording stands on a medium."""
    facts = fact("number", str(track.get("number") or ""))
    return facts if track.get("position") is None else (*facts, whole("tnum", track["position"]))


def own_words(entity: Entity, body: Json, credited: Sequence[str]) -> dict[str, str]:
    """The columns that a document fills by itself. `credited` are the MBIDs of those who are."""
    name = body.get("title") or body.get("name") or ""
    aliases = [alias.get("name") or "" for alias in body.get("aliases") or ()]
    if body.get("sort-name") and body["sort-name"] != name:
        aliases.append(body["sort-name"])
    tags = [tag["name"] for tag in body.get("tags") or () if tag.get("name")]
    facts = [token for text in (name, *aliases) if (token := exact(text))]
    facts += [mbid_fact("arid", mbid) for mbid in credited]
    columns = {
        "name": column([name]),
        "alias": column(aliases),
        "comment": column([body.get("disambiguation") or ""]),
        "tag": column(tags),
    }
    if entity == "recording":
        facts += _of_recording(body)
    elif entity == "release-group":
        facts += _types(body)
        if body.get("first-release-date"):
            facts.append(whole("firstreleasedate", body["first-release-date"]))
    elif entity in ("artist", "label"):
        areas = [body.get(name) or {} for name in ("area", "begin-area", "end-area", "begin_area", "end_area")]
        columns["area"] = column(area.get("name") or "" for area in areas)
        facts += _of_somebody(body)
    columns["facts"] = " ".join(dict.fromkeys(facts))
    return columns


def _of_recording(body: Json) -> list[str]:
    facts = [whole("isrc", isrc) for isrc in body.get("isrcs") or ()]
    facts.append(whole("video", str(bool(body.get("video")))))
    if body.get("first-release-date"):
        facts.append(whole("firstreleasedate", body["first-release-date"]))
    if length := body.get("length"):
        facts += [whole("dur", length), whole("durs", length // 1000), whole("qdur", length // 2000)]
    return facts


def _of_somebody(body: Json) -> list[str]:
    facts: list[str] = []
    for name in ("country", "type", "gender"):
        facts += fact(name, body.get(name) or "")
    span = body.get("life-span") or {}
    facts += [whole(name, span[name]) for name in ("begin", "end") if span.get(name)]
    facts.append(whole("ended", str(bool(span.get("ended")))))
    for name, field in (("ipis", "ipi"), ("isnis", "isni")):
        facts += [whole(field, code) for code in body.get(name) or ()]
    if body.get("label-code"):
        facts.append(whole("code", body["label-code"]))
    return facts
