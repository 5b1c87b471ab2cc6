"""Change the tags of one file so that nothing can go wrong: prepare a copy, prove it, put it in its place.

`prepare` and `prepare_undo` leave the file alone: they make a new one beside it, under a name that a journal knows, with
the audio compared byte for byte. `put_in_place` is one rename. Whoever calls writes its journal in between.
"""

# Paths are bytes, which pathlib does not take.
# ruff: noqa: PTH118, PTH120, PTH119

from __future__ import annotations

import errno
import hashlib
import os
import stat
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any, NamedTuple

from mutagen import MutagenError
from mutagen.ogg import OggPage

from segue.library.scan.documents import encode, hash_of
from segue.library.scan.facts import FileFacts
from segue.library.scan.formats import audio_bytes as audio
from segue.library.scan.formats.audio_bytes import AudioBytes
from segue.library.scan.formats.ogg import pages
from segue.library.scan.formats.source import CannotOpen, Source
from segue.library.scan.found import Damaged, NoAudio
from segue.library.scan.problems import plays
from segue.library.scan.read import read_file
from segue.library.scan.tags.rules import Rules
from segue.library.writing import blocks, durable
from segue.library.writing.fields import Changes, fields_of
from segue.library.writing.formats.apev2 import ApeTags
from segue.library.writing.formats.asf import AsfTags
from segue.library.writing.formats.id3 import Id3Tags
from segue.library.writing.formats.mp4 import Mp4Tags
from segue.library.writing.formats.tagged import Picture, Said, Tagged
from segue.library.writing.formats.vorbis import VorbisTags
from segue.library.writing.reasons import Refused

TEMPORARY = b".segue-"
"""How the names of our new files begin: hidden, so that no scan takes them for music."""


class Stat(NamedTuple):
    """What tells that a file is still the same."""

    size: int
    mtime_ns: int
    device: int
    inode: int


@dataclass(frozen=True, slots=True)
class Place:
    """A file to write. `root` and `path` are absolute bytes; `new` is the name of the new file, in the folder of `path`."""

    root: bytes
    path: bytes
    new: bytes
    known: tuple[int, int]
    """Size and time (ns) when it was read."""
    break_links: bool = False
    keep_time: bool = False
    rules: Rules | None = None


@dataclass(frozen=True, slots=True)
class Prepared:
    """A new file that waits beside the old one. `block` is what the old one had around its music, packed."""

    target: bytes
    new: bytes
    before: Stat
    after: Stat
    audio_hash: bytes
    digest_before: bytes
    digest_after: bytes
    block: bytes
    document: bytes
    """What a scan would keep of the new file, and the hash by which it would know it."""
    tag_hash: bytes
    said: tuple[Said, ...] = ()


class _Refusal(Exception):
    def __init__(self, code: str, **params: Any) -> None:
        super().__init__(code)
        self.refused = Refused(code, params)


def prepare(place: Place, changes: Changes, cover: Picture | None = None) -> Prepared | Refused:
    """Make the new file with `changes` and `cover`. Whatever stands in the way comes back as a reason, and nothing is left."""

    def change(new: Any, old: Source, where: AudioBytes) -> list[Said]:
        durable.copy_bytes(old.fd, new, 0, old.size)
        return _write_tags(new, where.format, changes, cover, place)

    return _guarded(place, change, expected=changes, cover=cover is not None)


def prepare_undo(place: Place, block: bytes, digest_after: bytes, digest_before: bytes) -> Prepared | Refused:
    """Make a file with what `block` keeps around the music that is there now; the file must be as the write left it."""

    def restore(new: Any, old: Source, where: AudioBytes) -> list[Said]:
        if _digest(old) != digest_after:
            raise _Refusal("changed_since")
        try:
            head, tail = blocks.unpack(block, *_around(old, where))
        except ValueError:
            raise _Refusal("changed_since") from None
        new.write(head)
        durable.copy_bytes(old.fd, new, where.head, where.tail)
        new.write(tail)
        if where.moves:
            _number_pages(new, place.new, len(head))
        return []

    made = _guarded(place, restore, expected=None, cover=True)
    if isinstance(made, Prepared) and made.digest_after != digest_before:
        return replace(made, said=(Said("not_exact", ""),))
    return made


