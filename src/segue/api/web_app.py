"""Serves the built web app: its files as they are, and its page for every other address that is not the API's."""

from __future__ import annotations

from html import escape
from pathlib import Path

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import FileResponse, HTMLResponse, PlainTextResponse, Response

import segue

FOLDER = Path(segue.__file__).parent / "web"
MARKER = '<base href="/">'
NOT_OURS = frozenset({"api", "rest", "ws", "compat", "health", "metrics"})
"""First parts of addresses that belong to programs: what is not there is an error, not the page."""
NOT_BUILT = (
    "The web app is not built. In a clone: python hatch_build.py (./dev does it by itself). "
    "Everything else of Segue works: /rest for Subsonic apps, /docs for the API.\n"
)


class WebApp:
    """The files in `folder`; what has a hash in its name may be kept for ever, the page itself is asked for anew."""

    def __init__(self, folder: Path = FOLDER) -> None:
        self._folder = folder.resolve()
        self._pages: dict[tuple[str, int], str] = {}

    async def answer(self, request: Request) -> Response:
        """The file at the request's path, or the page."""
        path = request.path_params.get("path", "")
        if path.partition("/")[0] in NOT_OURS:
            raise HTTPException(404, "There is nothing at this address.")
        request.state.route = "(web)"
        file = (self._folder / path).resolve() if path and "\0" not in path else self._folder
        if file.is_relative_to(self._folder) and file.is_file() and file.name != "index.html":
            hashed = path.startswith("assets/")
            cache = "public, max-age=31536000, immutable" if hashed else "no-cache"
            return FileResponse(file, headers={"Cache-Control": cache})
        if path.startswith("assets/"):
            return PlainTextResponse("There is no such file.\n", 404)
        index = self._folder / "index.html"
        if not index.is_file():
            return PlainTextResponse(NOT_BUILT, 503)
        return HTMLResponse(
            self._page(index, request.scope.get("root_path", "")), headers={"Cache-Control": "no-cache"}
        )

    def _page(self, index: Path, base: str) -> str:
        key = (base, index.stat().st_mtime_ns)
        if key not in self._pages:
            text = index.read_text("utf-8")
            self._pages = {key: text.replace(MARKER, f'<base href="{escape(base.rstrip("/"), quote=True)}/">', 1)}
        return self._pages[key]
