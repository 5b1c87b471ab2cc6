"""The archive of concert recordings: advancedsearch, scrape, metadata, downloads that lead to a data host, reviews.

Its items are the tapes of `archive_shows`, what tests bring themselves, and as many made-up lines of lists as a bench wants
(`bulk`). Faults of its own: `cut`, `flip`, `drip`, `ignore_range`, `wrong_range`, `no_range` of files, `stuck_cursor` and
`overlap` of lists; items are changed, withdrawn and removed by its verbs at `/_control/archive/…`.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import quote

from anyio import to_thread
from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response

from segue.emulator.archive_audio import about, usual_folder
from segue.emulator.archive_bands import BANDS
from segue.emulator.archive_bulk import Bulk
from segue.emulator.archive_items import Held, Stored, of_recording, own
from segue.emulator.archive_query import Unreadable, compiled
from segue.emulator.archive_sending import SPOILING, Counting, Sending
from segue.emulator.archive_shows import recordings
from segue.emulator.faults import Fault
from segue.emulator.world import Asked, World

PAGE = 10_000
LEAST = 100
MAX_SORTED = 10_000
Doc = dict[str, Any]


class Archive:
    """The service. `folder` is where tapes are made, kept for the next time."""

    name = "archive"

    def __init__(self, world: World, folder: Path | None = None) -> None:
        self._world = world
        self.folder = folder or usual_folder()
        self.reset()

    def reset(self) -> None:
        """As at the beginning: all items as they were, nothing of bulk."""
        self.items: dict[str, Held] = {one.identifier: of_recording(one, self.folder) for one in recordings()}
        self.bulk_items: Bulk | None = None
        self.largest_page = PAGE
        self.open_now = 0
        self.most_open = 0
        """Files that were sent at once, at most."""
        self.left = 0
        """Files whose readers went away before the end."""
        self._found: dict[tuple[str, str], list[Doc]] = {}

    @property
    def verbs(self) -> Mapping[str, Callable[[dict[str, Any]], Any]]:
        """What `/_control/archive/…` can do."""
        return {
            "add": lambda given: (
                self.add(
                    given["identifier"],
                    {name: base64.b64decode(data) for name, data in given.get("files", {}).items()},
                    private=given.get("private", ()),
                    **given.get("metadata", {}),
                ).identifier
            ),
            "add_many_files": lambda given: (
                self.add_many_files(given["identifier"], int(given.get("count", 10_000))).identifier
            ),
            "change": lambda given: self.change(given["identifier"], given["name"]),
            "claim": lambda given: self.claim(given["identifier"], given["name"], **given["claims"]),
            "say": lambda given: self.say(given["identifier"], **given["metadata"]),
            "darken": lambda given: self.darken(given["identifier"]),
            "vanish": lambda given: self.vanish(given["identifier"]),
            "break": lambda given: self.break_(given["identifier"]),
            "bulk": lambda given: self.bulk(int(given["count"]), int(given.get("bands", 400))),
            "page": lambda given: self.page_of(int(given["count"])),
        }

    def state(self) -> dict[str, Any]:
        return {
            "items": len(self.items),
            "bulk": len(self.bulk_items) if self.bulk_items else 0,
            "open_now": self.open_now,
            "most_open": self.most_open,
            "left": self.left,
        }

    def add(
        self, identifier: str, files: Mapping[str, bytes], *, private: tuple[str, ...] = (), **metadata: Any
    ) -> Held:
        """An item of a test's own."""
        item = own(identifier, files, metadata, frozenset(private))
        self.items[identifier] = item
        self._found.clear()
        return item

    def add_many_files(self, identifier: str, count: int) -> Held:
        """An item with very many small files."""
        return self.add(
            identifier, {f"t{number:05}.flac": b"fLaC" + number.to_bytes(8, "big") for number in range(count)}
        )

    def change(self, identifier: str, name: str) -> None:
        """Somebody uploads another version of a file: size and checksums change with it."""
        item = self.items[identifier]
        data = item.files[name].read() + b"\0changed"
        before = item.files[name]
        more = {part: getattr(before.made, part) for part in ("length_s", "title", "track", "original", "bitrate")}
        item.files[name] = Stored(
            about(name, before.made.format, data, **more), before.source, before.private, data=data
        )
        item.changes += 1

    def claim(self, identifier: str, name: str, **claims: Any) -> None:
        """The document says something of a file that is not so: `size="5000000000"`, a wrong `md5`, another `name`."""
        self.items[identifier].claims[name] = claims

    def say(self, identifier: str, **metadata: Any) -> None:
        """The item says something else of itself from now on."""
        self.items[identifier].metadata.update(metadata)
        self.items[identifier].changes += 1
        self._found.clear()

    def darken(self, identifier: str) -> None:
        """The item is withdrawn."""
        self.items[identifier].dark = True

    def vanish(self, identifier: str) -> None:
        """The item is no more: not listed, and `{}`."""
        del self.items[identifier]
        self._found.clear()

    def break_(self, identifier: str) -> None:
        """The item cannot be served."""
        self.items[identifier].broken = "item metadata may be invalid"

    def bulk(self, count: int, bands: int = 400) -> int:
        """Have so many items more in lists and searches, without files."""
        self.bulk_items = Bulk(count, bands)
        self._found.clear()
        return count

    def page_of(self, count: int) -> None:
        """No page of scrape is larger than this."""
        self.largest_page = count

    async def understand(self, request: Request, path: str) -> Asked:
        query = request.query_params
        params: dict[str, Any] = dict(query) | {"user_agent": request.headers.get("user-agent", "")}
        range_ = request.headers.get("range")
        if range_:
            params["range"] = range_
        match path.split("/"):
            case ["advancedsearch.php"]:
                fields, sorts = query.getlist("fl[]"), query.getlist("sort[]")
                return Asked("search", params, lambda: self._search(params, fields, sorts), params.get("q", ""))
            case ["services", "search", "v1", "scrape"]:
                return Asked("scrape", params, lambda: self._scrape(params, None), params.get("q", ""))
            case ["metadata", identifier, *inner]:
                return Asked("metadata", params, lambda: self._metadata(identifier, inner), identifier)
            case ["download", identifier, *names] if names:
                return Asked("download", params, lambda: self._lead(request, identifier, "/".join(names)), path)
            case ["data", _, _, "items", identifier, *names]:
                return Asked("file", params, lambda: self._file(identifier, "/".join(names), None), path)
            case _:
                return Asked(path or "/", params, _no_page, path)

    async def spoiled(self, request: Request, asked: Asked, fault: Fault) -> Response:
        """The answer with a fault of the archive's own."""
        if fault.kind in SPOILING and asked.route == "file":
            parts = asked.about.split("/")
            return await self._file(parts[4], "/".join(parts[5:]), fault)
        if asked.route == "scrape":
            return await self._scrape(asked.params, fault.kind)
        return await asked.answer()

    def error(self, request: Request, code: int | None, status: int | None) -> Response:
        return JSONResponse({"error": "The search engine is out of order."}, status or 500)

    async def _search(self, asked: Mapping[str, Any], fields: list[str], sorts: list[str]) -> Response:
        try:
            found = self._matching(str(asked.get("q", "")), ",".join(sorts).replace(" ", ":"))
        except Unreadable as error:
            return JSONResponse({"error": str(error)}, 400)
        rows = len(found) if asked.get("rows") == "*" else int(asked.get("rows", 50))
        start = (int(asked.get("page", 1)) - 1) * rows
        if start + rows > MAX_SORTED and len(found) > MAX_SORTED:
            return JSONResponse({"error": "[RANGE_ERROR] sorted paging reaches 10,000 results at most"}, 400)
        said = {"q": asked.get("q", ""), "rows": str(rows), "start": str(start), "wt": "json"}
        docs = [_fields(doc, fields) for doc in found[start : start + rows]]
        header = {"status": 0, "QTime": 3, "params": {"qin": asked.get("q", ""), "fl": ",".join(fields), **said}}
        return JSONResponse(
            {"responseHeader": header, "response": {"numFound": len(found), "start": start, "docs": docs}}
        )

    async def _scrape(self, asked: Mapping[str, Any], fault: str | None) -> Response:
        count = int(asked.get("count", 5000))
        if not LEAST <= count <= PAGE:
            return JSONResponse({"error": f"count must be {LEAST} to {PAGE}", "errorType": "RangeException"}, 400)
        try:
            found = await to_thread.run_sync(self._matching, str(asked.get("q", "")), str(asked.get("sorts", "")))
            at = json.loads(base64.urlsafe_b64decode(asked["cursor"])) if asked.get("cursor") else 0
        except ValueError as error:
            return JSONResponse({"error": str(error), "errorType": "SearchException"}, 400)
        if asked.get("total_only") == "true":
            return JSONResponse({"items": [], "count": 0, "total": len(found)})
        count = min(count, self.largest_page)
        fields = [name for name in str(asked.get("fields", "")).split(",") if name]
        if fault == "stuck_cursor":
            at = 0
        docs = [_fields(doc, fields or ["identifier"]) for doc in found[at : at + count]]
        answer: dict[str, Any] = {"items": docs, "count": len(docs), "total": len(found)}
        after = at + (count // 2 if fault == "overlap" else count)
        if fault == "stuck_cursor" or at + count < len(found):
            answer["cursor"] = base64.urlsafe_b64encode(json.dumps(after).encode()).decode()
        return JSONResponse(answer)

    async def _metadata(self, identifier: str, inner: list[str]) -> Response:
        item = self.items.get(identifier)
        if item is None and self.bulk_items is not None:
            item = self.bulk_items.item(identifier)
        if item is None:
            return JSONResponse({})
        said: Any = await to_thread.run_sync(item.document)
        for part in inner:
            found = said[int(part)] if isinstance(said, list) and part.isdigit() else None
            said = said.get(part) if isinstance(said, dict) else found
            if said is None:
                return JSONResponse({"error": f"Couldn't locate {part}"})
        return JSONResponse({"result": said} if inner else said)

    async def _lead(self, request: Request, identifier: str, name: str) -> Response:
        item = self.items.get(identifier)
        if item is None or item.dark:
            return Response("Item not available", 404, media_type="text/html")
        place = f"{str(request.base_url).rstrip('/')}/{self.name}/data/ia601500/7/items"
        return RedirectResponse(f"{place}/{quote(identifier, safe='')}/{quote(name)}", 302)

    async def _file(self, identifier: str, name: str, fault: Fault | None) -> Response:
        item = self.items.get(identifier)
        stored = None
        if item is not None and not item.dark:
            stored = (await to_thread.run_sync(lambda: item.files)).get(name)
        if stored is None:
            return Response("<h1>404 Not Found</h1>", 404, media_type="text/html")
        if stored.private:
            return Response("<h1>403 Forbidden</h1>", 403, media_type="text/html")
        return Sending(name, await to_thread.run_sync(stored.read), stored.made.md5, fault, self._counting)

    @contextmanager
    def _counting(self) -> Iterator[Counting]:
        self.open_now += 1
        self.most_open = max(self.most_open, self.open_now)
        counting = Counting()
        try:
            yield counting
        finally:
            self.open_now -= 1
            self.left += counting.left

    def _matching(self, query: str, sorts: str) -> list[Doc]:
        """What is found, in order; the last few questions are remembered, for their pages."""
        known = self._found.get((query, sorts))
        if known is not None:
            return known
        test = compiled(query)
        found = [doc for doc in self._docs() if test(doc)]
        found.sort(key=lambda doc: str(doc["identifier"]))
        for one in reversed([sort for sort in sorts.split(",") if sort]):
            name, _, way = one.strip().replace(":", " ").partition(" ")
            found.sort(key=lambda doc, name=name: _order(doc.get(name)), reverse=way.strip() == "desc")  # type: ignore[misc]
        if len(self._found) > 8:
            self._found.clear()
        self._found[query, sorts] = found
        return found

    def _docs(self) -> Iterator[Doc]:
        yield from _collections(self.items)
        for item in self.items.values():
            if not item.dark:
                yield item.listed()
        if self.bulk_items is not None:
            yield from self.bulk_items.docs()


def _collections(items: Mapping[str, Held]) -> Iterator[Doc]:
    for band in BANDS:
        if band.collection:
            its = [one for one in items.values() if band.collection in one.metadata.get("collection", ())]
            yield {
                "identifier": band.collection,
                "title": band.name,
                "mediatype": "collection",
                "collection": ["etree"],
                "item_count": len(its),
                "item_size": sum(one.size_guess for one in its),
                "downloads": sum(one.downloads for one in its),
                "addeddate": "2003-11-20T00:00:00Z",
            }


def _order(value: Any) -> tuple[int, float, str]:
    if isinstance(value, (int, float)):
        return (1, float(value), "")
    return (0, 0.0, "") if value is None else (2, 0.0, str(value))


def _fields(doc: Doc, names: list[str]) -> Doc:
    return {name: doc[name] for name in names if name in doc} if names else doc


async def _no_page() -> Response:
    return Response("<html><body>Page not found</body></html>", 404, media_type="text/html")
