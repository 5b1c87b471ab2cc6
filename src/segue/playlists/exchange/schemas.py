"""What bringing playlists in and out says over REST: the shapes that OpenAPI tells."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Literal

from pydantic import BaseModel, Field

from segue.core.ids import format_id, format_id_or_none, parse_id
from segue.core.remembered import Remembered
from segue.core.rest import Body
from segue.playlists.exchange.matching import AwaitingView
from segue.playlists.exchange.reasons import sentence
from segue.playlists.exchange.views import ImportChoices, ImportView, ListChoice, ListView
from segue.playlists.exchange.wanting import entry_of_json
from segue.playlists.schemas import MatchReasonItem, reasons_of


class ImportCountsItem(BaseModel):
    """How many rows were found how surely."""

    rows: int
    sure: int = Field(description="Their track is sure, or was chosen.")
    review: int = Field(description="Their track is likely, and somebody should look.")
    none: int = Field(description="There is nothing here that they may mean.")
    bad: int = Field(description="Of `none`, the rows that something is wrong with.")


class ImportListItem(BaseModel):
    """One list of a file."""

    number: int
    name: str
    comment: str
    kind: Literal["manual", "smart"]
    query: str | None = Field(description="What fills a smart list, in the query language.")
    folder: list[str] = Field(description="The folders it lay in, the outermost first.")
    counts: ImportCountsItem
    existing_id: str | None = Field(description="Your playlist that came from the same list before.")
    playlist_id: str | None = Field(description="What became of it.")

    @classmethod
    def of(cls, view: ListView) -> ImportListItem:
        return cls(
            number=view.number, name=view.name, comment=view.comment,
            kind="smart" if view.kind == "smart" else "manual", query=view.query, folder=list(view.folder),
            counts=ImportCountsItem(**view.counts), existing_id=format_id_or_none("pl", view.existing_id),
            playlist_id=format_id_or_none("pl", view.playlist_id),
        )  # fmt: skip


class PlaylistImportItem(BaseModel):
    """A file that was sent. `state` is reading, ready (to be looked at), applying, done or failed."""

    id: str
    file_name: str
    format: str | None
    size_bytes: int
    state: str
    job_id: str | None = Field(description="What reads it or makes its lists, where it is large.")
    doubts: list[MatchReasonItem] = Field(description="What is to be told of the file: rows left out, broken XML.")
    lists: list[ImportListItem]
    created_at: datetime
    finished_at: datetime | None

    @classmethod
    def of(cls, view: ImportView) -> PlaylistImportItem:
        return cls(
            id=format_id("pi", view.id), file_name=view.file_name, format=view.format, size_bytes=view.size_bytes,
            state=view.state, job_id=format_id_or_none("jo", view.job_id), doubts=reasons_of(view.doubts),
            lists=[ImportListItem.of(one) for one in view.lists], created_at=view.created_at,
            finished_at=view.finished_at,
        )  # fmt: skip


class PlaylistImportsAnswer(BaseModel):
    items: list[PlaylistImportItem]


class MeantItem(BaseModel):
    """A track that a row may mean."""

    track_id: str
    title: str
    artist: str
    album: str
    duration_ms: int | None
    score: float | None = Field(description="How sure, 0 to 1; null where somebody chose it.")

    @classmethod
    def of(cls, track: Remembered, score: float | None) -> MeantItem:
        return cls(
            track_id=format_id("tr", track.id), title=track.title, artist=track.artist, album=track.album,
            duration_ms=track.duration_ms, score=score,
        )  # fmt: skip


class ImportRowItem(BaseModel):
    """A row as it was read, and what it may mean."""

    place: int
    title: str
    artist: str
    album: str
    duration_ms: int | None
    location: str
    external_ids: dict[str, str]
    problem: MatchReasonItem | None = Field(description="What is wrong with the row.")
    state: str = Field(description="`sure`, `review`, `none`, `chosen` or `unlinked`.")
    method: str | None = Field(description="What decided: an id, isrc, path, text …")
    match: MeantItem | None
    others: list[MeantItem]
    reasons: list[MatchReasonItem]

    @classmethod
    def of(cls, row: Any, tracks: dict[int, Remembered]) -> ImportRowItem:
        entry = entry_of_json(row.entry)
        problem = None
        if entry.problem is not None:
            code, params = entry.problem
            problem = MatchReasonItem(code=code, params=dict(params), sentence=sentence(code, params))
        return cls(
            place=row.place, title=entry.shown, artist=entry.artist, album=entry.album, duration_ms=entry.duration_ms,
            location=entry.location, external_ids=dict(entry.external_ids), problem=problem, state=row.state,
            method=row.method, match=MeantItem.of(tracks[row.track_id], row.score) if row.track_id in tracks else None,
            others=[MeantItem.of(tracks[number], score) for number, score in row.others or () if number in tracks],
            reasons=reasons_of([one for one in row.reasons or () if problem is None or one[0] != problem.code]),
        )  # fmt: skip


class ImportRowsAnswer(BaseModel):
    items: list[ImportRowItem]
    next: str | None = None


class ChosenTrack(Body):
    """The track that is meant; null: none of those that are here."""

    track_id: str | None = Field(examples=["tr-81"])


class ListChoiceBody(Body):
    """What is to become of one list."""

    number: int = Field(ge=0)
    action: Literal["new", "update", "skip"] | None = Field(None, description="Left out: as `again` says.")
    name: str | None = Field(None, max_length=500, description="What a new list is to be called.")
    playlist_id: str | None = Field(None, description="The list that is brought up to date with it.")


class ApplyBody(Body):
    """What is to become of an import."""

    again: Literal["update", "new", "skip"] = Field(
        "update", description="What becomes of lists that came from the same file before."
    )
    take_unsure: bool = Field(False, description="Whether rows whose track is only likely are linked with it as well.")
    visibility: Literal["private", "shared", "public"] = "private"
    folders: bool = Field(True, description="Whether the folders that lists lay in are made here.")
    lists: list[ListChoiceBody] = Field(default_factory=list, max_length=5_000)

    def choices(self) -> ImportChoices:
        chosen = {
            one.number: ListChoice(one.action, one.name, parse_id(one.playlist_id, "pl") if one.playlist_id else None)
            for one in self.lists
        }
        return ImportChoices(self.again, self.take_unsure, self.visibility, self.folders, chosen)


class AwaitingItem(BaseModel):
    """A row without a track, and what it may mean now."""

    row_id: str
    title: str
    artist: str
    album: str
    duration_ms: int | None
    location: str | None
    external_ids: dict[str, Any]
    state: str | None
    sure: bool = Field(description="Whether `match` may be taken without looking.")
    method: str | None
    match: MeantItem | None
    others: list[MeantItem]
    reasons: list[MatchReasonItem]

    @classmethod
    def of(cls, view: AwaitingView) -> AwaitingItem:
        row, found = view.row, view.found
        problems = [one for one in row.match_reasons or () if found is None]
        return cls(
            row_id=format_id("pr", row.id), title=row.title, artist=row.artist, album=row.album,
            duration_ms=row.duration_ms, location=row.location, external_ids=dict(row.external_ids or {}),
            state=row.match_state, sure=bool(found and found.sure), method=found.method if found else None,
            match=MeantItem.of(view.track, found.score) if found and view.track else None,
            others=[MeantItem.of(track, score) for track, score in view.others],
            reasons=reasons_of([list(reason) for reason in found.reasons] if found else problems),
        )  # fmt: skip


class AwaitingAnswer(BaseModel):
    items: list[AwaitingItem]
    next: str | None = None
    total: int


class FoundAnswer(BaseModel):
    """How many rows found their track."""

    found: int


class PlaylistFileItem(BaseModel):
    """A playlist file among the music, and the list it became."""

    id: str
    library_id: str
    path: str = Field(description="Inside the library.")
    playlist_id: str | None
    state: str = Field(
        description="`in_step`; `new` or `changed` (about to be read); `conflict` (both the file and the list were changed); "
        "`dropped` (somebody deleted the list); `gone` (the file is); `refused` (it could not be read)."
    )
    doubts: list[MatchReasonItem]
    seen_at: datetime

    @classmethod
    def of(cls, row: Any) -> PlaylistFileItem:
        return cls(
            id=format_id("px", row.id), library_id=format_id("li", row.library_id), path=row.display_path,
            playlist_id=format_id_or_none("pl", row.playlist_id), state=row.state, doubts=reasons_of(row.doubts),
            seen_at=row.seen_at,
        )  # fmt: skip


class PlaylistFilesAnswer(BaseModel):
    items: list[PlaylistFileItem]


class SettleBody(Body):
    """Which side holds."""

    keep: Literal["file", "list"]
