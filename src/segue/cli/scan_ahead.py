"""`segue scan --dry-run` and `segue scan --undo`: what a scan would do, and taking back what the last one did."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from segue.cli.given import emit, say
from segue.cli.waiting import finished, somebody_works

if TYPE_CHECKING:
    from segue.app import Segue

SHOWN = 10
"""Changes of one kind that are printed; all of them are in the answer of REST."""
TITLES = {
    "new": ("new file", "new files"),
    "changed": ("changed file", "changed files"),
    "moved": ("moved file", "moved files"),
    "format_changed": ("file in another format", "files in another format"),
    "came_back": ("file that is back", "files that are back"),
    "missing": ("file that would be missing", "files that would be missing"),
    "split": ("album that would be split", "albums that would be split"),
    "merged": ("album that would be merged", "albums that would be merged"),
    "added": ("album that would be added", "albums that would be added"),
    "album_changed": ("album that would be changed", "albums that would be changed"),
    "lost": ("album that would be missing", "albums that would be missing"),
    "ended": ("album that would end", "albums that would end"),
}


async def dry_run(segue: Segue, roots: list[bytes], full: bool, json: bool) -> int:
    """Print what a scan of these folders (none: of all libraries) would do; 1 where one of them is in no library."""
    from segue.core.access import SYSTEM
    from segue.library.preview.service import PreviewService
    from segue.library.scan.service import ScanService

    previews = segue.services.get(PreviewService)
    places = await segue.services.get(ScanService).places_of(roots)
    asked, failed = [], 0
    for root, place in places:
        if place is None:
            say(f"{root.decode('utf-8', 'replace')} is in no library; `segue scan` makes it one.")
            failed = 1
        else:
            asked.append(await previews.ask(SYSTEM, place[0], folder=place[1], full=full))
    async with somebody_works(segue):
        for preview in asked:
            job = await finished(segue, preview.job or 0)
            found = await previews.get(preview.id)
            if found.state != "done":
                say(f"The preview did not finish: {(job.error or {}).get('message') or job.state}")
                failed = 1
                continue
            kinds = [kind for kind in TITLES if found.counts.get(kind)]
            examples = {
                kind: (await previews.changes(preview.id, kind, limit=1000 if json else SHOWN))[0] for kind in kinds
            }
            if json:
                emit(
                    {"preview": f"sp-{found.id}", "counts": found.counts, "stopped": found.stopped, "changes": examples}
                )
            else:
                _print(found.counts, found.stopped, examples)
    return failed


async def undo(segue: Segue, roots: list[bytes], json: bool) -> int:
    """Take back what the last scan of these libraries (none: of the one there is) changed; 1 where that cannot be."""
    from segue.core.access import SYSTEM
    from segue.core.errors import SegueError
    from segue.library.journal.service import JournalService
    from segue.library.scan.service import ScanService

    journals = segue.services.get(JournalService)
    places = await segue.services.get(ScanService).places_of(roots)
    if not roots and len(places) > 1:
        say("There are several libraries: name the folder of the one whose last scan is to be undone.")
        return 1
    failed = 0
    for root, place in places:
        if place is None or place[1] is not None:
            say(f"{root.decode('utf-8', 'replace')} is no library.")
            failed = 1
            continue
        try:
            last = await journals.latest(place[0])
            number = await journals.undo(SYSTEM, last.id)
        except SegueError as error:
            say(error.message)
            failed = 1
            continue
        async with somebody_works(segue):
            job = await finished(segue, number)
        if job.state != "done":
            say(f"The undo did not finish: {(job.error or {}).get('message') or job.state}")
            failed = 1
        elif json:
            emit({"journal": f"sj-{last.id}", "job": f"jo-{job.id}", "result": job.result})
        else:
            files = (job.result or {}).get("files", 0)
            print(
                f"Undone: {files:,} {'file is' if files == 1 else 'files are'} as before the scan of {last.started_at:%F %H:%M}."
            )
            print("The library is not scanned by itself until you run `segue scan` again.")
    return failed


def _print(counts: dict[str, int], stopped: dict[str, Any] | None, examples: dict[str, list[dict[str, Any]]]) -> None:
    if stopped:
        print(f"The scan would stop: {stopped['message']}")
    if not examples:
        print("Nothing would change.")
    for kind, rows in examples.items():
        one, many = TITLES[kind]
        print(f"{counts[kind]:,} {one if counts[kind] == 1 else many}")
        for row in rows:
            print(f"  {_line(kind, row)}")
        if counts[kind] > len(rows):
            print(f"  … and {counts[kind] - len(rows):,} more")


def _line(kind: str, row: dict[str, Any]) -> str:
    if "path" in row:
        was = f"  (was {row['from']})" if "from" in row else f"  ({row['old']} → {row['new']})" if "old" in row else ""
        return f"{row['path']}{was}"
    name = _album(row["album"])
    match kind:
        case "split":
            return f"{name} → {'; '.join(_part(part) for part in row['into'])}"
        case "merged":
            return f"{name} ← {'; '.join(_part(part) for part in row['from'])}"
        case "album_changed":
            return f"{name}: " + ", ".join(f"{field} {old} → {new}" for field, (old, new) in row["fields"].items())
        case "ended":
            return f"{name}" + (f" → {_album(row['into'])}" if row["into"] else "")
        case "added":
            return f"{name}. {row['album']['reason']['sentence']}"
        case _:
            return name


def _album(album: dict[str, Any] | None) -> str:
    return f"“{album['title']}” by {album['artist']}" if album else "an album"


def _part(part: dict[str, Any]) -> str:
    return f"{part['tracks']} in {_album(part['album'])}"
