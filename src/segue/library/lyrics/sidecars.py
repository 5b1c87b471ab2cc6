"""Words that lie beside the music: which file they belong to, and what they say.

A file of words has the name of its track, whatever the case, with a language between where it states one: `Song.lrc`,
`Song.en.lrc`, `song.DE.txt`. Reading happens in the process pool; a file that has not changed is not read again.
"""

# Paths are bytes, which pathlib does not take.
# ruff: noqa: PTH118

from __future__ import annotations

import os
import re
import unicodedata
from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

import structlog
from sqlalchemy.ext.asyncio import AsyncConnection

from segue.core.plain_text import decode_text
from segue.core.pool import PoolError, ProcessPool
from segue.library.lyrics import repository
from segue.library.lyrics.reading import MOST_BYTES, MOST_PLAIN_BYTES, NoWords, language_of, read_text
from segue.library.lyrics.song_words import UNKNOWN_LANGUAGE, SongWords, pack
from segue.library.lyrics.words_plan import WordsPlan
from segue.library.scan.paths import displayed, name_of
from segue.library.scan.plan import FilePlan, FolderPlan, Unit
from segue.library.scan.problems import ProblemCode
from segue.library.scan.walk import Entry, extension_of

log = structlog.get_logger("segue.scan")
DEADLINE_S = 60.0
EXTENSIONS = {b"lrc": "lrc", b"elrc": "lrc", b"ttml": "ttml", b"srt": "srt", b"vtt": "vtt", b"txt": "text"}
MOST_OF_ONE_TRACK = 40
"""Files of words beside one track that are read; a song is rarely translated into more languages."""
_LANGUAGE = re.compile(r"(.+)\.([a-z]{2,3}(?:-[a-z0-9]{2,8})?)", re.IGNORECASE)


class Sidecar(NamedTuple):
    """A file of words to read: its name, and what its name says about it."""

    name: bytes
    format: str
    language: str


async def plan_words(conn: AsyncConnection, pool: ProcessPool, root: bytes, unit: Unit) -> None:
    """Find out what becomes of the words of a unit's tracks; costs nothing where there never were any."""
    beside = {
        file: entries for folder in unit.folders for file, entries in _beside(folder, unit.files).items() if entries
    }
    known = {
        file.stored.track_id: file
        for file in unit.files
        if file.stored and file.stored.track_id and (file.stored.has_lyrics or file in beside)
    }
    if not beside and not known:
        return
    stored: dict[FilePlan, list[repository.StoredWords]] = {}
    for row in await repository.stored_words(conn, known.keys()) if known else ():
        stored.setdefault(known[row.track_id], []).append(row)
    wanted: dict[FolderPlan, list[tuple[FilePlan, Entry, Sidecar]]] = {}
    for file in {**beside, **stored}:
        plan = file.words = WordsPlan()
        rows = stored.get(file, [])
        plan.remain = any(row.source == "person" for row in rows)
        have: dict[tuple[bytes, int, int], list[repository.StoredWords]] = {}
        for row in rows:
            if row.source == "sidecar":
                have.setdefault((row.name, row.size, row.mtime_ns), []).append(row)
        for entry, sidecar in beside.get(file, ()):
            same = have.pop((entry.name, entry.size, entry.mtime_ns), None)
            if same is None:
                wanted.setdefault(file.folder, []).append((file, entry, sidecar))
            else:
                plan.remain |= any(row.problem_code is None for row in same)
        plan.gone = [row.id for rows in have.values() for row in rows]
    for folder, ask in wanted.items():
        await _read_all(pool, os.path.join(root, folder.path) if folder.path else root, ask)


async def _read_all(pool: ProcessPool, folder: bytes, ask: Sequence[tuple[FilePlan, Entry, Sidecar]]) -> None:
    for start in range(0, len(ask), 64):
        part = ask[start : start + 64]
        try:
            answers = await pool.run(read_sidecars, folder, [sidecar for _, _, sidecar in part], deadline_s=DEADLINE_S)
        except PoolError as error:
            log.warning("lyrics_unread", folder=os.fsdecode(folder), reason=str(error))
            answers = [[_problem(s, ProblemCode.LYRICS_UNREADABLE, error=type(error).__name__)] for _, _, s in part]
        for (file, entry, _), rows in zip(part, answers, strict=True):
            assert file.words is not None
            about = {"source": "sidecar", "name": entry.name, "size_bytes": entry.size, "mtime_ns": entry.mtime_ns}
            file.words.fresh.extend(row | about | {"part": part} for part, row in enumerate(rows))
            file.words.remain |= any(row["problem_code"] is None for row in rows)


