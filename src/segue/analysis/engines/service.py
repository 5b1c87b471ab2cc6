"""A service by its address that listens: the file is sent to it, and it answers with a line like `segue analyze --json`'s.

    POST {url}    Content-Type: application/octet-stream    body: the file as it is
    200  {"duration_ms": …, "bpm": …, "tempo_candidates": […], "beats_ms": […], "key": {"tonic": 9, "mode": "minor"}, …}

All members may be missing. A slice of a file is sent as `X-Start-Ms` and `X-End-Ms`. Services that recognise music rather
than measure it (AudD, ACRCloud) are no engines.
"""

from __future__ import annotations

import contextlib
import json
from collections.abc import Iterator
from typing import BinaryIO

from segue.analysis.errors import EngineAbsent, EngineFailed
from segue.analysis.lines import heard_of
from segue.analysis.records import Heard, Knowledge

NAME = "service"
VERSION = 1
CONNECT_S, QUIET_S = 10.0, 600.0
"""To reach it, and without a byte from it."""
MOST_ANSWER = 16 * 2**20
_CHUNK = 256 * 1024


def missing(url: str) -> str | None:
    """Why it cannot be asked; None where it can. Nothing is sent."""
    if not url:
        return "no address is set (analysis.service_url)."
    if not url.startswith(("http://", "https://")):
        return f"{url} is no address of a service."
    return None


def listen(
    path: bytes,
    *,
    start_ms: int | None = None,
    end_ms: int | None = None,
    knowledge: Knowledge | None = None,
    url: str = "",
) -> Heard:
    """What the service says of the file. `knowledge` is not sent. Raises `analysis.errors`."""
    import httpx2

    from segue.analysis.decode.opening import opened_file

    reason = missing(url)
    if reason is not None:
        raise EngineAbsent(NAME, reason)
    headers = {"Content-Type": "application/octet-stream", "Accept": "application/json"}
    for name, value in (("X-Start-Ms", start_ms), ("X-End-Ms", end_ms)):
        if value is not None:
            headers[name] = str(value)
    with contextlib.closing(opened_file(path)) as file:
        try:
            timeout = httpx2.Timeout(QUIET_S, connect=CONNECT_S)
            with (
                httpx2.Client(timeout=timeout, follow_redirects=False) as client,
                client.stream("POST", url, headers=headers, content=_pieces(file)) as response,
            ):
                body = b""
                for piece in response.iter_bytes():
                    body += piece
                    if len(body) > MOST_ANSWER:
                        raise EngineFailed(NAME, "its answer is too long.")
                status = response.status_code
        except (httpx2.HTTPError, httpx2.InvalidURL, httpx2.StreamError) as error:
            raise EngineFailed(NAME, str(error) or type(error).__name__) from error
    if status != 200:
        raise EngineFailed(NAME, f"it answered with status {status}.")
    try:
        given = json.loads(body)
        if not isinstance(given, dict):
            raise ValueError("its answer is no object.")
        return heard_of(given, engine=NAME)
    except ValueError as error:
        raise EngineFailed(NAME, str(error)) from error


def _pieces(file: BinaryIO) -> Iterator[bytes]:
    while piece := file.read(_CHUNK):
        yield piece