def why_not(place: Place) -> Refused | None:
    """What stands in the way of writing a file, as far as can be told without trying."""
    try:
        _checked(place)
    except _Refusal as refusal:
        return refusal.refused
    except OSError as error:
        return _why(error)
    return None


def put_in_place(made: Prepared) -> Refused | None:
    """Let the new file take the old one's place; a reason where the old one has changed at the last moment."""
    try:
        if stat_of(made.target) != made.before:
            durable.remove(made.new)
            return Refused("changed", {})
        durable.replace(made.new, made.target)
        durable.sync_folder(os.path.dirname(made.target))
    except OSError as error:
        return _why(error)
    return None


def stat_of(path: bytes) -> Stat | None:
    """The stat of an ordinary file; None where there is none."""
    try:
        found = os.lstat(path)
    except OSError:
        return None
    return _stat(found) if stat.S_ISREG(found.st_mode) else None


def changed_ns(path: bytes) -> int:
    """When the operating system last changed anything about a file (ctime); 0 where there is none."""
    try:
        return os.lstat(path).st_ctime_ns
    except OSError:
        return 0


def signed(number: int) -> int:
    """A number of 64 bits as databases want it."""
    return number if number < 1 << 63 else number - (1 << 64)


def real_place(root: bytes, path: bytes) -> bytes | Refused:
    """Where a file really is, links followed; a reason where that is outside its library or nowhere."""
    real_root, real = os.path.realpath(root), os.path.realpath(os.path.join(root, path))
    try:
        found = os.lstat(real)
    except OSError as error:
        return Refused("gone") if error.errno in (errno.ENOENT, errno.ENOTDIR) else _why(error)
    if not stat.S_ISREG(found.st_mode):
        return Refused("not_a_file")
    followed = real != os.path.join(real_root, path)
    if followed and not real.startswith(real_root.rstrip(b"/") + b"/"):
        return Refused("outside")
    return real


# --- inside -----------------------------------------------------------------------------------------------------------


def _stat(found: os.stat_result) -> Stat:
    return Stat(found.st_size, found.st_mtime_ns, signed(found.st_dev), signed(found.st_ino))


def _guarded(
    place: Place, make: Callable[[Any, Source, AudioBytes], list[Said]], expected: Changes | None, cover: bool
) -> Prepared | Refused:
    made: Prepared | Refused
    try:
        made = _make(place, make, expected, cover)
    except _Refusal as refusal:
        made = refusal.refused
    except CannotOpen as error:
        made = Refused("gone" if error.problem.code == "gone" else "not_permitted")
    except (Damaged, NoAudio) as error:
        made = Refused("not_readable", {"error": str(error) or "no audio"})
    except OSError as error:
        made = _why(error)
    except MutagenError as error:
        cause = error.__cause__ or error.__context__ or (error.args[0] if error.args else None)
        made = _why(cause) if isinstance(cause, OSError) else Refused("not_readable", {"error": str(error)[:200]})
    except Exception as error:  # a tag library surprised by a damaged file: the file stays as it is, and it is said
        made = Refused("not_readable", {"error": f"{type(error).__name__}: {error}"[:200]})
    if isinstance(made, Refused):
        durable.remove(place.new)
    return made


