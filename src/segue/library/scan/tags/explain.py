"""Say what became of each tag of a file, and where each field of a track comes from, by which rule.

Pure, from what was kept of the file: the tags are made again with an eye on how. Reasons are codes with parameters; the
sentences here are made where somebody reads them.
"""

from __future__ import annotations

from typing import Any, NamedTuple

from segue.library.scan.facts import TrackTags
from segue.library.scan.formats.apev2 import RANK_AFTER_ID3
from segue.library.scan.found import Found
from segue.library.scan.problems import Problem
from segue.library.scan.tags import credits as crediting
from segue.library.scan.tags import values
from segue.library.scan.tags.again import Raw, found_again, system_of
from segue.library.scan.tags.rules import OWN, Rules
from segue.library.scan.tags.split import Splitter
from segue.library.scan.tags.track_tags import cleaned, track_tags

SENTENCES = {
    "heard": "Heard as {field}.",
    "people_heard": "Heard as people with their roles.",
    "no_field": "No rule makes anything of this name.",
    "better_name": "Not heard: {other} says {field} too, and comes before it in the rules.",
    "said_already": "Not heard: better tags of this file say {field} already.",
    "kept_only": "Kept as it is; nothing is made of it.",
    "as_written": "As it is written.",
    "first_of": "The first of {count} values.",
    "one_name": "“{text}” is one name.",
    "one_id": "“{text}” is one name, since the file gives one MusicBrainz id for it.",
    "one_a_value": "Each value is a name.",
    "named_apart": "The names stand in {tag}; the line “{text}” gives what stands between them.",
    "by_ids": "“{text}” was taken apart into {count} names, since the file gives {count} MusicBrainz ids.",
    "split": "“{text}” was taken apart at {separators}.",
    "kept_whole": "“{name}” was left whole: it is among the names that are never taken apart.",
    "read_as": "“{text}” was read as {value}.",
    "from_r128": "R128 gains were turned into ReplayGain by adding 5 dB.",
    "falls_back": "There is no {field}, so {other} stands in for it.",
}


class Reason(NamedTuple):
    """Why, as a code of SENTENCES with its parameters."""

    code: str
    params: dict[str, Any]

    @property
    def sentence(self) -> str:
        return SENTENCES[self.code].format_map(self.params)


class Said(NamedTuple):
    """One tag of the file: its kind (`id3`, `vorbis` …), its name and values as they stand there, the field of ours that
    it is, and whether and why it was heard."""

    system: str
    name: str
    values: tuple[str, ...]
    field: str | None
    heard: bool
    reason: Reason


class Made(NamedTuple):
    """One member of the track's tags: its value, the tags that had a say (kind, name), and how it came about."""

    member: str
    value: Any
    tags: tuple[tuple[str, str], ...]
    reasons: tuple[Reason, ...]


class Explanation(NamedTuple):
    """Everything a file's tags say and what became of it. `doubts` are about single values: what was cut or not believed."""

    said: tuple[Said, ...]
    made: tuple[Made, ...]
    doubts: tuple[Problem, ...]
    tags: TrackTags


def explain(format: str, raw: Raw, rules: Rules) -> Explanation:
    """What `rules` make of what a file of that format said, and why."""
    found = found_again(format, raw, rules)
    said = tuple(_said(format, name, texts, found) for name, texts in raw.items())
    tags = track_tags(found) if found.fields or found.performers or found.lyrics else TrackTags()
    texts = cleaned(found)
    made = []
    empty = TrackTags()
    for member in TrackTags._fields:
        value = getattr(tags, member)
        if value == getattr(empty, member):
            continue
        fields = _fields_of(member, rules)
        heard = tuple((one.system, one.name) for one in said if one.heard and one.field in fields)
        made.append(Made(member, value, heard, tuple(_reasons(member, tags, texts, found))))
    return Explanation(said, tuple(made), tuple(found.doubts), tags)


# --- each tag ---------------------------------------------------------------------------------------------------------

PEOPLE = "people"
"""The field of tags that name people with their roles."""
_OLD_DATES = {"TYER": "TDRC", "TDAT": "TDRC", "TORY": "TDOR"}


