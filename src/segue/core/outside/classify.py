"""The usual reading of an answer by its status; services whose status lies look at the body first."""

from __future__ import annotations

from typing import Any

from segue.core.outside.answer import Answer
from segue.core.outside.faults import AuthFailed, ProviderBug, Throttled, Transient

USUAL_PAUSE_S = 60.0
"""Wait after a 429 that does not say how long."""


def by_status(answer: Answer) -> Any | None:
    """The JSON of a 2xx; None for 404 and 410; else the fault that the status stands for."""
    status = answer.status
    if 200 <= status < 300:
        return answer.data
    if status in (404, 410):
        return None
    raise fault_of_status(answer)


def fault_of_status(answer: Answer) -> Exception:
    """The fault for a status that is no success."""
    status, said, service = answer.status, answer.said, answer.service
    wait = answer.seconds_in("retry-after")
    if status == 429:
        return Throttled(service, answer.moment_in(USUAL_PAUSE_S if wait is None else wait), said=said)
    if status in (401, 403):
        return AuthFailed(service, reason=f"http_{status}", said=said)
    if status in (408, 425) or status >= 500:
        later = None if wait is None else answer.moment_in(wait)
        return Transient(service, reason="server_error", said=said, retry_at=later)
    if 300 <= status < 400:
        return ProviderBug(service, reason="redirect", said=answer.headers.get("location", "")[:200])
    return ProviderBug(service, reason="refused", said=said, status_code=status)
