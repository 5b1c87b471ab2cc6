"""A place that gives out dumps, on this machine: files with ranges, validators, and faults in the order they are asked for."""

from __future__ import annotations

import hashlib
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any


@dataclass
class Site:
    """`files` by path; `faults` by path, taken in order, one a request (None: none). A fault is `("cut", bytes)`,
    `("status", code, headers)` or `("bytes", data)`."""

    files: dict[str, bytes] = field(default_factory=dict)
    faults: dict[str, deque[tuple[Any, ...] | None]] = field(default_factory=dict)
    asked: list[tuple[str, str, dict[str, str]]] = field(default_factory=list)
    url: str = ""
    ranges: bool = True

    def fail(self, path: str, *faults: tuple[Any, ...] | None) -> None:
        self.faults.setdefault(path, deque()).extend(faults)

    def of(self, path: str) -> list[dict[str, str]]:
        """The headers of every GET of a file."""
        return [headers for method, asked, headers in self.asked if asked == path and method == "GET"]

    def put_sums(self, folder: str, name: str = "SHA256SUMS", kind: str = "sha256") -> None:
        """A list of the checksums of all files in a folder."""
        lines = [
            f"{hashlib.new(kind, data).hexdigest()} *{path.rpartition('/')[2]}\n"
            for path, data in self.files.items()
            if path.startswith(f"{folder}/")
        ]
        self.files[f"{folder}/{name}"] = "".join(lines).encode()


@contextmanager
def serving(site: Site) -> Iterator[Site]:
    """The site at `site.url`, for the block."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_HEAD(self) -> None:
            self.do_GET()

        def do_GET(self) -> None:
            site.asked.append((self.command, self.path, {name.lower(): value for name, value in self.headers.items()}))
            queue = site.faults.get(self.path)
            fault = queue.popleft() if queue else None
            data = site.files.get(self.path)
            if fault and fault[0] == "status":
                self.answer(fault[1], b"busy", fault[2])
            elif data is None:
                self.answer(404, b"no")
            else:
                if fault and fault[0] == "bytes":
                    data = fault[1]
                self.give(data, fault[1] if fault and fault[0] == "cut" else None)

        def give(self, data: bytes, cut: int | None) -> None:
            etag = f'"{hashlib.md5(data).hexdigest()}"'
            headers, status, begin = {"ETag": etag}, 200, 0
            asked = self.headers.get("range")
            if asked and site.ranges and self.headers.get("if-range", etag) == etag:
                begin = int(asked.removeprefix("bytes=").removesuffix("-"))
                if begin >= len(data):
                    self.answer(416, b"", {"Content-Range": f"bytes */{len(data)}"})
                    return
                status = 206
                headers["Content-Range"] = f"bytes {begin}-{len(data) - 1}/{len(data)}"
            self.answer(status, data[begin:], headers, cut)

        def answer(
            self, status: int, body: bytes, headers: dict[str, str] | None = None, cut: int | None = None
        ) -> None:
            self.send_response(status)
            for name, value in (headers or {}).items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            if self.command == "HEAD":
                return
            self.wfile.write(body if cut is None else body[:cut])
            if cut is not None:
                self.close_connection = True

        def log_message(self, format: str, *args: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    site.url = f"http://127.0.0.1:{server.server_port}"
    try:
        yield site
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
