"""What a reader hands back: all that follows from files alone, as plain tuples, worked out where there are many processors.

One process writes, and its time is the limit of a scan. So the values of columns, the words to search, the albums that a
folder of new files makes: everything that asks nothing of the database is made by the readers, and travels as tuples that
`marshal` takes in one go. The rows themselves, which need ids, are made by `write.fresh`.
"""

from __future__ import annotations

import json
import marshal
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from functools import lru_cache
from typing import TYPE_CHECKING, Any, NamedTuple

from segue.core.text import search_tokens
from segue.library.artwork import Look
from segue.library.found_by import number_spellings, title_key
from segue.library.scan import documents
from segue.library.scan.facts import Chapter, Credit, FileFacts, PictureFacts, TrackTags, alike
from segue.library.scan.grouping import AlbumKey, GroupedFile, Neighbours, album_folder
from segue.library.scan.paths import displayed, name_of, parent_of
from segue.library.scan.problems import Problem, ProblemCode, plays
from segue.library.scan.rules import ORDER, album_keys, rules_of
from segue.library.scan.write.albums import AlbumFacts, Member, album_facts
from segue.library.scan.write.rows import (
    album_row,
    file_row,
    row_alike,
    row_of_each,
    track_credits,
    track_external_ids,
)

if TYPE_CHECKING:
    from segue.library.scan.plan import FilePlan, Unit

MOST_TOGETHER = 200
"""Files of one album that are read as one piece of work."""


class PackedFile(NamedTuple):
    """One file: what stands in its row and its document, and its track where it is one."""

    size: int
    mtime_ns: int
    problem: str | None
    values: tuple[Any, ...]
    """Of FILE_COLUMNS; JSON as text."""
    document: bytes
    tag_hash: bytes | None
    """None where it must be read again: its picture could not be kept."""
    picture: str | None
    """sha256 of the picture in it that stands for it, where that was kept."""
    plain: bool
    """The whole file is one track, or none, and says nothing that has tables of its own beside those of every track."""
    track: tuple[Any, ...] | None
    """The members of a PackedTrack."""


class PackedTrack(NamedTuple):
    """One track: the values of TRACK_COLUMNS, and what hangs on it."""

    values: tuple[Any, ...]
    credits: tuple[tuple[Any, ...], ...]
    """The members of a Credit each."""
    genres: tuple[str, ...]
    ids: tuple[tuple[str, str], ...]
    title_key: str
    words: tuple[str, ...]
    """What it is found by, without its album's title."""


class PackedAlbum(NamedTuple):
    """One album of new files: why it is one, the values of ALBUM_COLUMNS, and what hangs on it."""

    group: str
    rule: str
    params: str
    """JSON."""
    values: tuple[Any, ...]
    credits: tuple[tuple[Any, ...], ...]
    labels: tuple[tuple[str, str | None], ...]
    """Name and catalogue number."""
    ids: tuple[tuple[str, str], ...]
    title_key: str
    words: tuple[str, ...]
    """Of its title."""
    found_by: tuple[str, ...]
    """All its words."""
    picture: str | None
    """sha256 of the picture that most of its files carry."""
    tracks: tuple[int, ...]
    """Its files in playing order, by their place."""
    discs: int
    duration_ms: int
    size_bytes: int


class Met(NamedTuple):
    """A picture that a reader has looked at: what it looks like, or why it cannot be shown."""

    sha256: str
    size: int
    look: Look | None
    refused: tuple[str, str, dict[str, int | str]] | None
    """The message, code and params of the BadImage."""


_NEVER = datetime(1970, 1, 1, tzinfo=UTC)
_UNKNOWN = TrackTags()
FILE_COLUMNS = tuple(name for name in file_row(FileFacts(b"", 0, 0), _NEVER) if name != "read_at")
_COLUMNS_OF_EACH = tuple(row_of_each(_UNKNOWN, 0, b""))
_COLUMNS_ALIKE = tuple(row_alike(_UNKNOWN, b""))
TRACK_COLUMNS = _COLUMNS_OF_EACH + _COLUMNS_ALIKE
ALBUM_COLUMNS = tuple(album_row(album_facts([Member(_UNKNOWN, True, None)], "")))
_DISC, _POSITION = TRACK_COLUMNS.index("disc"), TRACK_COLUMNS.index("position")
_PARAMS = FILE_COLUMNS.index("problem_params")
_PLAIN = frozenset((str, int, float, bool, bytes, type(None)))


def _values(row: dict[str, Any], columns: tuple[str, ...]) -> tuple[Any, ...]:
    """The values of columns, JSON as text; a text of a class of its own (a code) as the plain text it is."""
    found = tuple([row[name] for name in columns])
    if _PLAIN.issuperset(map(type, found)):
        return found
    return tuple([value if type(value) in _PLAIN else _plain(value) for value in found])