def _make(
    place: Place, make: Callable[[Any, Source, AudioBytes], list[Said]], expected: Changes | None, cover: bool
) -> Prepared:
    before = _checked(place)
    old = Source(place.path)
    try:
        if _stat(os.fstat(old.fd)) != before:
            raise _Refusal("changed")
        where = audio.audio_bytes(old, place.path)
        music = audio.hash_of(old, where)
        file = durable.create(place.new)
        try:
            said = make(file, old, where)
            file.flush()
            durable.keep_look(old.fd, file.fileno(), times=place.keep_time)
            durable.sync(file.fileno())
        finally:
            file.close()
        new = Source(place.new)
        try:
            after = audio.audio_bytes(new, place.path)
            if audio.hash_of(new, after) != music or not _same_body(old, where, new, after):
                raise _Refusal("audio_would_change")
            block = blocks.pack(*_around(old, where), *_around(new, after))
            digests = _digest(old), _digest(new)
            new_stat = _stat(os.fstat(new.fd))
        finally:
            new.close()
        facts = _read_back(place, expected, said, cover)
        if _stat(os.fstat(old.fd)) != before or stat_of(place.path) != before:
            raise _Refusal("changed")
    finally:
        old.close()
    return Prepared(
        place.path, place.new, before, new_stat, music, *digests, block, encode(facts), hash_of(facts), tuple(said)
    )  # fmt: skip


def _checked(place: Place) -> Stat:
    """The file as it is, if it may be written at all."""
    try:
        found = os.lstat(place.path)
    except FileNotFoundError:
        raise _Refusal("gone") from None
    if not stat.S_ISREG(found.st_mode):
        raise _Refusal("not_a_file")
    if (found.st_size, found.st_mtime_ns) != place.known:
        raise _Refusal("changed")
    if found.st_nlink > 1 and not place.break_links:
        raise _Refusal("hard_linked", links=found.st_nlink)
    if not found.st_mode & 0o222:
        raise _Refusal("read_only")
    if not os.access(os.path.dirname(place.path), os.W_OK | os.X_OK):
        raise _Refusal("not_permitted")
    return _stat(found)


def _write_tags(new: Any, kind: str, changes: Changes, cover: Picture | None, place: Place) -> list[Said]:
    said: list[Said] = []
    for opened in _systems(new, kind, place):
        tagged = opened()
        before = tagged.everything()
        tagged.write(changes, cover, place.rules)
        after = opened().everything()
        _nothing_else(before, after, tagged.touched)
        said += tagged.said
    return list(dict.fromkeys(said))


def _systems(new: Any, kind: str, place: Place) -> list[Callable[[], Tagged]]:
    """The tags that a file of this kind has, those first that are heard first."""
    match kind:
        case "flac":
            return [lambda: VorbisTags(_rewound(new), "flac", in_ogg=False)]
        case "ogg":
            codec = read_file(os.path.dirname(place.path), os.path.basename(place.path), want_pictures=False).codec
            return [lambda: VorbisTags(_rewound(new), codec or "", in_ogg=True)]
        case "mp4":
            return [lambda: Mp4Tags(_rewound(new))]
        case "asf":
            return [lambda: AsfTags(_rewound(new))]
        case "ape" | "wavpack" | "musepack":
            return [lambda: ApeTags(_rewound(new))] + ([lambda: Id3Tags(_rewound(new), kind)] if _has_id3(new) else [])
        case "mp3" | "aac" | "tta":
            return [lambda: Id3Tags(_rewound(new), kind), lambda: ApeTags(_rewound(new), beside=True)]
        case "wav" | "aiff" | "dsf" | "dff":
            return [lambda: Id3Tags(_rewound(new), kind)]
        case _:
            raise _Refusal("no_format", format=kind)


def _rewound(file: Any) -> Any:
    file.seek(0)
    return file


def _has_id3(file: Any) -> bool:
    return bool(_rewound(file).read(3) == b"ID3")


def _nothing_else(before: dict[str, Any], after: dict[str, Any], touched: set[str]) -> None:
    """Raise where anything that was not asked for is different now."""
    names = [
        name
        for name in before.keys() | after.keys()
        if name not in touched and (before.get(name) or None) != (after.get(name) or None)
    ]
    if names:
        raise _Refusal("others_would_change", names=", ".join(sorted(names)[:5]))


def _same_body(old: Source, where: AudioBytes, new: Source, after: AudioBytes) -> bool:
    """Whether everything between head and tail is as it was, also what is no audio (pictures in a video track, padding)."""
    if where.moves:
        return True
    if where.tail - where.head != after.tail - after.head:
        return False
    return audio.hash_of_spans(old, [(where.head, where.tail)]) == audio.hash_of_spans(new, [(after.head, after.tail)])


