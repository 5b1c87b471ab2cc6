"""The first half of an import: fetch or open what is to be read, gather its rows, look for each thing once, and say what
bringing it in would do. Nothing of a person's history is touched."""

from __future__ import annotations

import asyncio
import json
from collections import Counter
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from segue.core.clock import rfc3339, utc_now
from segue.core.outside import Fault
from segue.core.storage import ObjectNotFound
from segue.jobs import Failed, JobContext
from segue.library.finding import Wanted
from segue.listening.counting import counts
from segue.listening.imports import repository
from segue.listening.imports.formats.every import Reading
from segue.listening.imports.service import ImportService
from segue.listening.imports.stage import Stage, moment

LOOKED_AT_ONCE = 1_000
SAMPLES = 12
PAGES_A_SAVE = 5
_PART = 1024 * 1024


async def read(imports: ImportService, job: JobContext, number: int) -> dict[str, Any] | None:
    """The job behind an upload: to state `ready`, or `failed` where there is no history in it."""
    async with imports.db.read() as conn:
        row = await repository.get(conn, number)
    if row is None or row.state != "reading":
        return None
    if row.account is not None and row.key is None:
        row = await _fetch(imports, job, row)
    async with staged(imports, job, row) as (stage, source):
        failed = _failure(stage, source)
        preview = None if failed else await _preview(imports, stage, row)
    now = utc_now()
    values: dict[str, Any] = {"source": source, "preview": preview, "changed_at": now, "state": "ready"}
    if failed:
        values |= {"state": "failed", "code": failed[0], "params": failed[1], "finished_at": now}
    async with imports.db.write() as tx:
        await job.guard(tx)
        await repository.clear_told(tx, number)
        await repository.change(tx, number, values)
        tx.changed("history_import", number, user_id=row.user_id)
    await keep_told(imports, job, number)
    return {"listens": preview["listens"]["total"] if preview else 0, "failed": failed[0] if failed else None}


@asynccontextmanager
async def staged(imports: ImportService, job: JobContext, row: Any) -> AsyncIterator[tuple[Stage, str]]:
    """The stage of an import with all its things looked for, and its source; made anew where this machine has none."""
    path = imports.stage_of(row.id)
    stage = await asyncio.to_thread(Stage.find, path)
    if stage is None:
        imports.work.mkdir(parents=True, exist_ok=True)
        async with _local(imports, row) as upload:
            stage = await asyncio.to_thread(_gather, job, upload, row.name, imports.work, path)
    try:
        await _look(imports, job, stage, row)
        yield stage, stage.fact("source") or row.source
    finally:
        stage.close()


async def keep_told(imports: ImportService, job: JobContext, number: int) -> None:
    """Keep what matched nothing, and what could not be taken, where people can see it."""
    stage = await asyncio.to_thread(Stage.find, imports.stage_of(number))
    if stage is None:
        return
    try:
        for some in _slices(stage.rows("SELECT * FROM problems ORDER BY id"), 200):
            rows = [
                {"import_id": number, "number": one["id"], "member": one["member"], "line": one["line"],
                 "code": one["code"], "params": json.loads(one["params"])}
                for one in some
            ]  # fmt: skip
            async with imports.db.write() as tx:
                await repository.add_problems(tx, rows)
        after = 0
        while some := stage.rows("SELECT * FROM things WHERE sure = 0 AND id > ? ORDER BY id LIMIT 300", after):
            job.check()
            after = some[-1]["id"]
            async with imports.db.write() as tx:
                await repository.add_things(tx, [_told(number, one) for one in some])
    finally:
        stage.close()


def counts_as_play(listen: Any) -> bool:
    """Whether a listen of the stage counts: as who kept it said, else by our rule, with what is known of the track's
    length (ours, the file's, or what was heard where it ended with the track)."""
    return bool(listen["counted"]) or counts(
        listen["length_ms"] or listen["duration_ms"] or listen["whole_ms"], listen["heard_ms"] or 0
    )


# --- fetching and gathering --------------------------------------------------------------------------------------------