def _plain(value: Any) -> Any:
    return str(value) if isinstance(value, str) else json.dumps(value)


def packed_file(facts: FileFacts) -> tuple[Any, ...]:
    """The members of a PackedFile."""
    values = _values(file_row(facts, _NEVER), FILE_COLUMNS)
    document, digest = documents.encode_and_hash(facts)
    picture = next((p.sha256 for p in facts.pictures if p.best and (p.spooled or p.data is not None)), None)
    problem = facts.problem
    tags = facts.tags if plays(problem) else None
    lost = bool(facts.doubts) and any(doubt.code == ProblemCode.PICTURE_NOT_KEPT for doubt in facts.doubts)
    return (
        facts.size,
        facts.mtime_ns,
        None if problem is None else str(problem.code),
        values,
        document,
        None if lost else digest,
        picture,
        not facts.cue_sheet and not facts.chapters and not (tags and tags.own),
        None if tags is None else _packed_track(facts, tags),
    )


def _packed_track(facts: FileFacts, tags: TrackTags) -> tuple[Any, ...]:
    row = row_of_each(tags, facts.duration_ms, facts.path)
    title = row["title"]
    shared = _shared(tags, parent_of(facts.path))
    words = dict.fromkeys(search_tokens(title))
    if row["subtitle"]:
        words.update(dict.fromkeys(search_tokens(row["subtitle"])))
    words.update(shared.words)
    return (
        (*row.values(), *shared.values),
        shared.credits,
        tags.genres,
        tuple(track_external_ids(tags)) if tags.isrcs or tags.work_mbids or tags.external_ids else (),
        title_key(title),
        tuple(words),
    )


class _Shared(NamedTuple):
    """What follows from what the tracks of an album in one folder say alike."""

    said: tuple[Any, ...]
    folder: bytes
    values: tuple[Any, ...]
    """Of _COLUMNS_ALIKE."""
    credits: tuple[tuple[Any, ...], ...]
    words: dict[str, None]


_met: _Shared | None = None


def _shared(tags: TrackTags, folder: bytes) -> _Shared:
    """Worked out once for files that come one after another."""
    global _met
    said = alike(tags)
    known = _met
    if known is not None and known.said == said and known.folder == folder:
        return known
    row = row_alike(tags, folder)
    credits = tuple(track_credits(tags))
    texts = {row["artist_display"]: None}
    for credit in credits:
        texts[credit.name] = None
        if credit.credited_as:
            texts[credit.credited_as] = None
    words = dict.fromkeys(_words(texts))
    known = _met = _Shared(said, folder, _values(row, _COLUMNS_ALIKE), packed_credits(credits), words)
    return known


@lru_cache(maxsize=2_048)
def packed_credits(credits: tuple[Credit, ...]) -> tuple[tuple[Any, ...], ...]:
    """The members of each."""
    return tuple([tuple(credit) for credit in credits])


def _album_texts(album: AlbumFacts) -> dict[str, None]:
    """Everything that an album is found by."""
    texts = dict.fromkeys((album.title, album.artist_display))
    for credit in album.artists:
        texts.update(dict.fromkeys((credit.name, credit.credited_as or credit.name)))
    for label, number in album.labels:
        texts.update(dict.fromkeys((label, *number_spellings(number))))
    texts.update(dict.fromkeys(number_spellings(album.barcode)))
    return texts


def _words(texts: Iterable[str]) -> tuple[str, ...]:
    found: dict[str, None] = {}
    for text in texts:
        found.update(dict.fromkeys(search_tokens(text)))
    return tuple(found)


class House(NamedTuple):
    """What readers must know of a library to tell which albums its files make."""

    name: str
    rules: tuple[str, ...]
    """The names of its grouping rules, in order."""


def packed(read: Sequence[FileFacts], base: bytes | None, house: House, met: Sequence[Met] = ()) -> bytes:
    """Files as `unpacked` takes them; with the albums they make where they are all of the album folder `base`."""
    files = [packed_file(facts) for facts in read]
    whole = base is not None and all(file[7] for file in files)
    albums = _albums(read, files, base, house) if whole and base is not None else None
    looks = [(*one[:2], one.look and tuple(one.look), one.refused) for one in met]
    return marshal.dumps((files, albums, looks))


class Unpacked(NamedTuple):
    """The files, the albums they make where that could be told from them alone, and the pictures that were new."""

    files: list[PackedFile]
    albums: list[PackedAlbum] | None
    met: list[Met]


