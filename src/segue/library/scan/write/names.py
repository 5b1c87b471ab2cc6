"""The rows behind names: artists, genres, labels and pictures, looked up many at a time and made where they are new.

Names that were met lately are remembered, so that a scan asks the database once for a name that comes up a thousand times.
The memory is bounded; what falls out is looked up again.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any, Generic, TypeVar

from sqlalchemy import bindparam, func, select, update

from segue.core.db import Transaction
from segue.core.text import sort_key
from segue.library import search
from segue.library.edits import names as decided
from segue.library.genres.placing import place_new
from segue.library.models import ANY_ROLE, Artist, ArtistCount, Genre, Label
from segue.library.scan.facts import Credit
from segue.library.scan.grouping import name_key
from segue.library.scan.write.bulk import insert_rows, moment
from segue.library.scan.write.numbers import allocate

K = TypeVar("K")
V = TypeVar("V")

_COLUMNS = (Artist.id, Artist.name, Artist.name_key, Artist.musicbrainz_id)
_WEIGHT = func.sum(func.coalesce(ArtistCount.track_count, 0))
_BY_NAME = (
    select(*_COLUMNS)
    .outerjoin(ArtistCount, (ArtistCount.artist_id == Artist.id) & (ArtistCount.role == ANY_ROLE))
    .where(Artist.name_key.in_(bindparam("names", expanding=True)), Artist.by_hand.is_(False))
    .group_by(*_COLUMNS)
    .order_by(_WEIGHT.desc(), Artist.id)
)
"""The artists of these names, the one in most tracks first. Built once, as building it costs more than running it."""

REMEMBERED = 20_000
"""Names of each kind that are kept in memory: about 4 MB."""
MOST_PARAMETERS = 5_000
"""Values of one IN (…): far below what SQLite (32,766) and PostgreSQL (32,767) take."""


class Recent(OrderedDict[K, V], Generic[K, V]):
    """A dict that forgets what was asked for least recently, beyond `limit`."""

    def __init__(self, limit: int = REMEMBERED) -> None:
        super().__init__()
        self.limit = limit

    def recall(self, key: K) -> V | None:
        value = self.get(key)
        if value is not None:
            self.move_to_end(key)
        return value

    def remember(self, key: K, value: V) -> None:
        self[key] = value
        self.move_to_end(key)
        if len(self) > self.limit:
            self.popitem(last=False)


class NameBook:
    """The ids of artists, genres and labels by name, for one scan."""

    def __init__(self) -> None:
        self._artists: Recent[tuple[str, str | None], int] = Recent()
        self._spellings: Recent[int, str] = Recent()
        self._genres: Recent[str, int] = Recent()
        self._labels: Recent[str, int] = Recent()
        self.made: dict[int, str] = {}
        """Artists made since the last `take_made`."""
        self._decided: int | None = None
        """The newest act of editing when the memory was fresh: 0 where nobody ever edited anything, None before one looked."""

    async def catch_up(self, tx: Transaction) -> None:
        """Forget what is remembered if a person has edited anything since: artists may be merged, names decided."""
        newest = await decided.newest(tx)
        if newest != self._decided:
            self.forget()
            self._decided = newest

    def take_made(self) -> dict[int, str]:
        """The artists made since last asked, id to name; they are to be put into the search index."""
        made, self.made = self.made, {}
        return made

    def forget(self) -> None:
        """After a rolled-back transaction: what it made is not there."""
        for memory in (self._artists, self._spellings, self._genres, self._labels):
            memory.clear()
        self.made = {}

    async def artists(self, tx: Transaction, credits: Iterable[Credit], now: datetime) -> ArtistIds:
        """The artists of `credits`, made where they are new.

        A credit with a MusicBrainz id is the artist with that id; failing that, the one artist of that name who has
        none yet, who takes it. A credit without one is the artist of that name, and where several share the name, the
        one in most tracks.
        """
        wanted: dict[tuple[str, str | None], Credit] = {}
        for credit in credits:
            key = (name_key(credit.name), credit.mbid)
            known = wanted.get(key)
            if known is None or (known.sort is None and credit.sort is not None):
                wanted[key] = credit
        found: dict[tuple[str, str | None], int] = {}
        unknown: dict[tuple[str, str | None], Credit] = {}
        for key, credit in wanted.items():
            artist_id = self._artists.recall(key)
            if artist_id is None:
                unknown[key] = credit
            else:
                found[key] = artist_id
        lost = await self._find_chosen(tx, unknown, found)
        for key in lost:
            del unknown[key]
            if (key[0], None) not in found:
                unknown.setdefault((key[0], None), wanted[key])
        if unknown:
            await self._find_artists(tx, unknown, found)
        fresh = {key: credit for key, credit in unknown.items() if key not in found}
        if fresh:
            await self._make_artists(tx, fresh, found, now)
        for key in lost:
            found[key] = found[(key[0], None)]
        for key in unknown:
            self._artists.remember(key, found[key])
        return ArtistIds(found, await self._names(tx, set(found.values())))

    async def _find_chosen(
        self, tx: Transaction, unknown: dict[tuple[str, str | None], Credit], found: dict[tuple[str, str | None], int]
    ) -> list[tuple[str, str | None]]:
        """Find the artists that a person chose by their id of ours; the keys of those who are gone are given back."""
        own = {mbid for _, mbid in unknown if mbid and mbid.startswith(decided.OWN)}
        if not own:
            return []
        rows = await decided.chosen(tx, own)
        lost = []
        for key in [key for key in unknown if key[1] in own]:
            row = rows.get(key[1] or "")
            if row is None:
                lost.append(key)
            else:
                found[key] = row.id
                self._spellings.remember(row.id, row.name)
        return lost

    async def _find_artists(
        self, tx: Transaction, unknown: dict[tuple[str, str | None], Credit], found: dict[tuple[str, str | None], int]
    ) -> None:
        by_mbid: dict[str, int] = {}
        by_name: dict[str, list[Any]] = {}
        mbids = [mbid for _, mbid in unknown if mbid]
        for part in slices(mbids):
            for row in await tx.execute(select(*_COLUMNS).where(Artist.musicbrainz_id.in_(part))):
                by_mbid[row.musicbrainz_id] = row.id
                self._spellings.remember(row.id, row.name)
        lost = [mbid for mbid in mbids if mbid not in by_mbid] if self._decided != 0 else []
        for former, row in (await decided.former(tx, lost)).items():
            by_mbid[former] = row.id
            self._spellings.remember(row.id, row.name)
        names = sorted({key[0] for key in unknown if key not in found and key[1] not in by_mbid})
        for part in slices(names):
            for row in await tx.execute(_BY_NAME, {"names": part}):
                by_name.setdefault(row.name_key, []).append(row)
                self._spellings.remember(row.id, row.name)
        absent = [name for name in names if name not in by_name] if self._decided != 0 else []
        for alias, row in (await decided.by_alias(tx, absent)).items():
            by_name[alias] = [row]
            self._spellings.remember(row.id, row.name)
        nobody = [row.id for rows in by_name.values() for row in rows if row.musicbrainz_id is None]
        adopting = any(mbid is not None and mbid not in by_mbid for _, mbid in unknown)
        settled = await decided.keep_their_id(tx, nobody) if adopting and self._decided != 0 else set()
        adopted: list[dict[str, Any]] = []
        for key in sorted(
            (key for key in unknown if key not in found), key=lambda key: (key[0], key[1] is None, key[1] or "")
        ):
            name, mbid = key
            if mbid is not None and mbid in by_mbid:
                found[key] = by_mbid[mbid]
                continue
            same_name = by_name.get(name, [])
            if mbid is None:
                if same_name:
                    found[key] = same_name[0].id
                continue
            nameless = next((row for row in same_name if row.musicbrainz_id is None and row.id not in settled), None)
            if nameless is not None:
                found[key] = nameless.id
                by_mbid[mbid] = nameless.id
                adopted.append({"artist": nameless.id, "mbid": mbid})
                same_name.remove(nameless)
        for taken in adopted:
            await tx.execute(update(Artist).where(Artist.id == taken["artist"]).values(musicbrainz_id=taken["mbid"]))
            tx.changed("artist", taken["artist"])

    async def _make_artists(
        self,
        tx: Transaction,
        fresh: dict[tuple[str, str | None], Credit],
        found: dict[tuple[str, str | None], int],
        now: datetime,
    ) -> None:
        makers: dict[tuple[str, str | None], Credit] = {}
        by_mbid: dict[str, tuple[str, str | None]] = {}
        by_name: dict[str, tuple[str, str | None]] = {}
        for key in sorted(fresh, key=lambda key: key[1] is None):
            name, mbid = key
            if (mbid is not None and mbid in by_mbid) or (mbid is None and name in by_name):
                continue  # another spelling of one that is made here, or the same name without its id
            makers[key] = fresh[key]
            by_name.setdefault(name, key)
            if mbid is not None:
                by_mbid[mbid] = key
        ids = await allocate(tx, Artist.__table__, len(makers))  # type: ignore[arg-type]
        rows = []
        for artist_id, (key, credit) in zip(ids, makers.items(), strict=True):
            found[key] = artist_id
            self._spellings.remember(artist_id, credit.name)
            tx.changed("artist", artist_id)
            order = sort_key(credit.sort or credit.name)
            rows.append((artist_id, credit.name, key[0], credit.sort, order, key[1], moment(now, tx.dialect)))
        columns = ("id", "name", "name_key", "sort_name", "sort_key", "musicbrainz_id", "added_at")
        await insert_rows(tx, Artist, columns, rows)
        for key in fresh:
            if key not in makers:
                found[key] = found[by_mbid[key[1]] if key[1] is not None else by_name[key[0]]]
        self.made.update((artist_id, credit.name) for artist_id, credit in zip(ids, makers.values(), strict=True))

    async def _names(self, tx: Transaction, ids: set[int]) -> dict[int, str]:
        names: dict[int, str] = {}
        missing: list[int] = []
        for artist_id in ids:
            name = self._spellings.recall(artist_id)
            if name is None:
                missing.append(artist_id)
            else:
                names[artist_id] = name
        for part in slices(missing):
            for row in await tx.execute(select(Artist.id, Artist.name).where(Artist.id.in_(part))):
                names[row.id] = row.name
                self._spellings.remember(row.id, row.name)
        return names

    async def genres(self, tx: Transaction, names: Iterable[str]) -> dict[str, int]:
        """The genre of each of `names`, made where it is new."""
        return await self._by_name(tx, Genre, "genre", self._genres, names)

    async def labels(self, tx: Transaction, names: Iterable[str]) -> dict[str, int]:
        """The label of each of `names`, made where it is new."""
        return await self._by_name(tx, Label, "label", self._labels, names)

    async def _by_name(
        self,
        tx: Transaction,
        model: type[Genre] | type[Label],
        kind: str,
        memory: Recent[str, int],
        names: Iterable[str],
    ) -> dict[str, int]:
        keys = {name: name_key(name) for name in dict.fromkeys(names)}
        ids: dict[str, int] = {}
        unknown: dict[str, str] = {}
        for name, key in keys.items():
            known = memory.recall(key)
            if known is None:
                unknown.setdefault(key, name)
            else:
                ids[key] = known
        for part in slices(list(unknown)):
            for row in await tx.execute(select(model.id, model.name_key).where(model.name_key.in_(part))):
                ids[row.name_key] = row.id
        if self._decided != 0:
            ids |= await decided.others(tx, kind, [key for key in unknown if key not in ids])
        fresh = {key: name for key, name in unknown.items() if key not in ids}
        if fresh:
            numbers = await allocate(tx, model.__table__, len(fresh))  # type: ignore[arg-type]
            rows = []
            for number, (key, name) in zip(numbers, fresh.items(), strict=True):
                ids[key] = number
                tx.changed(kind, number)
                rows.append((number, name, key, sort_key(name)))
            await insert_rows(tx, model, ("id", "name", "name_key", "sort_key"), rows)
            found_by = [search.SearchRow(number, name) for number, name, *_ in rows]
            await search.index_rows(tx, "genre" if model is Genre else "label", found_by)
            if model is Genre:
                await place_new(tx, {number: name for number, name, *_ in rows})
        for key in unknown:
            memory.remember(key, ids[key])
        return {name: ids[key] for name, key in keys.items()}


class ArtistIds:
    """Who is meant by a credit."""

    def __init__(self, ids: dict[tuple[str, str | None], int], names: dict[int, str]) -> None:
        self._ids = ids
        self._names = names

    def of(self, credit: Credit) -> int:
        return self._ids[(name_key(credit.name), credit.mbid)]

    def row(self, credit: Credit, position: int) -> dict[str, Any]:
        """The columns of a credit, without what it is a credit on."""
        artist_id = self.of(credit)
        written = credit.credited_as or credit.name
        differs = written != self._names.get(artist_id)
        return {
            "position": position,
            "artist_id": artist_id,
            "role": credit.role,
            "instrument": credit.instrument,
            "credited_as": written if differs else None,
            "credited_key": search.title_key(written) if differs else None,
            "join_phrase": credit.join_phrase,
        }


def slices(values: Sequence[Any], size: int = MOST_PARAMETERS) -> Iterable[Sequence[Any]]:
    """`values` in parts of at most `size`."""
    for start in range(0, len(values), size):
        yield values[start : start + size]
