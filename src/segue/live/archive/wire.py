"""How the archive is reached and how its answers are understood: limits, the status that lies, what is asked for.

`/metadata/` says 200 and `{}` where there is no such item, and 200 with `error` where an item cannot be served; a page of
HTML with 200 is neither.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from segue.core.outside import Answer, Limit, ProviderBug, Service, Terms, Throttled
from segue.core.outside.classify import USUAL_PAUSE_S, fault_of_status
from segue.live.archive.documents import ItemDocument

LISTED = (
    "identifier", "title", "creator", "date", "year", "collection", "venue", "coverage", "source", "lineage", "taper",
    "transferer", "description", "subject", "format", "type", "avg_rating", "num_reviews", "downloads", "item_size",
    "files_count", "runtime", "addeddate", "publicdate", "updatedate", "access-restricted-item",
)  # fmt: skip
"""What is asked of each item of a list: all that grouping needs."""


def classify(answer: Answer) -> Any | None:
    """{at, said}: what was said and when, in seconds; None for a definite no."""
    status = answer.status
    if status == 503 or status == 429:
        wait = answer.seconds_in("retry-after")
        if status == 429 or wait is not None:
            raise Throttled(answer.service, answer.moment_in(USUAL_PAUSE_S if wait is None else wait), said=answer.said)
    if status in (404, 410):
        return None
    if not 200 <= status < 300:
        raise fault_of_status(answer)
    said = answer.data
    if not isinstance(said, dict):
        raise ProviderBug(answer.service, said=answer.said)
    if not said:
        return None
    error = said.get("error")
    if error:
        raise ProviderBug(answer.service, reason="refused", said=str(error), status_code=status)
    return {"at": answer.at.timestamp(), "said": said}


SERVICE = Service(
    name="archive",
    title="The archive",
    base_url="https://archive.org",
    terms=Terms("as each item says", attribution="Internet Archive", commercial=False),
    limits=(Limit(1, 1.0, burst=5),),
    classify=classify,
    timeout_s=90.0,
    max_bytes=96 * 2**20,
    max_wait_s=60.0,
    redirect_hosts=frozenset((".archive.org",)),
    adapts=True,
)
DOWNLOADS = Service(
    name="archive_files",
    title="The archive",
    base_url="https://archive.org",
    terms=SERVICE.terms,
    limits=(Limit(4, 1.0, burst=4),),
    classify=classify,
    timeout_s=60.0,
    max_wait_s=60.0,
    redirect_hosts=SERVICE.redirect_hosts,
    headers={"Accept": "*/*", "Accept-Encoding": "identity"},
    adapts=True,
)
"""Its files: other machines than those that answer questions, so that one's trouble is not the other's."""


def moment_of(value: Mapping[str, Any]) -> datetime:
    return datetime.fromtimestamp(float(value["at"]), UTC)


def as_document(value: Mapping[str, Any]) -> ItemDocument:
    """An item's document of a classified answer."""
    said = value["said"]
    metadata = said.get("metadata")
    named = metadata.get("identifier") if isinstance(metadata, Mapping) else None
    if named is None and not said.get("is_dark") and "files" not in said:
        raise ValueError("neither an item nor a withdrawn one")
    identifier = named if isinstance(named, str) else str(said.get("dir") or "").rpartition("/")[2]
    return ItemDocument(identifier, said, moment_of(value))