def _said(format: str, kept: str, texts: list[str], found: Found) -> Said:
    system, name = system_of(format, kept)
    field, rank = field_of(system, name, found.rules)
    if field is None:
        return Said(system, name, tuple(texts), None, False, Reason("no_field", {}))
    if field == PEOPLE:
        return Said(system, name, tuple(texts), field, True, Reason("people_heard", {}))
    if system == "ape":
        rank += RANK_AFTER_ID3
    shown = field.removeprefix(OWN)
    heard_rank = found.ranks.get(field)
    if heard_rank is None:
        by_itself = field == "lyrics" and bool(found.lyrics)
        reason = Reason("heard", {"field": shown}) if by_itself else Reason("kept_only", {})
        return Said(system, name, tuple(texts), shown, by_itself, reason)
    if rank == heard_rank and _is_in(texts, found.fields[field], system, name):
        return Said(system, name, tuple(texts), shown, True, Reason("heard", {"field": shown}))
    if rank > heard_rank and system not in ("ape", "id3v1", "riff", "aiff"):
        reason = Reason("better_name", {"other": _name_of_rank(system, field, heard_rank, found.rules), "field": shown})
    else:
        reason = Reason("said_already", {"field": shown})
    return Said(system, name, tuple(texts), shown, False, reason)


def field_of(system: str, name: str, rules: Rules) -> tuple[str | None, int]:
    """The field and rank of a tag's name as it is kept; (None, 0) where no rule makes anything of it."""
    known: tuple[str, int] | None
    match system:
        case "id3v1":
            return name, 90
        case "stream":
            return name, 0
        case "id3":
            frame, _, rest = name.partition(":")
            if frame in ("TIPL", "TMCL", "IPLS") or (frame == "TXXX" and rest.lower().startswith("performer:")):
                return PEOPLE, 0
            if frame in ("USLT", "SYLT"):
                return ("lyrics" if "lyrics" in rules.fields else None), 0
            if frame == "COMM":
                description = rest.rpartition(":")[0]
                known = rules.id3.get(f"COMM:{description}".lower() if description else "COMM")
            elif frame == "TXXX":
                known = rules.id3.get(name.lower())
            else:
                known = rules.id3.get(name if frame == "UFID" else _OLD_DATES.get(frame, frame))
        case "mp4":
            if name == "rtng":
                return "explicit", 0
            known = rules.field_of(system, name)
        case _:
            known = rules.field_of(system, name)
    return known if known is not None else (None, 0)


def _is_in(texts: list[str], heard: list[str], system: str, name: str) -> bool:
    if name in ("TCON", "gnre", "trkn", "disk", "rtng") or name in _OLD_DATES:
        return True
    return any(text in heard for text in texts)


def _name_of_rank(system: str, field: str, rank: int, rules: Rules) -> str:
    names = [name for name, known in rules.lookup(system).items() if known == (field, rank)]
    return names[0].upper() if names else "another name"


# --- each field -------------------------------------------------------------------------------------------------------

_FIELDS: dict[str, tuple[str, ...]] = {
    "title_sort": ("titlesort",),
    "album_sort": ("albumsort",),
    "artist_display": ("artist", "artists"),
    "album_artist_display": ("albumartist", "albumartists"),
    "artists": ("artist", "artists", "artistsort", "artists_sort", "musicbrainz_artistid"),
    "album_artists": (
        *("albumartist", "albumartists", "albumartistsort", "albumartists_sort", "musicbrainz_albumartistid"),
    ),
    "genres": ("genre",),
    "moods": ("mood",),
    "labels": ("label",),
    "catalog_numbers": ("catalognumber",),
    "isrcs": ("isrc",),
    "date": ("date", "releasedate"),
    "original_date": ("originaldate", "originalyear"),
    "release_date": ("releasedate",),
    "recording_date": ("recordingdate",),
    "disc_number": ("discnumber",),
    "disc_total": ("disctotal", "discnumber"),
    "disc_subtitle": ("discsubtitle",),
    "track_number": ("tracknumber",),
    "track_total": ("tracktotal", "tracknumber"),
    "track_position": ("tracknumber",),
    "release_types": ("releasetype",),
    "release_status": ("releasestatus",),
    "release_country": ("releasecountry",),
    "recording_mbid": ("musicbrainz_recordingid",),
    "track_mbid": ("musicbrainz_trackid",),
    "release_mbid": ("musicbrainz_albumid",),
    "release_group_mbid": ("musicbrainz_releasegroupid",),
    "work_mbids": ("musicbrainz_workid",),
    "disc_id": ("musicbrainz_discid",),
    "external_ids": (
        *("acoustid", "asin", "discogs_release", "discogs_master", "spotify_track", "spotify_album", "deezer_track"),
        *("deezer_album", "bandcamp_url"),
    ),
    "movement_number": ("movementnumber",),
    "movement_total": ("movementtotal", "movementnumber"),
    "replay_gain": (
        *("replaygain_track_gain", "replaygain_track_peak", "replaygain_album_gain", "replaygain_album_peak"),
        *("r128_track_gain", "r128_album_gain"),
    ),
}
"""The fields that a member of the track's tags is made of, where it is not the one of the same name."""
_LISTS = {
    "genres": "genre",
    "moods": "mood",
    "grouping": "grouping",
    "labels": "label",
    "catalog_numbers": "catalognumber",
    "release_types": "releasetype",
}
_DATES = {
    "date": ("date", "releasedate"),
    "original_date": ("originaldate", "originalyear"),
    "release_date": ("releasedate",),
    "recording_date": ("recordingdate",),
}
_ONE = frozenset(
    ("title", "title_sort", "subtitle", "album", "album_sort", "barcode", "media", "language", "comment", "work", "key")
)