async def _fetch(imports: ImportService, job: JobContext, row: Any) -> Any:
    """All pages of an account at Last.fm, newest first, as an upload of lines. Goes on where it was stopped."""
    imports.work.mkdir(parents=True, exist_ok=True)
    gathered = imports.work / f"{imports.stage_of(row.id).stem}.jsonl"
    at = dict(job.checkpoint) if gathered.exists() else {}
    at.setdefault("until", int(utc_now().timestamp()))
    page, written = int(at.get("page", 1)), int(at.get("bytes", 0))
    with gathered.open("r+b" if written else "wb") as out:
        out.truncate(written)
        out.seek(written)
        while True:
            job.check()
            try:
                found = await imports.metadata.lastfm.recent_tracks(row.account, page, until=at["until"])
            except Fault as fault:
                if fault.retry_at is None:
                    raise
                job.retry_later(fault.retry_at, fault.reason or fault.code)
            for past in found.listens:
                mbid = past.external_ids.get("musicbrainz:recording", "")
                line = {
                    "name": past.title,
                    "artist": {"#text": past.artist},
                    "album": {"#text": past.album},
                    "mbid": mbid,
                }
                out.write(json.dumps({**line, "date": {"uts": int(past.at.timestamp())}}).encode() + b"\n")
            job.progress(page, found.pages, unit="pages", phase="fetch")
            if not found.listens or (found.pages is not None and page >= found.pages):
                break
            page += 1
            if page % PAGES_A_SAVE == 0:
                out.flush()
                await job.save({**at, "page": page, "bytes": out.tell()})
    key = f"imports/{imports.stage_of(row.id).stem}-{at['until']}"
    await imports.storage.put(key, _parts(gathered))
    size = gathered.stat().st_size
    async with imports.db.write() as tx:
        await job.guard(tx)
        await repository.change(tx, row.id, {"key": key, "size_bytes": size, "changed_at": utc_now()})
        await job.save({}, tx=tx)
    gathered.unlink()
    async with imports.db.read() as conn:
        return await repository.get(conn, row.id)


@asynccontextmanager
async def _local(imports: ImportService, row: Any) -> AsyncIterator[Path]:
    """The upload as a file of this machine."""
    stored = imports.storage.local_path(row.key) if row.key else None
    if stored is not None and stored.exists():
        yield stored
        return
    copied = imports.stage_of(row.id).with_suffix(".upload")
    try:
        with copied.open("wb") as out:
            async for part in imports.storage.stream(row.key, _PART):
                out.write(part)
        yield copied
    except ObjectNotFound:
        raise Failed("upload_gone", "The uploaded file is no longer kept.") from None
    finally:
        copied.unlink(missing_ok=True)


def _gather(job: JobContext, upload: Path, name: str, work: Path, path: Path) -> Stage:
    reading = Reading(upload, name, work)
    job.progress(0, phase="read", unit="rows")

    def told(rows: int) -> None:
        job.check()
        job.progress(rows)

    stage = Stage.gather(path, reading, told)
    stage.set_fact("source", reading.source)
    return stage


# --- looking for things ------------------------------------------------------------------------------------------------


async def _look(imports: ImportService, job: JobContext, stage: Stage, row: Any) -> None:
    """Look in the library for each thing that was not looked for yet."""
    total = stage.counts["things"]
    done = total - stage.rows("SELECT count(*) FROM things WHERE looked = 0")[0][0]
    actor = await imports.actor_of(row.user_id)
    job.progress(done, total, phase="match", unit="tracks")
    while some := stage.unlooked(LOOKED_AT_ONCE):
        job.check()
        async with imports.db.read() as conn:
            found = await imports.finding.find(conn, [wanted_of_row(one) for one in some], actor.libraries)
            ids = sorted({one.track_id for one in found if one is not None})
            tracks = await imports.music.remembered(conn, actor, "track", ids)
        stage.put_found(
            [
                (None, None, 0, None, None, None, thing["id"])
                if one is None or one.track_id not in tracks
                else (
                    one.track_id, tracks[one.track_id].duration_ms, int(one.sure), one.score, one.method,
                    json.dumps(one.reasons_as_json()), thing["id"],
                )
                for thing, one in zip(some, found, strict=True)
            ]
        )  # fmt: skip
        done += len(some)
        job.progress(done)


def wanted_of_row(thing: Any) -> Wanted:
    """What is looked for, for a thing of the stage."""
    return Wanted(
        title=thing["title"],
        artists=(thing["artist"],) if thing["artist"] else (),
        album=thing["album"],
        album_artist=thing["album_artist"],
        duration_ms=thing["duration_ms"] or thing["whole_ms"],
        disc=thing["disc"],
        position=thing["position"],
        external_ids=json.loads(thing["external_ids"]) if thing["external_ids"] else {},
        path=thing["path"],
    )


# --- saying what it would do -------------------------------------------------------------------------------------------


def _failure(stage: Stage, source: str) -> tuple[str, dict[str, Any]] | None:
    """Why there is nothing to bring in, where there is nothing."""
    said = stage.counts
    if any(said[name] for name in ("listens", "opinions", "bookmarks", "playlists")):
        return None
    first = stage.rows("SELECT code, params FROM problems ORDER BY id LIMIT 1")
    if first and not source:
        return first[0]["code"], json.loads(first[0]["params"])
    return "nothing_to_import", {"problems": sum(said["problems"].values())}