def _beside(folder: FolderPlan, files: Iterable[FilePlan]) -> dict[FilePlan, list[tuple[Entry, Sidecar]]]:
    """The files of words beside each track; slices of a larger file have none."""
    entries = [entry for entry in folder.listing.sidecars if extension_of(entry.name) in EXTENSIONS]
    if not entries:
        return {}
    exact: dict[str, FilePlan] = {}
    folded: dict[str, FilePlan] = {}
    for file in files:
        if file.folder is folder and file.is_track and file.piece is None:
            stem = displayed(name_of(file.path)).rpartition(".")[0]
            exact.setdefault(stem, file)
            folded.setdefault(_folded(stem), file)
    found: dict[FilePlan, list[tuple[Entry, Sidecar]]] = {}
    for entry in entries:
        stem = displayed(entry.name).rpartition(".")[0]
        format = EXTENSIONS[extension_of(entry.name)]
        track: FilePlan | None
        track, language = exact.get(stem) or folded.get(_folded(stem)), UNKNOWN_LANGUAGE
        if track is None and (spoken := _LANGUAGE.fullmatch(stem)):
            track, language = exact.get(spoken[1]) or folded.get(_folded(spoken[1])), language_of(spoken[2])
        if track is not None and len(found.setdefault(track, [])) < MOST_OF_ONE_TRACK:
            found[track].append((entry, Sidecar(entry.name, format, language)))
    return found


def _folded(stem: str) -> str:
    return unicodedata.normalize("NFC", stem).casefold()


# --- in a child of the pool -------------------------------------------------------------------------------------------


def read_sidecars(folder: bytes, wanted: list[Sidecar]) -> list[list[dict[str, Any]]]:
    """The rows of each file: its sets of words, or why there are none. Runs in a child."""
    return [_read(folder, sidecar) for sidecar in wanted]


def _read(folder: bytes, sidecar: Sidecar) -> list[dict[str, Any]]:
    most = MOST_PLAIN_BYTES if sidecar.format == "text" else MOST_BYTES
    try:
        with open(os.path.join(folder, sidecar.name), "rb") as file:
            data = file.read(most + 1)
            size = os.fstat(file.fileno()).st_size
    except OSError as error:
        return [_problem(sidecar, ProblemCode.LYRICS_UNREADABLE, error=error.strerror or type(error).__name__)]
    if len(data) > most:
        return [_problem(sidecar, ProblemCode.LYRICS_TOO_LARGE, bytes=size)]
    read = decode_text(data)
    try:
        found = read_text(read.text, sidecar.format, sidecar.language)
    except NoWords as error:
        return [_problem(sidecar, ProblemCode.LYRICS_UNREADABLE, error=str(error))]
    except (ValueError, RecursionError) as error:
        return [_problem(sidecar, ProblemCode.LYRICS_UNREADABLE, error=type(error).__name__)]
    doubt = {"name": displayed(sidecar.name), "encoding": read.encoding} if read.guessed else None
    return [row_of(words) | {"problem_params": doubt} for words in found]


def row_of(words: SongWords) -> dict[str, Any]:
    """The columns of one set of words."""
    return {
        "format": words.format, "language": words.language, "kind": words.kind, "synced": words.synced,
        "word_timed": words.word_timed, "document": pack(words), "problem_code": None, "problem_params": None,
    }  # fmt: skip


def _problem(sidecar: Sidecar, code: ProblemCode, **params: str | int) -> dict[str, Any]:
    return {
        "format": sidecar.format, "language": sidecar.language, "kind": "main", "synced": False, "word_timed": False,
        "document": None, "problem_code": code.value,
        "problem_params": {"name": displayed(sidecar.name), **params},
    }  # fmt: skip
