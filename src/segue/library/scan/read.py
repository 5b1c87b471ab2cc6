"""Read one file: what it is, how it sounds on paper, what its tags say, and what is wrong with it.

`read_file` is a pure function of the file's bytes. It runs in worker processes, never raises for anything a file can
be, and never blocks on anything that is not a regular file. The format is told by content; a name that says otherwise
is noted.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
from collections.abc import Callable

from segue.core.text import clean_text
from segue.library.scan.facts import Chapter, FileFacts, TrackTags
from segue.library.scan.formats.adts import read_adts
from segue.library.scan.formats.detect import AUDIO_EXTENSIONS, CONTENT_TYPES, EXTENSIONS, detect, extension
from segue.library.scan.formats.flac import read_flac
from segue.library.scan.formats.mp4 import read_mp4
from segue.library.scan.formats.mpeg import read_mpeg
from segue.library.scan.formats.ogg import read_ogg
from segue.library.scan.formats.others import (
    read_ape,
    read_asf,
    read_dff,
    read_dsf,
    read_musepack,
    read_tta,
    read_wavpack,
)
from segue.library.scan.formats.pictures import picture_facts
from segue.library.scan.formats.riff import read_aiff, read_wav
from segue.library.scan.formats.source import CannotOpen, Source
from segue.library.scan.found import Damaged, Found, NoAudio
from segue.library.scan.problems import Problem, ProblemCode
from segue.library.scan.tags.rules import Rules
from segue.library.scan.tags.track_tags import track_tags

_AT_START: dict[str, Callable[..., None]] = {
    "mp3": read_mpeg,
    "ogg": read_ogg,
    "mp4": read_mp4,
    "wav": read_wav,
    "aiff": read_aiff,
    "asf": read_asf,
    "dsf": read_dsf,
    "dff": read_dff,
}
_BEHIND_ID3: dict[str, Callable[..., None]] = {
    "flac": read_flac,
    "ape": read_ape,
    "wavpack": read_wavpack,
    "musepack": read_musepack,
    "tta": read_tta,
    "aac": read_adts,
}
_MAX_CHAPTERS = 1000
_MAX_DOUBTS = 50
_MAX_DURATION_MS = 2**31 - 1


def read_file(
    root: bytes,
    relative: bytes,
    *,
    want_pictures: bool = True,
    spool: bytes | None = None,
    rules: Rules | None = None,
) -> FileFacts:
    """Read the file at `root/relative` and return its facts; never raises for what a file may contain or be.

    `spool` is an existing folder for the bytes of embedded covers (see `pictures`); without it they are in the facts.
    `rules` say what becomes of the tags; without them those that come with Segue do.
    """
    try:
        source = Source(os.path.join(root, relative))  # noqa: PTH118 - bytes
    except CannotOpen as error:
        return FileFacts(relative, 0, 0, problem=error.problem)
    try:
        return _read(source, relative, want_pictures, spool, rules)
    finally:
        source.close()


def audio_key_at(path: bytes) -> tuple[str, bytes] | None:
    """By what the audio of the file at `path` is known, kind and bytes; None where it cannot be told. Never raises for what
    a file may contain or be."""
    folder, _, name = path.rpartition(b"/")
    facts = read_file(folder or b"/", name, want_pictures=False)
    if facts.audio_key is None or facts.audio_key_kind is None:
        return None
    return facts.audio_key_kind, facts.audio_key


def read_picture(root: bytes, relative: bytes, sha256: str) -> bytes | None:
    """Return the bytes of the embedded picture with that hash, or None where the file no longer has it."""
    try:
        source = Source(os.path.join(root, relative))  # noqa: PTH118 - bytes
    except CannotOpen:
        return None
    from mutagen import MutagenError

    found: Found | None = None
    try:
        kind, start = detect(source, relative)
        if kind is None:
            return None
        found = Found(kind)
        with contextlib.suppress(CannotOpen, NoAudio, Damaged, MutagenError, ArithmeticError, LookupError, ValueError):
            if kind in _AT_START:
                _AT_START[kind](source, found, want_pictures=True)
            else:
                _BEHIND_ID3[kind](source, start, found, want_pictures=True)
    finally:
        source.close()
    datas = (picture.data for picture in found.pictures)
    return next((data for data in datas if hashlib.sha256(data).hexdigest() == sha256), None)


def _read(source: Source, path: bytes, want_pictures: bool, spool: bytes | None, rules: Rules | None) -> FileFacts:
    if source.size == 0:
        return FileFacts(path, 0, source.mtime_ns, problem=Problem(ProblemCode.EMPTY))
    found: Found | None = None
    try:
        kind, start = detect(source, path)
        if kind is None:
            return _not_music(source, path, Problem(ProblemCode.NOT_AUDIO))
        found = Found(kind, rules)
        if kind in _AT_START:
            _AT_START[kind](source, found, want_pictures=want_pictures)
        else:
            _BEHIND_ID3[kind](source, start, found, want_pictures=want_pictures)
    except CannotOpen as error:
        return _not_music(source, path, error.problem, found)
    except NoAudio:
        return _not_music(source, path, Problem(ProblemCode.NO_AUDIO, {"format": found.format}), found)  # type: ignore[union-attr]
    except Damaged as error:
        return _not_music(source, path, _unreadable(found, str(error)), found)
    except Exception as error:  # a parser surprised by damage: the file's fault, said so, and the scan goes on
        return _not_music(source, path, _unreadable(found, type(error).__name__), found)
    return _facts(source, path, found, start, spool)


def _unreadable(found: Found | None, error: str) -> Problem:
    return Problem(ProblemCode.UNREADABLE, {"format": found.format if found else "?", "error": error})


def _not_music(source: Source, path: bytes, problem: Problem, found: Found | None = None) -> FileFacts:
    return FileFacts(
        path,
        source.size,
        source.mtime_ns,
        format=found.format if found else None,
        problem=problem,
        doubts=(Problem(ProblemCode.CHANGED_WHILE_READ),) if source.changed() else (),
        bytes_read=source.bytes_read,
    )


def _facts(source: Source, path: bytes, found: Found, start: int, spool: bytes | None) -> FileFacts:
    doubts = found.doubts
    ending = extension(path)
    if ending not in EXTENSIONS[found.format] and ending in AUDIO_EXTENSIONS:
        found.trouble(ProblemCode.WRONG_EXTENSION, extension=ending, format=found.format)
    tags = track_tags(found) if found.fields or found.performers or found.lyrics else TrackTags()
    pictures = picture_facts(found, spool) if found.pictures else ()
    if source.changed():
        if found.problem is not None:
            doubts.append(found.problem)
        found.problem = Problem(ProblemCode.CHANGED_WHILE_READ)
    cue_sheet = found.cue_sheet
    if "cuesheet" in found.fields:
        cue_sheet = found.fields["cuesheet"][0].replace("\0", "")[: 256 * 1024] or cue_sheet
    return FileFacts(
        path=path,
        size=source.size,
        mtime_ns=source.mtime_ns,
        format=found.format,
        codec=found.codec,
        lossless=found.lossless,
        content_type=CONTENT_TYPES[found.format],
        duration_ms=min(found.duration_ms, _MAX_DURATION_MS),
        bitrate_kbps=min(found.bitrate_kbps, _MAX_DURATION_MS),
        sample_rate_hz=min(found.sample_rate_hz, _MAX_DURATION_MS),
        bit_depth=min(found.bit_depth, 255),
        channels=min(found.channels, 255),
        audio_key=found.key,
        audio_key_kind=found.key_kind,
        problem=found.problem,
        doubts=tuple(doubts[:_MAX_DOUBTS]),
        tags=tags,
        raw=found.raw or None,
        raw_truncated=found.raw_left < 0,
        pictures=pictures,
        cue_sheet=cue_sheet,
        chapters=_chapters(found) if found.chapters else (),
        bytes_read=source.bytes_read,
        rules_hash=found.rules.hash,
    )


def _chapters(found: Found) -> tuple[Chapter, ...]:
    chapters = sorted(found.chapters[:_MAX_CHAPTERS], key=lambda chapter: chapter.start_ms)
    return tuple(
        chapter._replace(
            start_ms=min(chapter.start_ms, _MAX_DURATION_MS),
            end_ms=None if chapter.end_ms is None else min(chapter.end_ms, _MAX_DURATION_MS),
            title=(clean_text(chapter.title)[:1024] or None) if chapter.title else None,
        )
        for chapter in chapters
    )
