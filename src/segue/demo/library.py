"""Make the demonstration library in a folder: what is there already and whole is kept, so a second time takes no time.

Beside the music lies `truth.json`: for every file its tempo, key, meter, beats and chords, exactly as composed.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
import zlib
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor, as_completed
from dataclasses import asdict, dataclass
from multiprocessing import get_context
from pathlib import Path
from typing import Any

from segue.demo.plan import RECORDS, Piece, Record

TRUTH = "truth.json"
GENERATION = 1
"""Raised when the sound of the same plan changes, so that kept files are made anew."""

Progress = Callable[[int, int, str], None]


@dataclass(frozen=True, slots=True)
class Work:
    """One file to make."""

    record: Record
    piece: Piece
    number: int
    total: int
    path: str
    fingerprint: str

    @property
    def seed(self) -> int:
        return zlib.crc32(self.path.encode())


def planned(records: tuple[Record, ...] = RECORDS) -> Iterator[Work]:
    """Every file of the library, in order. Paths are relative, with `/`."""
    for record in records:
        folder = f"{_safe(record.artist)}/{_safe(record.title)} ({record.year[:4]})"
        on_disc: dict[int, int] = {}
        for piece in record.pieces:
            on_disc[piece.disc] = on_disc.get(piece.disc, 0) + 1
            number = on_disc[piece.disc]
            total = sum(1 for other in record.pieces if other.disc == piece.disc)
            inside = f"CD{piece.disc}/" if record.disc_titles else ""
            path = f"{folder}/{inside}{number:02} {_safe(piece.title)}.{record.format}"
            said = json.dumps([GENERATION, asdict(record) | {"pieces": None}, asdict(piece), number], sort_keys=True)
            yield Work(record, piece, number, total, path, hashlib.sha256(said.encode()).hexdigest()[:16])


def make(
    folder: Path, progress: Progress | None = None, *, workers: int | None = None, records: tuple[Record, ...] = RECORDS
) -> dict[str, Any]:
    """Make what is missing in `folder` and give the truth: path → what was composed.

    `progress(done, total, path)` is called after every file. Killed in the middle, it goes on where it was.
    """
    folder.mkdir(parents=True, exist_ok=True)
    truth = _read_truth(folder)
    all_work = list(planned(records))
    todo = [
        work
        for work in all_work
        if truth.get(work.path, {}).get("fingerprint") != work.fingerprint or not (folder / work.path).is_file()
    ]
    done = len(all_work) - len(todo)
    if progress:
        progress(done, len(all_work), "")
    if todo:
        count = workers or min(len(todo), os.cpu_count() or 1)
        with ProcessPoolExecutor(count, mp_context=get_context("spawn")) as pool:
            running = {pool.submit(make_one, work, folder): work for work in todo}
            for finished in as_completed(running):
                work = running[finished]
                truth[work.path] = finished.result()
                _write_truth(folder, truth)
                done += 1
                if progress:
                    progress(done, len(all_work), work.path)
    return {work.path: truth[work.path] for work in all_work}


def make_one(work: Work, folder: Path) -> dict[str, Any]:
    """Compose, render, encode and tag one file; the truth about it. The file appears whole or not at all."""
    from segue.demo.covers import cover
    from segue.demo.files import encode, tag
    from segue.demo.render import render
    from segue.demo.score import compose

    score = compose(work.piece, work.seed)
    target = folder / work.path
    target.parent.mkdir(parents=True, exist_ok=True)
    unfinished = target.with_name(f".{target.stem}.part{target.suffix}")
    kind, hue = work.record.cover
    picture = cover(kind, hue, zlib.crc32(work.record.title.encode()))
    try:
        encode(render(score, work.seed), unfinished, work.record.format)
        tag(unfinished, work.record, work.piece, work.number, work.total, None if work.record.folder_cover else picture)
        os.replace(unfinished, target)
    finally:
        unfinished.unlink(missing_ok=True)
    if work.record.folder_cover:
        (target.parent / "cover.jpg").write_bytes(picture)
    return {
        "fingerprint": work.fingerprint,
        "title": work.piece.title,
        "bpm": work.piece.bpm,
        "key": work.piece.key,
        "meter": work.piece.beats_a_bar,
        "beats_s": score.beats_s,
        "downbeats_s": score.beats_s[:: work.piece.beats_a_bar],
        "chords": [list(chord) for chord in score.chords],
        "duration_s": round(score.length_s, 3),
    }


def _safe(name: str) -> str:
    """`name` without what some file system cannot hold."""
    return re.sub(r'[<>:"/\\|?*]', "_", name).strip(". ") or "_"


def _read_truth(folder: Path) -> dict[str, Any]:
    try:
        found = json.loads((folder / TRUTH).read_text("utf-8"))
    except (OSError, ValueError):
        return {}
    return found if isinstance(found, dict) else {}


def _write_truth(folder: Path, truth: dict[str, Any]) -> None:
    unfinished = folder / f"{TRUTH}.part"
    unfinished.write_text(json.dumps(truth, ensure_ascii=False), "utf-8")
    os.replace(unfinished, folder / TRUTH)
