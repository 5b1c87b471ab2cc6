"""Embedded pictures: what they are, which one stands for the track, and where its bytes go.

Every picture is hashed and its size taken from its header, never decoded. The bytes of the best one are kept: in a
spool folder shared by the readers of a scan, written once per different picture whatever the number of tracks that
carry it, or in the facts themselves where there is no spool.
"""

from __future__ import annotations

import contextlib
import hashlib
import os

from segue.library.artwork import MAX_BYTES, MAX_PIXELS, image_header
from segue.library.scan.facts import PictureFacts
from segue.library.scan.found import Embedded, Found
from segue.library.scan.problems import Problem, ProblemCode

KINDS = (
    "other", "icon", "icon", "front", "back", "leaflet", "media", "artist", "artist", "conductor", "band", "composer",
    "lyricist", "location", "recording", "performance", "screen", "fish", "illustration", "band_logo", "label_logo",
)  # fmt: skip
"""ID3's picture types by number, which FLAC and ASF share."""

_MAX_PICTURES = 40
_RANK = {"front": 0, "other": 1, "media": 2, "leaflet": 3, "illustration": 4, "back": 5}


def picture_facts(found: Found, spool: bytes | None) -> tuple[PictureFacts, ...]:
    """Describe the pictures in `found`; `spool` is an existing folder that takes the best one's bytes as `<sha256>`."""
    if spool is not None and _is_as_before(found.pictures, spool):
        return _before[0][2]
    doubts = len(found.doubts)
    out: list[tuple[PictureFacts, bytes]] = []
    best = -1
    best_rank = 99
    for embedded in found.pictures[:_MAX_PICTURES]:
        facts = _describe(embedded, found)
        if facts is None:
            continue
        rank = _RANK.get(facts.kind, 6)
        if rank < best_rank and _acceptable(facts):
            best, best_rank = len(out), rank
        out.append((facts, embedded.data))
    if best >= 0:
        facts, data = out[best]
        out[best] = _kept(facts, data, spool, found), data
    made = tuple(facts for facts, _ in out)
    small = sum(len(embedded.data) for embedded in found.pictures) <= _REMEMBERED_BYTES
    _before[:] = [(spool, found.pictures, made)] if spool is not None and small and len(found.doubts) == doubts else []
    return made


_REMEMBERED_BYTES = 8 * 1024 * 1024
_before: list[tuple[bytes, list[Embedded], tuple[PictureFacts, ...]]] = []
"""The spool and the pictures of the file read last, and what they are: the next file of an album mostly carries the same."""


def _is_as_before(pictures: list[Embedded], spool: bytes) -> bool:
    """Whether these are the pictures of the file read last, and the best of them is still in the spool."""
    if not _before or _before[0][0] != spool or _before[0][1] != pictures:
        return False
    best = next((facts for facts in _before[0][2] if facts.best), None)
    return best is None or os.path.exists(os.path.join(spool, best.sha256.encode()))  # noqa: PTH110, PTH118 - bytes


def _describe(embedded: Embedded, found: Found) -> PictureFacts | None:
    data = embedded.data
    if not data:
        return None
    mime, width, height = image_header(data)
    if not mime:
        found.doubts.append(Problem(ProblemCode.PICTURE_UNREADABLE))
        mime = embedded.mime[:60] if embedded.mime.startswith("image/") else "application/octet-stream"
    elif len(data) > MAX_BYTES or width * height > MAX_PIXELS:
        params: dict[str, str | int] = {"width": width, "height": height, "bytes": len(data)}
        found.doubts.append(Problem(ProblemCode.PICTURE_TOO_LARGE, params))
    kind = KINDS[embedded.kind] if 0 <= embedded.kind < len(KINDS) else "other"
    description = embedded.description.replace("\0", "").strip()[:200] or None
    return PictureFacts(kind, mime, width, height, hashlib.sha256(data).hexdigest(), len(data), description=description)


def _acceptable(facts: PictureFacts) -> bool:
    return 0 < facts.width * facts.height <= MAX_PIXELS and facts.size <= MAX_BYTES


def _kept(facts: PictureFacts, data: bytes, spool: bytes | None, found: Found) -> PictureFacts:
    if spool is None:
        return facts._replace(best=True, data=data)
    path = os.path.join(spool, facts.sha256.encode())  # noqa: PTH118 - bytes, in a hot path
    try:
        if os.path.exists(path):  # noqa: PTH110
            return facts._replace(best=True, spooled=True)
        partial = path + b".%d" % os.getpid()
        try:
            with open(partial, "wb") as file:
                file.write(data)
            os.replace(partial, path)
        except BaseException:
            with contextlib.suppress(OSError):
                os.unlink(partial)  # noqa: PTH108
            raise
    except OSError as error:
        text = error.strerror or type(error).__name__
        found.doubts.append(Problem(ProblemCode.PICTURE_NOT_KEPT, {"error": text}))
        return facts._replace(best=True)
    return facts._replace(best=True, spooled=True)
