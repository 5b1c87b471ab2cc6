"""What statistics look like over REST."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any, Literal

from pydantic import BaseModel, Field

from segue.core.clock import rfc3339
from segue.core.ids import format_id, format_id_or_none
from segue.listening.plays import PlayRow
from segue.listening.statistics.charts import Bar, Streak
from segue.listening.statistics.naming import Thing
from segue.listening.statistics.ranges import Range
from segue.listening.statistics.service import Discovery, Placed, ThingHistory, Totals, YearInMusic
from segue.metadata.links.schemas import MentionItem

_OTHERWISE = ("id", "track_id", "played_at", "catalog")
"""Members of a play's item that are not the play's own."""
_PREFIXES = {"track": "tr", "album": "al", "artist": "ar", "genre": "ge"}


class RangeItem(BaseModel):
    """The days of an answer, by your own clock; both null for everything."""

    period: str
    first: date | None
    last: date | None

    @classmethod
    def of(cls, stretch: Range) -> RangeItem:
        return cls(period=stretch.period.value, first=stretch.first, last=stretch.last)


class ThingItem(BaseModel):
    """Something that was played."""

    id: str | None = Field(description="Null for a decade, and for what is in no library that you may see.")
    kind: str
    title: str = Field(description="The name of an artist or genre; `1970s` for a decade.")
    artist: str
    album: str

    @classmethod
    def of(cls, thing: Thing) -> ThingItem:
        prefix = _PREFIXES.get(thing.kind)
        typed = format_id(prefix, thing.number) if prefix and thing.is_here and thing.number > 0 else None
        return cls(id=typed, kind=thing.kind, title=thing.title, artist=thing.artist, album=thing.album)


class PlacedItem(ThingItem):
    """One line of a top list."""

    place: int
    plays: int
    heard_ms: int
    plays_before: int | None = Field(None, description="In the stretch before; null where that was not asked for.")

    @classmethod
    def at(cls, placed: Placed) -> PlacedItem:
        return cls(
            **ThingItem.of(placed.thing).model_dump(),
            place=placed.place,
            plays=placed.plays,
            heard_ms=placed.heard_ms,
            plays_before=placed.plays_before,
        )


class TopPage(BaseModel):
    range: RangeItem
    before: RangeItem | None = Field(description="The stretch that `plays_before` is about; null for everything.")
    items: list[PlacedItem]
    next: str | None = None


class TotalsItem(BaseModel):
    """What a stretch adds up to."""

    plays: int
    heard_ms: int
    days: int = Field(description="Days with at least one play.")
    tracks: int = Field(description="Different tracks.")
    albums: int
    artists: int
    new_tracks: int = Field(description="Tracks heard for the first time.")
    new_albums: int
    new_artists: int

    @classmethod
    def of(cls, totals: Totals) -> TotalsItem:
        return cls(**{name: getattr(totals, name) for name in cls.model_fields})


class TotalsAnswer(BaseModel):
    range: RangeItem
    totals: TotalsItem
    before_range: RangeItem | None
    before: TotalsItem | None = Field(description="The same for the stretch before; null for everything.")


class BarItem(BaseModel):
    """What was played in one bucket."""

    at: str = Field(description="Its first day, or its first hour (`2026-03-29T14:00`), by your own clock.")
    plays: int
    heard_ms: int

    @classmethod
    def of(cls, bar: Bar, *, hours: bool = False) -> BarItem:
        at = bar.at.isoformat(timespec="minutes") if hours else bar.at.date().isoformat()
        return cls(at=at, plays=bar.plays, heard_ms=bar.heard_ms)


class BarsAnswer(BaseModel):
    range: RangeItem
    bucket: str
    items: list[BarItem] = Field(description="Every bucket in order, also those without a play.")


class ClockAnswer(BaseModel):
    range: RangeItem
    plays: list[list[int]] = Field(description="Seven rows from Monday, each of 24 hours.")
    heard_ms: list[list[int]]


class StreakItem(BaseModel):
    """Days in a row with at least one play."""

    days: int
    first: date
    last: date

    @classmethod
    def of(cls, streak: Streak | None) -> StreakItem | None:
        return None if streak is None else cls(days=streak.days, first=streak.first, last=streak.last)


class StreaksAnswer(BaseModel):
    current: StreakItem | None = Field(description="It reaches to today or to yesterday; null where it is broken.")
    longest: StreakItem | None


class DiscoveryItem(ThingItem):
    """Something you heard for the first time."""

    first_played_at: str
    plays: int = Field(description="How often you have played it since.")

    @classmethod
    def at(cls, found: Discovery) -> DiscoveryItem:
        return cls(
            **ThingItem.of(found.thing).model_dump(),
            first_played_at=rfc3339(found.first_played_at) or "",
            plays=found.plays,
        )


class DiscoveryPage(BaseModel):
    range: RangeItem
    items: list[DiscoveryItem]
    next: str | None = None
    total: int


class YearItem(BaseModel):
    year: int
    plays: int
    heard_ms: int


class YearsAnswer(BaseModel):
    items: list[YearItem]


class PlayItem(BaseModel):
    """One play, with what things were called then."""

    id: str
    track_id: str | None = Field(description="Null: what was heard is in no library here, or not yet.")
    title: str
    artist: str
    album: str
    album_artist: str
    duration_ms: int | None
    duration_played_ms: int | None = Field(description="How long it was heard; null where nobody said.")
    played_at: str
    zone_offset_minutes: int = Field(description="Your offset from UTC then.")
    source: str = Field(description="Who told: web, rest, subsonic, listenbrainz, lastfm, import:…; may be empty.")
    client: str
    device: str
    external_ids: dict[str, Any]
    catalog: MentionItem | None = Field(None, description="What it is in the catalogue, where it is not here.")

    @classmethod
    def of(cls, play: PlayRow, mention: Any | None = None) -> PlayItem:
        return cls(
            id=format_id("py", play.id),
            track_id=format_id_or_none("tr", play.track_id),
            played_at=rfc3339(play.played_at) or "",
            **{name: getattr(play, name) for name in cls.model_fields if name not in _OTHERWISE},
            catalog=MentionItem.of(mention),
        )


class YearAnswer(BaseModel):
    """A year in music."""

    year: int
    totals: TotalsItem
    before: TotalsItem = Field(description="The same for the year before.")
    months: list[BarItem]
    days: list[BarItem]
    clock: list[list[int]] = Field(description="Plays by weekday from Monday, and hour.")
    artists: list[PlacedItem]
    albums: list[PlacedItem]
    tracks: list[PlacedItem]
    genres: list[PlacedItem]
    decades: list[PlacedItem]
    new_artists: list[PlacedItem] = Field(description="Artists heard for the first time, the most played first.")
    new_share: float | None = Field(description="What part of the plays were of artists that were new; 0 to 1.")
    first_play: PlayItem | None
    last_play: PlayItem | None
    longest_streak: StreakItem | None
    busiest_day: BarItem | None

    @classmethod
    def of(cls, found: YearInMusic) -> YearAnswer:
        kinds = ("artists", "albums", "tracks", "genres", "decades", "new_artists")
        return cls(
            year=found.year,
            totals=TotalsItem.of(found.totals),
            before=TotalsItem.of(found.before),
            months=[BarItem.of(bar) for bar in found.months],
            days=[BarItem.of(bar) for bar in found.days],
            clock=[[plays for plays, _ in day] for day in found.clock],
            **{kind: [PlacedItem.at(placed) for placed in getattr(found, kind)] for kind in kinds},  # type: ignore[arg-type]
            new_share=found.new_share,
            first_play=PlayItem.of(found.first_play) if found.first_play else None,
            last_play=PlayItem.of(found.last_play) if found.last_play else None,
            longest_streak=StreakItem.of(found.longest_streak),
            busiest_day=BarItem.of(found.busiest_day) if found.busiest_day else None,
        )


class ThingAnswer(BaseModel):
    """What you did with one thing over the years."""

    thing: ThingItem
    plays: int
    plays_elsewhere: int = Field(description="Of these, plays that another program had counted without saying when.")
    heard_ms: int
    first_played_at: datetime | None
    last_played_at: datetime | None
    months: list[BarItem] = Field(description="Months with plays, in order.")

    @classmethod
    def of(cls, found: ThingHistory) -> ThingAnswer:
        return cls(
            thing=ThingItem.of(found.thing),
            plays=found.plays,
            plays_elsewhere=found.plays_elsewhere,
            heard_ms=found.heard_ms,
            first_played_at=found.first_played_at,
            last_played_at=found.last_played_at,
            months=[BarItem(at=at.isoformat(), plays=plays, heard_ms=heard) for at, plays, heard in found.months],
        )


By = Literal["plays", "time"]
TopKind = Literal["tracks", "albums", "artists", "genres", "decades"]
NewKind = Literal["tracks", "albums", "artists"]
