"""Every answer as it was: in JSON and XML, with music and without, one file a method in `snapshots/`.

A difference is shown by pytest; `SEGUE_TEST_WRITE_SNAPSHOTS=1` writes the files anew, to be read before they are committed.
"""

from __future__ import annotations

import json
import os
import re
from pathlib import Path

import pytest

from segue import __version__
from tests.conformance.house import Face
from tests.conformance.requests_of import READS, REQUESTS

pytestmark = pytest.mark.anyio

FOLDER = Path(__file__).parent / "snapshots"
WRITE = os.environ.get("SEGUE_TEST_WRITE_SNAPSHOTS") == "1"
DRAWN = ("getRandomSongs", "getSimilarSongs", "getSimilarSongs2")
"""Answers in random order; their shape is that of the others. So is what an empty search finds in the order it came."""

_TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z")
_MADE = re.compile(r'("(?:size|bitRate|lastModified)": |\b(?:size|bitRate|lastModified)=")\d+')
"""What differs from run to run, or from one version of an encoder to the next."""

_ID = re.compile(r"\b(?:tr|al|ar|aw|fo|pl)-\d+\b")


async def names_of_ids(face: Face) -> dict[str, str]:
    """Names for the ids of what is there: which number a thing got is not what an answer is about."""
    found = (await face.ok("search3", "query=&songCount=500&albumCount=500&artistCount=500"))["searchResult3"]
    things = [*found["song"], *found["album"], *found["artist"]]
    return {thing["id"]: f"{thing['id'][:2]}-{thing.get('title', thing.get('name'))}" for thing in things}


def steady(text: str, names: dict[str, str]) -> str:
    met: dict[str, str] = {}
    text = _ID.sub(lambda id_: names.get(id_[0]) or met.setdefault(id_[0], f"{id_[0][:2]}-#{len(met) + 1}"), text)
    text = text.replace(f'"{__version__}"', '"0.0.0"')
    return _MADE.sub(r"\g<1>1", _TIME.sub("2026-01-02T03:04:05.678Z", text))


async def pictured(face: Face, method: str, about: str) -> str:
    parts = []
    names = await names_of_ids(face)
    for query in REQUESTS[method]:
        if "random" in query or query.startswith(("query=&", 'query="')) or query == "query=":
            continue
        said = (await face.get(method, query)).json()
        parts.append(f"=== {about}: {method}?{query}\n{json.dumps(said, indent=1, ensure_ascii=False)}\n")
        xml = (await face.get(method, query, form="xml")).text
        parts.append(xml.replace("><", ">\n<") + "\n")
    return steady("\n".join(parts), names)


@pytest.mark.parametrize("method", [name for name in READS if name not in DRAWN])
async def test_answers_are_as_they_were(method: str, face: Face, empty: Face) -> None:
    answers = await pictured(face, method, "with music") + "\n" + await pictured(empty, method, "without music")
    file = FOLDER / f"{method}.txt"
    if WRITE:
        file.parent.mkdir(exist_ok=True)
        file.write_text(answers)
    assert answers == file.read_text()
