"""What listening looks like over REST."""

from __future__ import annotations

from typing import Literal

from pydantic import AwareDatetime, BaseModel, Field

from segue.core.clock import rfc3339, utc_now
from segue.core.ids import format_id
from segue.core.rest import Body
from segue.listening.own_tags import OwnTagView
from segue.listening.players import Playing
from segue.listening.queues import Queue, QueueSummary
from segue.listening.searches import SearchView
from segue.listening.service import BookmarkView, ChangeView
from segue.listening.statistics.schemas import PlayItem

Name = Field("", max_length=200)


class RatingBody(Body):
    rating: int = Field(ge=0, le=5, description="1 to 5; 0 takes the rating away.")


class PlayBody(Body):
    track: str = Field(examples=["tr-81"])
    played_at: AwareDatetime | None = Field(None, description="When the play began; now where it is left out.")
    submission: bool | None = Field(
        True,
        description="True counts a play; false only says what is on right now; null counts it where `duration_played_ms` is "
        "enough by the rule of GET /api/v1/listening/counting.",
    )
    source: Literal["web", "rest"] = Field("rest", description="Where it is told from.")
    client: str = Field("", max_length=200, description="The program, as it calls itself.")
    device: str = Field("", max_length=200, description="The device; the program where it is left out.")
    duration_played_ms: int | None = Field(None, ge=0, le=2**31 - 1, description="How long it was heard.")
    position_ms: int = Field(0, ge=0, le=2**31 - 1, description="The place in the track, for what is on right now.")
    paused: bool = Field(False, description="It stands still, for what is on right now.")


class PlayAnswer(BaseModel):
    counted: bool = Field(description="False where it was a play already, or not enough of one.")


class CountingAnswer(BaseModel):
    """When a play counts, for players that count by themselves."""

    longer_than_ms: int = Field(description="A track must be longer than this.")
    share: float = Field(description="This part of it must be heard …")
    enough_ms: int = Field(description="… or this long, whichever comes first.")
    folded_within_s: int = Field(description="Reports of one track by one device this close together are one play.")


class PlayPage(BaseModel):
    items: list[PlayItem] = Field(description="May be fewer than asked for, even none, where there is a `next`.")
    next: str | None = None


class SourceItem(BaseModel):
    """Where plays came from."""

    source: str
    client: str
    device: str


class SourcesAnswer(BaseModel):
    items: list[SourceItem]


class PlaysBody(Body):
    plays: list[str] = Field(min_length=1, max_length=1000, examples=[["py-7", "py-8"]])


class PlayEditBody(Body):
    track: str | None = Field(description="What it was in truth; null for something that is in no library here.")


class PlayChangesAnswer(BaseModel):
    changes: list[str] = Field(description="What to take back with POST /api/v1/plays/changes/{id}/undo.")


class ChangeItem(BaseModel):
    """A play that was taken away, or given another track."""

    id: str
    op: Literal["delete", "edit"]
    before: PlayItem = Field(description="How it was.")
    changed_at: str
    undone_at: str | None

    @classmethod
    def of(cls, change: ChangeView) -> ChangeItem:
        return cls(
            id=format_id("pc", change.id),
            op=change.op,  # type: ignore[arg-type]
            before=PlayItem.of(change.before),
            changed_at=rfc3339(change.changed_at) or "",
            undone_at=rfc3339(change.undone_at),
        )


class ChangePage(BaseModel):
    items: list[ChangeItem]
    next: str | None = None


class NowPlayingItem(BaseModel):
    """A player that is playing."""

    user: str
    is_you: bool
    client: str
    device: str
    track: str
    title: str
    artist: str
    album: str
    position_ms: int = Field(description="Where in the track it should be by now.")
    paused: bool
    started_at: str

    @classmethod
    def of(cls, playing: Playing, person: int) -> NowPlayingItem:
        return cls(
            user=format_id("us", playing.user_id),
            is_you=playing.user_id == person,
            client=playing.client,
            device=playing.device,
            track=format_id("tr", playing.track_id),
            title=playing.title,
            artist=playing.artist,
            album=playing.album,
            position_ms=playing.position_at(utc_now()),
            paused=playing.paused,
            started_at=rfc3339(playing.started_at) or "",
        )


class NowPlayingAnswer(BaseModel):
    items: list[NowPlayingItem]


class BookmarkBody(Body):
    position_ms: int = Field(ge=0, le=2**53)
    comment: str = Field("", max_length=2000)


