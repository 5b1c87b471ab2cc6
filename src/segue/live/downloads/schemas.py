"""What downloads look like over REST."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Literal

from pydantic import BaseModel, Field, model_validator

from segue.core.ids import format_id, format_id_or_none
from segue.core.rest import Body
from segue.live.downloads import states
from segue.live.downloads.errors import SENTENCES

State = Literal["queued", "resolving", "downloading", "verifying", "done", "failed", "paused", "cancelled", "blocked"]
FileState = Literal["queued", "downloading", "verifying", "done", "here", "failed", "cancelled"]


class TroubleItem(BaseModel):
    """Why something did not come."""

    code: str = Field(examples=["wrong_checksum"])
    message: str
    params: dict[str, Any]
    retryable: bool = Field(description="Whether trying again may help.")

    @staticmethod
    def of(kept: Mapping[str, Any] | None) -> TroubleItem | None:
        if kept is None:
            return None
        code = str(kept["code"])
        return TroubleItem(
            code=code,
            message=SENTENCES.get(code, str(kept.get("message", code))),
            params=kept.get("params") or {},
            retryable=bool(kept.get("retryable", True)),
        )


class WaitItem(BaseModel):
    """What a download waits for: the archive, room on the disk."""

    code: str = Field(examples=["no_space"])
    message: str
    params: dict[str, Any]
    until: str | None = Field(description="When it looks again.")


class DownloadDoubtItem(BaseModel):
    """Something of a file that does not fit, though it is what the archive says."""

    code: Literal["checksum_differs", "fingerprint_differs"] | str
    params: dict[str, Any]


class DownloadItem(BaseModel):
    """A download as lists show it."""

    id: str = Field(examples=["dl-5"])
    user: str | None = Field(description="Whose it is; null for Segue itself.", examples=["us-2"])
    rule: str | None = Field(description="The rule that wanted it; null where a person did.", examples=["lr-1"])
    archive_identifier: str = Field(examples=["gd1977-05-08.shure57.stevenson.29303.flac16"])
    recording: str | None = Field(description="The recording, where it is known here.", examples=["rec-81"])
    title: str
    artist: str
    date: str
    venue: str
    status: State
    format: str = Field(description="The format that was chosen; empty until it is planned.", examples=["Flac"])
    formats: list[str] | None = Field(description="The order that was asked for; null for that of the house.")
    filenames: list[str] | None = Field(description="The files that were asked for; null for the whole recording.")
    target: str | None = Field(description="The library that was asked for.", examples=["li-3"])
    library: str | None = Field(description="The library that it is in or goes into.", examples=["li-4"])
    path: str | None = Field(description="The folder it lies in, on the server.")
    progress: float | None = Field(description="The share of its bytes that is here, 0 to 1; null until it is planned.")
    done_bytes: int
    size_bytes: int | None = Field(description="Bytes of all its files as the archive claims them.")
    file_count: int
    done_count: int
    verified: Literal["", "whole", "partly"] = Field(
        description="Once it is done: whole, every file by its checksum; partly, some only by size."
    )
    error: TroubleItem | None
    waiting: WaitItem | None
    in_library: bool = Field(description="Whether its tracks are in the library by now.")
    removed: bool = Field(description="Whether its files were taken away again.")
    created_at: datetime
    started_at: datetime | None
    ended_at: datetime | None
    removed_at: datetime | None

    @staticmethod
    def of(row: Any) -> DownloadItem:
        path = None if row.root is None else os.fsdecode(bytes(row.root) + b"/" + bytes(row.folder))
        share = min(1.0, row.done_bytes / row.size_bytes) if row.size_bytes else None
        return DownloadItem(
            id=format_id("dl", row.id),
            user=format_id_or_none("us", row.user_id or None),
            rule=format_id_or_none("lr", row.rule_id),
            archive_identifier=row.identifier,
            recording=format_id_or_none("rec", row.recording_id),
            title=row.title,
            artist=row.artist,
            date=row.date,
            venue=row.venue,
            status=row.state,
            format=row.format,
            formats=row.formats,
            filenames=row.wanted,
            target=row.target,
            library=format_id_or_none("li", row.library_id),
            path=_shown(path),
            progress=1.0 if row.state == states.DONE and row.removed_at is None else share,
            done_bytes=row.done_bytes,
            size_bytes=row.size_bytes,
            file_count=row.file_count,
            done_count=row.done_count,
            verified=row.verified,
            error=TroubleItem.of(row.error),
            waiting=_wait(row.waiting),
            in_library=row.entered_at is not None,
            removed=row.removed_at is not None,
            created_at=row.created_at,
            started_at=row.started_at,
            ended_at=row.ended_at,
            removed_at=row.removed_at,
        )


class DownloadFileItem(BaseModel):
    """One file of a download."""

    id: str = Field(examples=["df-81"])
    name: str = Field(description="Its name at the archive.")
    path: str = Field(description="Where it is or will be, below the folder of downloads.")
    kind: Literal["audio", "text", "checksums", "fingerprints", "other"]
    format: str
    number: int | None = Field(description="The track that it holds.")
    title: str
    status: FileState = Field(description="`here`: it was on this server already, and nothing was fetched.")
    progress: float | None
    done_bytes: int
    size_bytes: int | None
    md5: str = Field(description="As the archive claims it; empty where it does not.")
    verified: Literal["", "md5", "sha1", "audio", "size", "unverified"] = Field(
        description="By what it was verified: audio by its FLAC fingerprint alone (a copy that was here); unverified: a "
        "derivative that the archive changed meanwhile."
    )
    doubts: list[DownloadDoubtItem]
    error: TroubleItem | None = Field(description="Why it failed, or what the last try came to.")
    track: str | None = Field(description="The library's track.", examples=["tr-81"])
    started_at: datetime | None
    ended_at: datetime | None

    @staticmethod
    def of(row: Any) -> DownloadFileItem:
        there = row.state in states.FILE_THERE
        return DownloadFileItem(
            id=format_id("df", row.id),
            name=row.name,
            path=_shown(os.fsdecode(bytes(row.path))) or "",
            kind=row.kind,
            format=row.format,
            number=row.track,
            title=row.title,
            status=row.state,
            progress=1.0 if there else min(1.0, row.done_bytes / row.size) if row.size else None,
            done_bytes=row.done_bytes,
            size_bytes=row.size,
            md5=row.md5,
            verified=row.verified,
            doubts=[DownloadDoubtItem(code=code, params=params) for code, params in row.doubts or ()],
            error=TroubleItem.of(row.error),
            track=format_id_or_none("tr", row.track_id),
            started_at=row.started_at,
            ended_at=row.ended_at,
        )


class DownloadDetails(DownloadItem):
    """A download with its files."""

    files: list[DownloadFileItem]

    @staticmethod
    def with_files(row: Any, files: Sequence[Any]) -> DownloadDetails:
        said = DownloadItem.of(row).model_dump()
        return DownloadDetails(**said, files=[DownloadFileItem.of(file) for file in files])


class WantedItem(Body):
    """One recording that is wanted: by its id here, or by its identifier at the archive."""

    recording: str | None = Field(None, description="A recording of a concert.", examples=["rec-81"])
    archive_identifier: str | None = Field(None, description="An item of the archive.", max_length=300)
    filename: str | None = Field(None, description="Only this file of it.", max_length=1000)
    filenames: list[str] | None = Field(None, description="Only these files of it.", max_length=1000)

    @model_validator(mode="after")
    def _one_of_both(self) -> WantedItem:
        if (self.recording is None) == (self.archive_identifier is None):
            raise ValueError("give either recording or archive_identifier")
        return self

    @property
    def files(self) -> list[str] | None:
        """The names that are wanted; None for the whole recording."""
        names = [*(self.filenames or ()), *([self.filename] if self.filename else ())]
        return names or None


class DownloadBody(WantedItem):
    """One recording, or several as `items`, which share formats and target."""

    items: list[WantedItem] | None = Field(None, description="Several recordings at once.", max_length=500)
    formats: list[str] | None = Field(
        None, description="Formats in the order in which they are preferred; null for that of the house.", max_length=20,
        examples=[["Flac", "VBR MP3"]],
    )  # fmt: skip
    target: str | None = Field(None, description="The library it goes into.", examples=["li-3"])

    @model_validator(mode="after")
    def _one_of_both(self) -> DownloadBody:
        named = (self.recording is not None) + (self.archive_identifier is not None)
        if self.items is not None and named:
            raise ValueError("give one recording, or items")
        if self.items is None and named != 1:
            raise ValueError("give either recording or archive_identifier, or items")
        return self


class RefusedItem(BaseModel):
    """A recording that cannot be downloaded, and why."""

    recording: str | None
    archive_identifier: str | None
    code: str = Field(examples=["download_stream_only"])
    message: str


class WantedAnswer(BaseModel):
    """What came of asking: a download for each recording, in order, without those that were refused."""

    items: list[DownloadItem]
    created: int = Field(description="How many of them are new.")
    refused: list[RefusedItem]


class DownloadChange(Body):
    """What is to become of a download."""

    paused: bool | None = Field(None, description="Hold it back, or let it go on.")
    position: int | None = Field(None, ge=0, le=100_000, description="Its place in its person's queue, from 0.")


class QuotaItem(BaseModel):
    """Room for one's own downloads."""

    used_bytes: int
    limit_bytes: int | None = Field(description="Null: no limit.")
    free_bytes: int | None = Field(
        description="What the disk has beyond what stays free; null where the folder cannot be used."
    )
    reserved_bytes: int = Field(description="What downloads under way, of everybody, will still take.")


class DownloadSettingsItem(BaseModel):
    """What holds for downloads in this house; administrators change it among the settings, as `live.downloads.*`."""

    formats: list[str]
    template: str
    parallel: int
    kib_s: int
    quiet_hours: str
    free_gb: float
    library: str | None
    quota: QuotaItem
    files: dict[str, int] = Field(
        description="Downloaded files by how they were found: good, unverified, damaged, missing."
    )


class VerifyBody(Body):
    """How closely to look."""

    deep: bool = Field(False, description="Read every byte again, also where size and time are as they were.")
    repair: bool = Field(True, description="Fetch what is damaged again.")


class VerifyAnswer(BaseModel):
    """The job that looks."""

    job: str = Field(examples=["jo-7"])


def _wait(kept: Mapping[str, Any] | None) -> WaitItem | None:
    if kept is None:
        return None
    code = str(kept["code"])
    return WaitItem(
        code=code, message=SENTENCES.get(code, code), params=kept.get("params") or {}, until=kept.get("until")
    )


def _shown(path: str | None) -> str | None:
    """A path as text, with U+FFFD for bytes that are none."""
    return None if path is None else path.encode("utf-8", "surrogateescape").decode("utf-8", "replace")
