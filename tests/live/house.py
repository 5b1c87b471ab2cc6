"""A house with a few concerts of bands that never were: what the tests of live music browse."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from segue.core.access import Actor
from segue.core.db import Database
from segue.core.outside.faults import Transient
from segue.jobs import JobService, Registry
from segue.live import tasks
from segue.live.archive.documents import ItemDocument, ListPage
from segue.live.fields import ENTITIES
from segue.live.mirror import Intake, Regrouped, regroup_marked
from segue.live.records import Item
from segue.live.service import LiveService
from segue.query import Entities

ANN = Actor(1, "ann", roles=frozenset({"editor"}), libraries=None)
BEN = Actor(2, "ben", libraries=None)
LANTERNS = "Paper Lanterns"
OWLS = "The Night Owls"


def item(identifier: str, band: str = LANTERNS, **more: Any) -> Item:
    """A recording as a list of the archive gives it; its title and date follow from the identifier where not said."""
    date = more.pop("date", identifier[2:12])
    venue = more.pop("venue", "Harbour Hall")
    given = {
        "title": f"{band} Live at {venue} on {date}",
        "creators": (band,),
        "collections": ("PaperLanterns" if band == LANTERNS else "NightOwls", "etree"),
        "location": "Springfield, OR",
        "added_at": f"2010-01-{1 + len(identifier) % 28:02}T10:00:00Z",
    }
    return Item(identifier=identifier, date=date, venue=venue, **{**given, **more})


TAPES = (
    item("pl1999-05-08.sbd.alder.101.flac16", source="SBD > DAT", taper="Ida Alder", rating=4.8, review_count=12),
    item("pl1999-05-08.aud.birch.102.flac16", source="AKG 414 > DAT", taper="Tom Birch", rating=4.1, review_count=3),
    item("pl1999-05-09.aud.birch.103.flac16", source="AKG 414 > DAT", taper="Tom Birch", venue="Mill Theatre"),
    item(
        "pl2000-05-08.mtx.alder.104.flac16", source="Matrix: SBD + AUD", taper="Ida Alder", rating=3.0, review_count=1
    ),
    item("pl2001-xx-xx.aud.unknown.105.flac16", date="2001", source="AUD"),
    item("no2000-05-08.fm.cedar.106.flac16", OWLS, source="FM broadcast", taper="Eve Cedar", venue="Café Orion"),
)


@dataclass
class Archive:
    """The archive as far as the service asks for it, without a network: documents by identifier, or a fault."""

    documents: dict[str, Mapping[str, Any]]
    lists: dict[str, Sequence[Mapping[str, Any]]]
    away: bool = False
    asked: int = 0

    async def metadata(self, identifier: str, *, fresh: bool = False) -> ItemDocument | None:
        self.asked += 1
        if self.away:
            raise Transient("archive")
        said = self.documents.get(identifier)
        return None if said is None else ItemDocument(identifier, said)

    async def bands(self) -> list[Any]:
        return []

    async def listing(self, collection: str, *, since: str = "", cursor: str = "", **_: Any) -> Any:
        if self.away:
            raise Transient("archive")
        docs = [doc for doc in self.lists.get(collection, ()) if not since or str(doc.get("addeddate", "")) >= since]
        size = 2
        start = int(cursor or 0)
        while True:
            some = docs[start : start + size]
            last = start + size >= len(docs)
            after = "" if last else str(start + size)
            yield ListPage(some, len(docs), start + len(some), cursor=after, last=last)
            if last:
                return
            start += size


def live_in(db: Database, archive: Archive | None = None) -> LiveService:
    jobs = JobService(db, Registry().add(tasks))
    return LiveService(db, Entities(ENTITIES), archive or Archive({}, {}), jobs)  # type: ignore[arg-type]


async def fill(db: Database, items: Iterable[Item] = TAPES) -> Regrouped:
    """Take items in and put them into concerts."""
    async with db.write() as tx:
        await Intake().take_in(tx, list(items))
    return await regroup_marked(db)