def unpacked(data: bytes) -> Unpacked:
    """The inverse of `packed`."""
    files, albums, looks = marshal.loads(data)
    return Unpacked(
        [PackedFile._make(file) for file in files],
        albums and [PackedAlbum._make(album) for album in albums],
        [Met(sha256, size, look and Look._make(look), refused) for sha256, size, look, refused in looks],
    )


def _albums(
    read: Sequence[FileFacts], files: Sequence[tuple[Any, ...]], base: bytes, house: House
) -> list[tuple[Any, ...]]:
    """The albums that new files make by the rules alone."""
    tracks = [(place, facts) for place, facts in enumerate(read) if files[place][8] is not None]
    grouped = [GroupedFile(base, facts.tags or _UNKNOWN, parent_of(facts.path)) for _, facts in tracks]
    keys = album_keys(grouped, Neighbours.of(grouped), rules_of(house.rules))
    groups: dict[str, list[tuple[int, AlbumKey]]] = {}
    for (place, _), key in zip(tracks, keys, strict=True):
        groups.setdefault(key.group, []).append((place, key))
    return [_album(members, read, files, house.name) for members in groups.values()]


def _album(
    group: Sequence[tuple[int, AlbumKey]],
    read: Sequence[FileFacts],
    files: Sequence[tuple[Any, ...]],
    library_name: str,
) -> tuple[Any, ...]:
    key = min((key for _, key in group), key=lambda key: ORDER.get(key.rule, -1))
    rows = []
    for place, _ in group:
        values = files[place][8][0]
        rows.append((values[_DISC] or 0, values[_POSITION] or 1 << 30, place))
    rows.sort()
    members = [Member(read[place].tags or _UNKNOWN, True, files[place][6]) for _, _, place in rows]
    home = album_folder(parent_of(read[rows[0][2]].path))
    found = album_facts(members, displayed(name_of(home)) or library_name)
    return (
        key.group,
        key.rule,
        json.dumps(key.params),
        _values(album_row(found), ALBUM_COLUMNS),
        packed_credits(found.artists),
        found.labels,
        found.external_ids,
        title_key(found.title),
        tuple(search_tokens(found.title)),
        _words(_album_texts(found)),
        found.artwork,
        tuple([row[2] for row in rows]),
        len({row[0] or 1 for row in rows}),
        sum([read[row[2]].duration_ms for row in rows]),
        sum([read[row[2]].size for row in rows]),
    )


def unpack(file: FilePlan) -> None:
    """Give a file that was read its facts and tags, for whoever looks closer than at columns."""
    packed = file.packed
    if packed is None or file.facts is not None:
        return
    facts = file.facts = _facts(file.path, packed)
    file.document, file.tag_hash = packed.document, packed.tag_hash
    file.tags = facts.tags if packed.track is not None else None


def unpack_unit(unit: Unit) -> None:
    """The ordinary way for a unit whose albums the readers could tell: its files with their facts and their albums."""
    for file in unit.files:
        unpack(file)
    for album in unit.albums or ():
        for place in album.tracks:
            unit.files[place].key = AlbumKey(album.group, album.rule, json.loads(album.params))
    unit.albums = None


def problem_of(packed: PackedFile) -> Problem | None:
    """What is wrong with the file, if anything."""
    if packed.problem is None:
        return None
    return Problem(packed.problem, json.loads(packed.values[_PARAMS]))


def _facts(path: bytes, packed: PackedFile) -> FileFacts:
    row = dict(zip(FILE_COLUMNS, packed.values, strict=True))
    body = documents.decode(packed.document)
    return FileFacts(
        path=path,
        size=packed.size,
        mtime_ns=packed.mtime_ns,
        format=row["format"],
        codec=row["codec"],
        lossless=bool(row["lossless"]),
        content_type=row["content_type"],
        duration_ms=row["duration_ms"] or 0,
        bitrate_kbps=row["bitrate_kbps"] or 0,
        sample_rate_hz=row["sample_rate_hz"] or 0,
        bit_depth=row["bit_depth"] or 0,
        channels=row["channels"] or 0,
        audio_key=row["audio_key"],
        audio_key_kind=row["audio_key_kind"],
        rules_hash=row["rules_hash"],
        problem=problem_of(packed),
        doubts=tuple(Problem(*doubt) for doubt in json.loads(row["doubts"] or "[]")),
        tags=documents.tags_from_json(body["tags"]) if "tags" in body else None,
        raw_truncated=bool(body.get("raw_truncated")),
        pictures=tuple(
            PictureFacts(*picture[:7])._replace(spooled=picture[6] and picture[4] == packed.picture)
            for picture in body.get("pictures", ())
        ),
        cue_sheet=body.get("cue_sheet"),
        chapters=tuple(Chapter(*chapter) for chapter in body.get("chapters", ())),
    )