def _around(source: Source, where: AudioBytes) -> tuple[bytes, bytes]:
    if where.head + source.size - where.tail > blocks.LARGEST_BYTES:
        raise Damaged("its tags are larger than anything real")
    return _bytes(source, 0, where.head), _bytes(source, where.tail, source.size)


def _bytes(source: Source, start: int, end: int) -> bytes:
    parts = []
    while start < end:
        part = os.pread(source.fd, min(end - start, 1 << 20), start)
        if not part:
            raise Damaged("it is shorter than it was")
        parts.append(part)
        start += len(part)
    return b"".join(parts)


def _digest(source: Source) -> bytes:
    """16 bytes over the whole file."""
    return hashlib.blake2b(audio.hash_of_spans(source, [(0, source.size)]), digest_size=16).digest()


def _number_pages(new: Any, path: bytes, music: int) -> None:
    """Number the pages of an Ogg file's music behind those of its headers."""
    new.flush()
    source = Source(path)
    try:
        before = [page.serial for page in pages(source) if page.body < music]
        following = next((page for page in pages(source, None, music)), None)
    finally:
        source.close()
    if following is None:
        return
    start = before.count(following.serial)
    new.seek(music + 18)
    if int.from_bytes(new.read(4), "little") != start:
        new.seek(music)
        OggPage.renumber(new, following.serial, start)


def _read_back(place: Place, expected: Changes | None, said: list[Said], cover: bool) -> FileFacts:
    """What a scan will find in the new file. Raises where it is no longer what it was."""
    folder, name = os.path.split(place.path)
    old = read_file(folder, name, want_pictures=not cover, rules=place.rules)
    facts = read_file(folder, os.path.basename(place.new), rules=place.rules)
    if facts.tags is None or not plays(facts.problem):
        raise _Refusal("not_read_back", error=facts.problem.code if facts.problem else "?")
    same = ("format", "codec", "audio_key", "sample_rate_hz", "channels", "bit_depth", "duration_ms")
    for part in same:
        if getattr(old, part) != getattr(facts, part) and not (old.audio_key is None and part == "audio_key"):
            raise _Refusal("not_read_back", error=part)
    if not cover and [p.sha256 for p in old.pictures] != [p.sha256 for p in facts.pictures]:
        raise _Refusal("others_would_change", names="pictures")
    if expected is None or old.tags is None:
        return facts
    was, now = fields_of(old.tags), fields_of(facts.tags)
    for field in was.keys() | now.keys() | expected.keys():
        if field in expected:
            if now.get(field, []) != expected[field]:
                said.append(Said("kept_in_part", field))
        elif was.get(field) != now.get(field) and not _follows(field, expected):
            raise _Refusal("others_would_change", names=field)
    return facts


_FOLLOWING = {
    "albumartists": "albumartist", "artists": "artist", "artistsort": "artist", "artists_sort": "artist",
    "albumartistsort": "albumartist", "albumartists_sort": "albumartist", "musicbrainz_artistid": "artist",
    "musicbrainz_albumartistid": "albumartist", "composersort": "composer", "date": "releasedate",
    "releasedate": "date",
}  # fmt: skip
"""What a reader makes of one field from another: several artists in one line, a date from the date of the release."""


def _follows(field: str, changes: Changes) -> bool:
    base = _FOLLOWING.get(field, "")
    return any(name in changes for name in (base, *(name for name, other in _FOLLOWING.items() if other == field)))


def _why(error: BaseException) -> Refused:
    number = getattr(error, "errno", None)
    match number:
        case errno.ENOSPC | errno.EDQUOT | errno.EFBIG:
            return Refused("no_space")
        case errno.EROFS:
            return Refused("read_only_disk")
        case errno.EPERM:
            return Refused("owner")
        case errno.EACCES:
            return Refused("not_permitted")
        case errno.ENOENT | errno.ENOTDIR:
            return Refused("gone")
        case _:
            return Refused("io", {"error": getattr(error, "strerror", None) or type(error).__name__})
