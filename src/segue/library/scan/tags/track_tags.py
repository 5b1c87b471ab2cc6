"""From the tag values a file holds, under our names, to what they say: `TrackTags`, with doubts about single values."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from segue.core.text import clean_text
from segue.library.scan.facts import Credit, Lyrics, ReplayGain, TrackTags
from segue.library.scan.found import Found
from segue.library.scan.problems import Problem, ProblemCode
from segue.library.scan.tags import credits as crediting
from segue.library.scan.tags import values
from segue.library.scan.tags.rules import OWN, Rules
from segue.library.scan.tags.split import Part, Splitter

MAX_TEXT = 1024
"""Characters of an ordinary value; longer ones are cut with a doubt."""
MAX_COMMENT = 16 * 1024
MAX_OWN_VALUES = 50
"""Values kept of one field that a person added."""
MAX_LYRICS = 256 * 1024
_LONG = {"comment": MAX_COMMENT, "lyrics": MAX_LYRICS, "cuesheet": MAX_LYRICS, "copyright": 4096}
_R128_TO_REPLAYGAIN_DB = 5.0
_TIMED = re.compile(r"^\[\d+:\d\d", re.MULTILINE)


_EXTERNAL = {
    "acoustid": "acoustid",
    "asin": "asin",
    "discogs_release": "discogs:release",
    "discogs_master": "discogs:master",
    "spotify_track": "spotify:track",
    "spotify_album": "spotify:album",
    "deezer_track": "deezer:track",
    "deezer_album": "deezer:album",
    "bandcamp_url": "bandcamp:album",
}
_OF_EACH = frozenset(
    (
        "title", "titlesort", "subtitle", "isrc", "tracknumber", "tracktotal", "musicbrainz_recordingid",
        "musicbrainz_trackid", "musicbrainz_workid", *_EXTERNAL, "bpm", "key", "comment", "work", "movement",
        "movementnumber", "movementtotal", "replaygain_track_gain", "replaygain_track_peak", "replaygain_album_gain",
        "replaygain_album_peak", "r128_track_gain", "r128_album_gain", "lyrics", "cuesheet",
    )
)  # fmt: skip
"""The fields from which the members OF_EACH are made."""
_NUMBERED = frozenset(("title", "tracknumber", "tracktotal"))
_PLACES = {name: place for place, name in enumerate(TrackTags._fields)}
_met: tuple[Rules, dict[str, list[str]], list[tuple[str, str, str | None]], TrackTags] | None = None
"""The rules, the other fields and the performers of the file read last, and what was made of them: mostly the next file
is of the same album."""


def track_tags(found: Found) -> TrackTags:
    """Make the tags of a track; `found.doubts` grows by what had to be dropped or shortened."""
    global _met
    each: dict[str, list[str]] = {}
    alike: dict[str, list[str]] = {}
    for field, texts in found.fields.items():
        (each if field in _OF_EACH else alike)[field] = texts
    known = _met
    if known is not None and known[0] is found.rules and known[1] == alike and known[2] == found.performers:
        tags = known[3]
    else:
        doubts = len(found.doubts)
        tags = _alike(_Cleaned(found, alike), found)
        _met = (found.rules, alike, found.performers, tags) if len(found.doubts) == doubts else None
    if not each and not found.lyrics:
        return tags
    members = list(tags)
    for name, value in _of_each(_Cleaned(found, each), found).items():
        members[_PLACES[name]] = value
    return TrackTags._make(members)


def _of_each(clean: _Cleaned, found: Found) -> dict[str, Any]:
    """The members OF_EACH."""
    one = clean.one
    track = _position(clean, "tracknumber", found)
    made: dict[str, Any] = {
        "title": one("title"),
        "track_number": track.number,
        "track_total": track.total or _total(clean, "tracktotal"),
        "track_position": track.text,
    }
    if found.lyrics or "lyrics" in clean:
        made["lyrics"] = _lyrics(clean, found)
    if _NUMBERED.issuperset(clean):
        return made
    movement = _position(clean, "movementnumber", found)
    return made | {
        "title_sort": one("titlesort"),
        "subtitle": one("subtitle"),
        "isrcs": _isrcs(clean, found),
        "recording_mbid": _uuid(clean, "musicbrainz_recordingid", found),
        "track_mbid": _uuid(clean, "musicbrainz_trackid", found),
        "work_mbids": _uuids(clean, "musicbrainz_workid"),
        "external_ids": _external_ids(clean),
        "bpm": _bpm(clean, found),
        "key": one("key"),
        "comment": one("comment"),
        "work": one("work"),
        "movement": one("movement"),
        "movement_number": movement.number,
        "movement_total": movement.total or _total(clean, "movementtotal"),
        "replay_gain": _replay_gain(clean),
    }


def _alike(clean: _Cleaned, found: Found) -> TrackTags:
    """All other members."""
    one, many, apart = clean.one, clean.many, found.rules.splitters.get
    artist = _artists(clean, "artist", "artist", found)
    album_artist = _artists(clean, "album_artist", "albumartist", found)
    disc = _position(clean, "discnumber", found)
    original = _date(clean, "originaldate", found) or _date(clean, "originalyear", found)
    released = _date(clean, "releasedate", found)
    date = _date(clean, "date", found) or released
    return TrackTags(
        album=one("album"),
        album_sort=one("albumsort"),
        artist_display=artist.display,
        album_artist_display=album_artist.display,
        artists=artist.credits,
        album_artists=album_artist.credits,
        credits=_credits(clean, found),
        genres=_apart(many("genre"), apart("genre")),
        moods=_apart(many("mood"), apart("mood")),
        grouping=_apart(many("grouping"), apart("grouping")),
        labels=_apart(many("label"), apart("label")),
        catalog_numbers=_apart(many("catalognumber"), apart("catalognumber")),
        barcode=one("barcode"),
        date=date,
        original_date=original,
        release_date=released,
        recording_date=_date(clean, "recordingdate", found),
        disc_number=disc.number,
        disc_total=disc.total or _total(clean, "disctotal"),
        disc_subtitle=one("discsubtitle"),
        compilation=any(map(values.is_true, many("compilation"))),
        release_types=_apart([text.lower() for text in many("releasetype")], apart("releasetype")),
        release_status=(one("releasestatus") or "").lower() or None,
        release_country=one("releasecountry"),
        media=one("media"),
        language=one("language"),
        script=one("script"),
        release_mbid=_uuid(clean, "musicbrainz_albumid", found),
        release_group_mbid=_uuid(clean, "musicbrainz_releasegroupid", found),
        disc_id=one("musicbrainz_discid"),
        copyright=one("copyright"),
        explicit={"1": True, "4": True, "2": False}.get(one("explicit") or ""),
        own=_own(clean, found) if found.rules.own else (),
    )


def cleaned(found: Found) -> dict[str, list[str]]:
    """The values of each field as they are used: NFC, trimmed, cut where they are too long."""
    doubts, found.doubts = found.doubts, []
    texts = _Cleaned(found, found.fields)
    found.doubts = doubts
    return texts


class _Cleaned(dict[str, list[str]]):
    """The values of each field, cleaned; fields without a value left are not there."""

    def __init__(self, found: Found, fields: dict[str, list[str]]) -> None:
        super().__init__()
        for field, texts in fields.items():
            limit = _LONG.get(field, MAX_TEXT)
            cleaned = []
            for value in texts:
                if value.isascii() and value.isprintable() and len(value) <= limit:
                    value = value.strip()
                else:
                    value = _tidy(field, value, limit, found)
                if value:
                    cleaned.append(value)
            if cleaned:
                self[field] = cleaned
        self.one: Callable[[str], str | None] = {field: values[0] for field, values in self.items()}.get
        """The first value of a field, None where it has none."""

    def many(self, field: str) -> list[str]:
        return self.get(field, _NOTHING)


def _tidy(field: str, value: str, limit: int, found: Found) -> str:
    if len(value) > limit:
        found.doubts.append(Problem(ProblemCode.VALUE_CUT, {"field": field, "length": len(value)}))
        value = value[:limit]
    if "\0" in value.rstrip("\0"):
        found.doubts.append(Problem(ProblemCode.NUL_REMOVED, {"field": field}))
    return clean_text(value)


_NOTHING: list[str] = []


def _unique(texts: list[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(texts)) if len(texts) > 1 else tuple(texts)


def _apart(texts: list[str], splitter: Splitter | None) -> tuple[str, ...]:
    """`texts` taken apart, each name once, in order."""
    if not texts:
        return ()
    if splitter is None:
        return _unique(texts)
    if len(texts) == 1:
        parts = splitter.parts(texts[0])
        if len(parts) == 1:
            return (parts[0].name,)
        return tuple(dict.fromkeys(part.name for part in parts))
    return tuple(dict.fromkeys(part.name for text in texts for part in splitter.parts(text)))


def _own(clean: _Cleaned, found: Found) -> tuple[tuple[str, str], ...]:
    """The values of the fields that a person added, by name."""
    return tuple(
        (name, text)
        for name in found.rules.own
        for text in _apart(clean.many(OWN + name), found.rules.splitters.get(OWN + name))[:MAX_OWN_VALUES]
    )


def _doubt(found: Found, code: ProblemCode, **params: str | int) -> None:
    found.doubts.append(Problem(code, params))


def _artists(clean: _Cleaned, role: str, field: str, found: Found) -> crediting.Credited:
    many = clean.many
    shown, names = many(field), many(f"{field}s")
    ids_field = f"musicbrainz_{field}id"
    ids = [mbid for text in many(ids_field) for mbid in values.uuids(text)]
    splitter = found.rules.splitters.get(field)
    result = crediting.credited(role, shown, names, many(f"{field}sort"), many(f"{field}s_sort"), ids, splitter)
    if result.unmatched_ids:
        _doubt(found, ProblemCode.CREDITS_UNMATCHED, field=field, ids=len(ids), names=len(result.credits))
    return result


def _credits(clean: _Cleaned, found: Found) -> tuple[Credit, ...]:
    out: list[Credit] = []
    for field, role in found.rules.people.items():
        names = clean.many(field)
        if not names:
            continue
        splitter = found.rules.splitters.get(field)
        if role == "performer":
            for text in names:
                parts = splitter.parts(text) if splitter is not None and "(" not in text else (Part(text, ""),)
                for part in parts:
                    name, instrument = crediting.performer(part.name)
                    out.append(Credit(name, role, None, None, instrument, None, part.phrase))
            continue
        sorts = clean.many("composersort") if role == "composer" else _NOTHING
        if splitter is not None:
            apart = [part for text in names for part in splitter.parts(text)]
            if len(apart) > len(names):
                if sorts and len(sorts) != len(apart):
                    sorts = [part.name for text in sorts for part in splitter.parts(text)]
                same = len(sorts) == len(apart)
                out += [
                    Credit(part.name, role, sorts[index] if same else None, None, None, None, part.phrase)
                    for index, part in enumerate(apart)
                ]
                continue
        same = len(sorts) == len(names)
        out += [Credit(name, role, sorts[index] if same else None) for index, name in enumerate(names)]
    for role, name, instrument in found.performers[:500]:
        if text := clean_text(name)[:MAX_TEXT]:
            played = clean_text(instrument)[:200] if instrument else None
            out.append(Credit(text, role, instrument=played or None))
    if len(out) > 1:
        return tuple(dict.fromkeys(out))
    return tuple(out)


def _date(clean: _Cleaned, field: str, found: Found) -> str | None:
    for text in clean.many(field):
        date, doubtful = values.partial_date(text)
        if doubtful:
            _doubt(found, ProblemCode.DATE_DOUBTFUL, field=field, value=text[:64], read_as=date or "nothing")
        if date is not None:
            return date
    return None


_UNSAID = values.Position(None, None)


def _position(clean: _Cleaned, field: str, found: Found) -> values.Position:
    text = clean.one(field)
    if text is None:
        return _UNSAID
    position = values.position(text)
    if position.doubtful:
        _doubt(found, ProblemCode.NUMBER_DOUBTFUL, field=field, value=text[:64])
    return position


def _total(clean: _Cleaned, field: str) -> int | None:
    text = clean.one(field)
    return values.whole_number(text) if text else None


def _uuid(clean: _Cleaned, field: str, found: Found) -> str | None:
    text = clean.one(field)
    if text is None:
        return None
    ids = values.uuids(text)
    if len(ids) != 1:
        _doubt(found, ProblemCode.ID_DOUBTFUL, field=field, value=text[:64])
    return ids[0] if ids else None


def _uuids(clean: _Cleaned, field: str) -> tuple[str, ...]:
    return _unique([mbid for text in clean.many(field) for mbid in values.uuids(text)])


def _isrcs(clean: _Cleaned, found: Found) -> tuple[str, ...]:
    out: list[str] = []
    for text in clean.many("isrc"):
        ids = values.isrcs(text)
        if not ids:
            _doubt(found, ProblemCode.ID_DOUBTFUL, field="isrc", value=text[:64])
        out += ids
    return _unique(out)


def _external_ids(clean: _Cleaned) -> tuple[tuple[str, str], ...]:
    return tuple((name, text) for field, name in _EXTERNAL.items() if (text := clean.one(field)))


def _bpm(clean: _Cleaned, found: Found) -> float | None:
    text = clean.one("bpm")
    if text is None:
        return None
    bpm = values.decimal(text)
    if bpm is None or not 0 <= bpm < 2000:
        _doubt(found, ProblemCode.NUMBER_DOUBTFUL, field="bpm", value=text[:64])
        return None
    return bpm or None


def _replay_gain(clean: _Cleaned) -> ReplayGain | None:
    track, album = _number(clean, "replaygain_track_gain", 100), _number(clean, "replaygain_album_gain", 100)
    track_peak, album_peak = (
        _number(clean, "replaygain_track_peak", 1000),
        _number(clean, "replaygain_album_peak", 1000),
    )
    from_r128 = False
    if track is None and album is None:
        track, album = _r128(clean, "r128_track_gain"), _r128(clean, "r128_album_gain")
        from_r128 = track is not None or album is not None
    if track is None and album is None and track_peak is None and album_peak is None:
        return None
    return ReplayGain(track, track_peak, album, album_peak, from_r128)


def _number(clean: _Cleaned, field: str, limit: float) -> float | None:
    text = clean.one(field)
    number = values.decimal(text) if text else None
    return number if number is not None and abs(number) < limit else None


def _r128(clean: _Cleaned, field: str) -> float | None:
    number = _number(clean, field, 32769)
    return None if number is None else round(number / 256 + _R128_TO_REPLAYGAIN_DB, 4)


def _lyrics(clean: _Cleaned, found: Found) -> tuple[Lyrics, ...]:
    out = [Lyrics(text, None, None, bool(_TIMED.search(text))) for text in clean.many("lyrics")]
    for lyrics in found.lyrics[:50]:
        text = lyrics.text
        if len(text) > MAX_LYRICS:
            _doubt(found, ProblemCode.VALUE_CUT, field="lyrics", length=len(text))
        if text := clean_text(text[:MAX_LYRICS]):
            out.append(lyrics._replace(text=text, description=clean_text(lyrics.description or "") or None))
    return tuple(out)