async def _preview(imports: ImportService, stage: Stage, row: Any) -> dict[str, Any]:
    preview = await asyncio.to_thread(_summary, stage)
    first, last = preview["first_at"], preview["last_at"]
    if first is not None:
        async with imports.db.read() as conn:
            preview["plays_there"] = await repository.plays_between(conn, row.user_id, moment(first), moment(last))
        preview["first_at"], preview["last_at"] = rfc3339(moment(first)), rfc3339(moment(last))
    return preview


def _summary(stage: Stage) -> dict[str, Any]:
    """What the stage holds, as far as can be said without the database."""
    listens: Counter[str] = Counter()
    years: Counter[int] = Counter()
    spans = stage.rows("SELECT min(at_ms), max(at_ms) FROM listens")[0]
    after = 0
    while some := stage.listens_after(after, 20_000):
        after = some[-1]["turn"]
        for one in some:
            listens["total"] += 1
            if not counts_as_play(one):
                listens["too_short"] += 1
                continue
            listens["matched" if one["track_id"] is not None else "unmatched"] += 1
            at = moment(one["at_ms"])
            years[at.year if at else 0] += 1
    things = stage.rows(
        "SELECT count(*) AS total, sum(sure) AS matched, sum(sure = 0 AND track_id IS NOT NULL) AS unsure, "
        "sum(track_id IS NULL) AS unmatched FROM things"
    )[0]
    return {
        "counts": stage.counts,
        "listens": {name: listens[name] for name in ("total", "matched", "unmatched", "too_short")},
        "things": {name: things[name] or 0 for name in ("total", "matched", "unsure", "unmatched")},
        "first_at": spans[0],
        "last_at": spans[1],
        "years": {str(year): count for year, count in sorted(years.items())},
        "plays_there": 0,
        "people": _people(stage),
        "matched": _samples(stage, "sure = 1"),
        "unmatched": _samples(stage, "sure = 0"),
    }


def _people(stage: Stage) -> list[dict[str, Any]]:
    """Whose listening is in the upload, and how much of each."""
    people = {number: {"name": name} for number, name in stage.people().items()}
    asked = (
        ("listens", "SELECT person, count(*) FROM listens GROUP BY person"),
        ("stars", "SELECT person, count(*) FROM opinions WHERE starred_ms IS NOT NULL GROUP BY person"),
        ("ratings", "SELECT person, count(*) FROM opinions WHERE rating IS NOT NULL GROUP BY person"),
        ("plays_without_time", "SELECT person, sum(plays) FROM opinions WHERE plays IS NOT NULL GROUP BY person"),
        ("bookmarks", "SELECT person, count(*) FROM bookmarks GROUP BY person"),
        ("playlists", "SELECT person, count(*) FROM lists GROUP BY person"),
    )
    for name, statement in asked:
        found = {each[0]: each[1] for each in stage.rows(statement)}
        for number, person in people.items():
            person[name] = found.get(number, 0)
    return list(people.values())


def _samples(stage: Stage, which: str) -> list[dict[str, Any]]:
    rows = stage.rows(f"SELECT * FROM things WHERE {which} ORDER BY times DESC, id LIMIT ?", SAMPLES)
    return [
        {
            "kind": one["kind"],
            "title": one["title"],
            "artist": one["artist"],
            "album": one["album"],
            "times": one["times"],
            "track": one["track_id"],
            "score": one["score"],
            "reasons": json.loads(one["reasons"]) if one["reasons"] else [],
        }
        for one in rows
    ]


def _told(number: int, one: Any) -> dict[str, Any]:
    return {
        "import_id": number,
        "number": one["id"],
        **{name: one[name] for name in ("kind", "title", "artist", "album", "path", "duration_ms", "times", "track_id",
                                        "score")},
        "external_ids": json.loads(one["external_ids"]) if one["external_ids"] else None,
        "first_at": moment(one["first_ms"]),
        "last_at": moment(one["last_ms"]),
        "reasons": json.loads(one["reasons"]) if one["reasons"] else None,
    }  # fmt: skip


async def _parts(path: Path) -> AsyncIterator[bytes]:
    with path.open("rb") as file:
        while part := file.read(_PART):
            yield part


def _slices(rows: Sequence[Any], size: int) -> Sequence[Sequence[Any]]:
    return [rows[start : start + size] for start in range(0, len(rows), size)]
