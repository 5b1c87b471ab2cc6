"""Send a file as it is: 200, 206, multipart ranges, 416, If-Range and HEAD, as RFC 9110 has them (Starlette does the ranges)."""

from __future__ import annotations

from starlette.responses import FileResponse

from segue.streaming.service import Playable, as_path


def direct_play(playable: Playable, *, download: bool = False) -> FileResponse:
    """The answer that plays `playable`, or with `download` has it saved under its own name.

    Private, and asked again before each use: the same address plays other bytes once the file is replaced.
    """
    return FileResponse(
        as_path(playable.path),
        media_type=playable.content_type,
        filename=playable.file_name,
        content_disposition_type="attachment" if download else "inline",
        headers={
            "Cache-Control": "private, no-cache",
            "X-Content-Type-Options": "nosniff",
            "Content-Security-Policy": "sandbox; default-src 'none'",
        },
    )