class BookmarkItem(BaseModel):
    """A place in a track."""

    track: str
    position_ms: int
    comment: str
    created_at: str
    changed_at: str

    @classmethod
    def of(cls, mark: BookmarkView) -> BookmarkItem:
        return cls(
            track=format_id("tr", mark.track_id),
            position_ms=mark.position_ms,
            comment=mark.comment,
            created_at=rfc3339(mark.created_at) or "",
            changed_at=rfc3339(mark.changed_at) or "",
        )


class BookmarksAnswer(BaseModel):
    items: list[BookmarkItem]


class PlayQueueBody(Body):
    tracks: list[str] = Field(max_length=10_000, examples=[["tr-81", "tr-82"]])
    current_index: int | None = Field(None, ge=0, le=2**31 - 1)
    position_ms: int = Field(0, ge=0, le=2**53)
    client: str = Name


class PlayQueueAnswer(BaseModel):
    tracks: list[str]
    current_index: int | None
    position_ms: int
    changed_at: str | None
    changed_by: str | None
    device: str = Field("", description="Whose queue it is; empty for the one that all your players share.")

    @classmethod
    def of(cls, queue: Queue | None) -> PlayQueueAnswer:
        if queue is None:
            return cls(tracks=[], current_index=None, position_ms=0, changed_at=None, changed_by=None, device="")
        return cls(
            tracks=[format_id("tr", track_id) for track_id in queue.track_ids],
            current_index=queue.current,
            position_ms=queue.position_ms,
            changed_at=rfc3339(queue.changed_at),
            changed_by=queue.changed_by,
            device=queue.device,
        )


class QueueItem(BaseModel):
    """One of your queues."""

    device: str
    before: bool = Field(description="The one that the device's present queue took the place of.")
    tracks: int
    current_track: str | None
    position_ms: int
    changed_at: str
    changed_by: str

    @classmethod
    def of(cls, queue: QueueSummary) -> QueueItem:
        return cls(
            device=queue.device,
            before=queue.before,
            tracks=queue.tracks,
            current_track=format_id("tr", queue.current_track) if queue.current_track is not None else None,
            position_ms=queue.position_ms,
            changed_at=rfc3339(queue.changed_at) or "",
            changed_by=queue.changed_by,
        )


class QueuesAnswer(BaseModel):
    items: list[QueueItem]


class QueueRestoreBody(Body):
    device: str = Field("", max_length=200, description="Whose; empty for the shared one.")
    client: str = Name


class QueueTakeOverBody(QueueRestoreBody):
    of: str = Field(max_length=200, description="The device to go on from; empty for the shared queue.")


class TaggingBody(Body):
    names: list[str] = Field(min_length=1, max_length=100, examples=[["for the car"]])
    things: list[str] = Field(min_length=1, max_length=1000, examples=[["tr-81", "al-12"]])


class TagNameBody(Body):
    name: str = Field(max_length=1000)


class TagMergeBody(Body):
    into: str = Field(examples=["ot-3"])


class OwnTagItem(BaseModel):
    """A tag of your own, and how much bears it."""

    id: str
    name: str
    tracks: int
    albums: int
    artists: int

    @classmethod
    def of(cls, tag: OwnTagView) -> OwnTagItem:
        return cls(
            id=format_id("ot", tag.id),
            name=tag.name,
            tracks=tag.counts.get("track", 0),
            albums=tag.counts.get("album", 0),
            artists=tag.counts.get("artist", 0),
        )


class OwnTagsAnswer(BaseModel):
    items: list[OwnTagItem]


class WornTagItem(BaseModel):
    """A tag that something bears."""

    id: str
    name: str


class WornTagsAnswer(BaseModel):
    items: list[WornTagItem]


class SearchBody(Body):
    box: str = Field(
        min_length=1, max_length=50, description="Which search box: `all`, `tracks`, `add` …", examples=["all"]
    )
    query: str = Field(max_length=10_000)
    results: int | None = Field(None, ge=0, le=2**31 - 1, description="How many results there were.")


class SearchKeptAnswer(BaseModel):
    kept: bool = Field(description="False where you keep no searches, or there were no words.")


class SearchItem(BaseModel):
    """Something you searched for."""

    id: str
    box: str
    query: str
    results: int | None
    times: int = Field(description="How often you searched for it in this box.")
    searched_at: str

    @classmethod
    def of(cls, search: SearchView) -> SearchItem:
        return cls(
            id=format_id("sh", search.id),
            box=search.box,
            query=search.query,
            results=search.results,
            times=search.times,
            searched_at=rfc3339(search.searched_at) or "",
        )


class SearchPage(BaseModel):
    items: list[SearchItem]
    next: str | None = None
    kept: bool = Field(description="Whether your searches are kept.")


class SearchChoiceBody(Body):
    keep: bool = Field(description="Keep what you search for. False forgets what is there, too.")


class ForgottenAnswer(BaseModel):
    forgotten: int