def _fields_of(member: str, rules: Rules) -> frozenset[str]:
    if member == "credits":
        return frozenset((*rules.people, "composersort", PEOPLE))
    if member == "own":
        return frozenset(rules.own)
    return frozenset(_FIELDS.get(member, (member,)))


def _reasons(member: str, tags: TrackTags, texts: dict[str, list[str]], found: Found) -> list[Reason]:
    splitters = found.rules.splitters
    if member in ("artists", "album_artists"):
        return _who(member, texts, found)
    if member == "credits":
        reasons = []
        for field in found.rules.people:
            reasons += _apart(texts.get(field, []), splitters.get(field))
        return reasons or [Reason("one_a_value", {})]
    if member in _LISTS:
        field = _LISTS[member]
        return _apart(texts.get(field, []), splitters.get(field)) or [Reason("as_written", {})]
    if member == "own":
        reasons = []
        for name in found.rules.own:
            reasons += _apart(texts.get(OWN + name, []), splitters.get(OWN + name))
        return reasons or [Reason("as_written", {})]
    if member in _DATES:
        return _date(member, tags, texts)
    if member == "replay_gain" and tags.replay_gain is not None and tags.replay_gain.from_r128:
        return [Reason("from_r128", {})]
    field = _FIELDS.get(member, (member,))[0]
    said = texts.get(field, [])
    if member in _ONE and len(said) > 1:
        return [Reason("first_of", {"count": len(said)})]
    value = getattr(tags, member)
    if said and isinstance(value, (str, int, float)) and not isinstance(value, bool) and str(value) != said[0]:
        return [Reason("read_as", {"text": said[0][:200], "value": str(value)[:200]})]
    return [Reason("as_written", {})]


def _who(member: str, texts: dict[str, list[str]], found: Found) -> list[Reason]:
    field = "artist" if member == "artists" else "albumartist"
    shown, names = texts.get(field, []), texts.get(f"{field}s", [])
    ids = [mbid for text in texts.get(f"musicbrainz_{field}id", []) for mbid in values.uuids(text)]
    splitter = found.rules.splitters.get(field)
    how = crediting.credited("", shown, names, [], [], ids, splitter).how
    text = shown[0] if shown else ""
    match how:
        case "names" if text:
            return [Reason("named_apart", {"tag": f"{field}s", "text": text})]
        case "ids":
            return [Reason("by_ids", {"text": text, "count": len(ids)})]
        case "values" | "names":
            return [Reason("one_a_value", {})]
        case "split":
            return _apart(shown, splitter)
    if len(ids) == 1 and splitter is not None and len(splitter.parts(text)) > 1:
        return [Reason("one_id", {"text": text})]
    return [*_apart(shown, splitter), Reason("one_name", {"text": text})]


def _apart(texts: list[str], splitter: Splitter | None) -> list[Reason]:
    """What was taken apart, where, and what was left whole."""
    if splitter is None:
        return []
    reasons = []
    for text in texts:
        parts = splitter.parts(text)
        if len(parts) > 1:
            phrases = dict.fromkeys(f"“{part.phrase}”" for part in parts[:-1])
            reasons.append(Reason("split", {"text": text[:500], "separators": ", ".join(phrases)}))
        reasons += [Reason("kept_whole", {"name": name}) for name in splitter.whole_in(text)]
    return reasons


def _date(member: str, tags: TrackTags, texts: dict[str, list[str]]) -> list[Reason]:
    value = getattr(tags, member)
    first, *others = _DATES[member]
    for field in (first, *others):
        for text in texts.get(field, []):
            if values.partial_date(text).text == value:
                reasons = [] if field == first else [Reason("falls_back", {"field": first, "other": field})]
                same = (
                    Reason("as_written", {})
                    if text == value
                    else Reason("read_as", {"text": text[:64], "value": value})
                )
                return [*reasons, same]
    return [Reason("as_written", {})]
