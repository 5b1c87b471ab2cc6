"""What crosses the REST API of imports."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Literal, Self

from pydantic import BaseModel, Field

from segue.core.ids import format_id, format_id_or_none
from segue.core.rest import Body
from segue.listening.imports import problems
from segue.listening.imports.views import ImportView, ThingView
from segue.match.verdict import sentence as match_sentence

Source = Literal["", "listenbrainz", "lastfm", "spotify", "apple", "itunes", "navidrome", "jellyfin", "airsonic"]
State = Literal["reading", "ready", "running", "stopped", "done", "failed", "undoing", "undone"]


class ImportAccountBody(Body):
    account: str = Field(min_length=1, max_length=100, description="The name of the account at Last.fm.")
    user: str | None = Field(None, description="Whose history it is here; one's own where it is left out.")


class ImportStartBody(Body):
    people: dict[str, str] | None = Field(
        None,
        description="Who of the upload's people is who here, by name; those left out are not brought in. Without it, an "
        "upload of one person is its owner's.",
        examples=[{"ann": "us-2"}],
    )


class ImportReasonItem(BaseModel):
    code: str
    params: dict[str, Any]
    weight: float = Field(description="1 speaks for, -1 against.")
    sentence: str


class ImportPersonItem(BaseModel):
    """What the upload has of one of its people. The name is empty where it names nobody, and `*` for counts of a whole
    server."""

    name: str
    listens: int
    stars: int
    ratings: int
    plays_without_time: int = Field(description="Plays that are only counted.")
    bookmarks: int
    playlists: int


class ImportCountItem(BaseModel):
    code: str
    count: int
    sentence: str


class ImportListensItem(BaseModel):
    total: int
    matched: int = Field(description="Those whose track is in a library here.")
    unmatched: int = Field(description="Kept by their words, until the music arrives.")
    too_short: int = Field(description="Heard too short to count as a play; these are left out.")


class ImportThingsItem(BaseModel):
    total: int
    matched: int
    unsure: int = Field(description="Something comes near, but a person should look; kept like unmatched ones.")
    unmatched: int


class ImportSampleItem(BaseModel):
    kind: Literal["track", "album", "artist"]
    title: str
    artist: str
    album: str
    times: int = Field(description="Listens in the upload.")
    track: str | None
    score: float | None
    reasons: list[ImportReasonItem]


class ImportPreviewItem(BaseModel):
    listens: ImportListensItem
    things: ImportThingsItem
    matched_share: float | None = Field(description="Of the listens that count, 0 to 1; null where there are none.")
    first_at: datetime | None
    last_at: datetime | None
    years: dict[str, int] = Field(description="Listens that count, by year (UTC).")
    plays_there: int = Field(
        description="Plays that are there already in this time; the same ones are not added again."
    )
    people: list[ImportPersonItem]
    stars_and_ratings: int
    bookmarks: int
    playlists: int
    problems: list[ImportCountItem] = Field(description="Rows that could not be taken, by why.")
    passed: list[ImportCountItem] = Field(description="Rows that are rightly not taken.")
    matched: list[ImportSampleItem] = Field(description="Those heard most of what was found.")
    unmatched: list[ImportSampleItem] = Field(description="Those heard most of what was not.")


class ImportResultItem(BaseModel):
    added: int = Field(description="New plays.")
    folded: int = Field(description="Plays that were there already.")
    refused: int = Field(description="Plays that you once took away; they stay away.")
    unmatched: int = Field(description="Of the new plays, those kept by their words alone.")
    too_short: int
    of_others: int = Field(description="Listens of people who were not chosen.")
    marks: int = Field(description="Stars, ratings and counts that are different now.")
    marks_unmatched: int
    bookmarks: int
    playlists: int


class ImportProgress(BaseModel):
    phase: str | None
    done: int | None
    total: int | None
    unit: str | None
    rate: float | None
    eta_s: float | None


class ImportItem(BaseModel):
    """An import. First it is `reading`, then `ready` to be looked at; `start` makes it `running` and `done`. `stopped` can go
    on or be taken back."""

    id: str = Field(examples=["im-1"])
    user: str
    made_by: str | None
    source: Source
    state: State
    name: str
    size_bytes: int
    account: str | None
    has_upload: bool = Field(description="Whether the upload is still stored, a month after the last use.")
    people: dict[str, str] = Field(description="Who was chosen for whom.")
    preview: ImportPreviewItem | None
    result: ImportResultItem | None
    error: ImportCountItem | None = Field(description="Why it failed or stopped; its count means nothing.")
    job: str | None
    progress: ImportProgress | None
    created_at: datetime
    finished_at: datetime | None
    undone_at: datetime | None

    @classmethod
    def of(cls, view: ImportView) -> Self:
        given = view.result
        return cls(
            id=format_id("im", view.id),
            user=format_id("us", view.user_id),
            made_by=format_id_or_none("us", view.made_by),
            source=view.source,  # type: ignore[arg-type]
            state=view.state,  # type: ignore[arg-type]
            name=view.name,
            size_bytes=view.size_bytes,
            account=view.account,
            has_upload=view.has_upload,
            people={name: format_id("us", user) for name, user in view.people.items()},
            preview=_preview(view.preview) if view.preview else None,
            result=ImportResultItem(**{name: given.get(name, 0) for name in ImportResultItem.model_fields})
            if given
            else None,
            error=_counted(view.code, 0, view.params) if view.code else None,
            job=format_id_or_none("jo", view.job),
            progress=ImportProgress(**{name: view.progress.get(name) for name in ImportProgress.model_fields})
            if view.progress
            else None,
            created_at=view.created_at,
            finished_at=view.finished_at,
            undone_at=view.undone_at,
        )


class ImportUnmatchedItem(BaseModel):
    """Something of the upload of which it is not sure what it is here; its plays are kept by these words."""

    number: int
    kind: Literal["track", "album", "artist"]
    title: str
    artist: str
    album: str
    path: str
    duration_ms: int | None
    external_ids: dict[str, Any]
    times: int
    first_at: datetime | None
    last_at: datetime | None
    nearest: str | None = Field(description="The track that comes nearest, where one does.")
    score: float | None
    reasons: list[ImportReasonItem]
    found_later: bool = Field(description="The music has arrived since: its plays belong to a track now.")

    @classmethod
    def of(cls, view: ThingView) -> Self:
        row = view.row
        return cls(
            **{name: getattr(row, name) for name in ("number", "kind", "title", "artist", "album", "path", "duration_ms",
                                                     "times", "first_at", "last_at", "score")},
            external_ids=row.external_ids or {},
            nearest=format_id_or_none("tr", row.track_id),
            reasons=_reasons(row.reasons),
            found_later=view.found_later,
        )  # fmt: skip


class ImportProblemItem(BaseModel):
    """A row that could not be taken."""

    number: int
    file: str = Field(description="The file in the archive; empty where it is none.")
    line: int | None
    code: str
    params: dict[str, Any]
    sentence: str

    @classmethod
    def of(cls, row: Any) -> Self:
        params = row.params or {}
        sentence = problems.sentence(row.code, params)
        return cls(number=row.number, file=row.member, line=row.line, code=row.code, params=params, sentence=sentence)


def _preview(said: dict[str, Any]) -> ImportPreviewItem:
    counts, listens = said["counts"], said["listens"]
    counting = listens["total"] - listens["too_short"]
    return ImportPreviewItem(
        listens=ImportListensItem(**listens),
        things=ImportThingsItem(**said["things"]),
        matched_share=round(listens["matched"] / counting, 4) if counting else None,
        first_at=said["first_at"],
        last_at=said["last_at"],
        years=said["years"],
        plays_there=said["plays_there"],
        people=[ImportPersonItem(**person) for person in said["people"]],
        stars_and_ratings=counts["opinions"],
        bookmarks=counts["bookmarks"],
        playlists=counts["playlists"],
        problems=[_counted(code, count, {}) for code, count in sorted(counts["problems"].items())],
        passed=[
            ImportCountItem(code=code, count=count, sentence=problems.PASSED.get(code, code))
            for code, count in sorted(counts["passed"].items())
        ],
        matched=[_sample(one) for one in said["matched"]],
        unmatched=[_sample(one) for one in said["unmatched"]],
    )


def _sample(one: dict[str, Any]) -> ImportSampleItem:
    return ImportSampleItem(
        **{**one, "track": format_id_or_none("tr", one["track"]), "reasons": _reasons(one["reasons"])}
    )


def _reasons(given: Any) -> list[ImportReasonItem]:
    return [
        ImportReasonItem(code=code, params=params, weight=weight, sentence=match_sentence(code, params))
        for code, params, weight in given or ()
    ]


def _counted(code: str, count: int, params: dict[str, Any]) -> ImportCountItem:
    return ImportCountItem(code=code, count=count, sentence=problems.sentence(code, params))
