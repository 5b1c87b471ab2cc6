"""What inspection says: the same shapes for REST and for the command line."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Literal

from pydantic import BaseModel, Field

from segue.library.schemas import GroupingItem, MeasuredItem, NamedItem, ReasonItem, TitledItem


class TagItem(BaseModel):
    """One tag of the file as it stands there, and what became of it."""

    kind: str = Field(description="The kind of tags: id3, vorbis, mp4, ape, asf, riff, aiff, id3v1, stream.")
    name: str
    values: list[str]
    field: str | None = Field(description="The field of the rules that it is; null where no rule knows the name.")
    heard: bool
    reason: ReasonItem


class TagName(BaseModel):
    kind: str
    name: str


class FieldItem(BaseModel):
    """One field of the track: what the rules made of the tags, from which of them, and how."""

    field: str
    value: Any
    tags: list[TagName]
    reasons: list[ReasonItem]


class EditItem(BaseModel):
    """A person's edit, which counts more than what the file says. `edited_by` is told to administrators."""

    of: str
    field: str
    value: Any
    edited_by: str | None
    edited_at: datetime


class IdentityItem(BaseModel):
    """By what the file is known again when it is moved or retagged. Keys are hexadecimal."""

    audio_key: str | None
    audio_key_kind: str | None
    exact_hash: str | None = Field(description="Of all bytes of the audio; null until a job has made it.")
    tag_hash: str | None
    musicbrainz_recording_id: str | None
    size_bytes: int
    modified_ns: int


class RulesItem(BaseModel):
    """Which rules made the track. `current` is false while a change of rules has not come to this file yet."""

    hash: str | None
    current: bool
    source: str
    truncated: bool = Field(description="Not all tags could be kept; a change of rules reads the file again.")


class InspectedTrack(BaseModel):
    """A track of the file. `album` says which, and by which rule it is one."""

    track: TitledItem
    album: TitledItem
    start_ms: int | None
    grouping: GroupingItem
    measured: MeasuredItem | None = Field(description="What analysis measured of it, where anybody listened.")
    shown_as_measured: list[Literal["bpm", "key", "replay_gain"]] = Field(
        description="What it shows as measured, since neither a tag nor a person says it (or measures come first)."
    )


class FileInspection(BaseModel):
    """What a file says, what became of each tag, and everything else that had a say. Without ids for a file that is in no
    library."""

    id: str | None
    path: str
    library: NamedItem | None
    format: str | None
    codec: str | None
    duration_ms: int | None
    missing_since: datetime | None
    problem: ReasonItem | None
    doubts: list[ReasonItem] = Field(description="What was cut, dropped or not believed.")
    tags: list[TagItem]
    fields: list[FieldItem]
    cue: str | None = Field(description="The CUE sheet that divides the file, where one does.")
    edits: list[EditItem]
    tracks: list[InspectedTrack]
    identity: IdentityItem
    rules: RulesItem


class MemberItem(BaseModel):
    """A track of an album with what its file says of the things that rules of grouping look at."""

    track: TitledItem
    file: str
    path: str
    folder: str
    missing: bool
    album: str | None
    album_artists: list[str]
    artists: list[str]
    musicbrainz_release_id: str | None
    disc: int | None
    position: int | None
    date: str | None


class AlbumInspection(BaseModel):
    """Why these tracks are one album: the rule that decided, its facts, and what each file says."""

    album: TitledItem
    artist_display: str
    grouping: GroupingItem
    total: int
    files: list[MemberItem] = Field(description="The first of its tracks in order, at most 500.")
    disagreements: dict[str, list[Any]] = Field(description="What its files say differently, by field.")
    edits: list[EditItem]
    merged: list[str] = Field(description="Albums that became this one.")
    history: list[HistoryItem]


class HistoryItem(BaseModel):
    """An act of editing that touched it. `made_by` is told to administrators."""

    id: str
    action: str
    params: dict[str, Any] | None
    made_by: str | None
    made_at: datetime
    undone: bool


class AliasItem(BaseModel):
    name: str
    locale: str | None
    source: str


class SpellingItem(BaseModel):
    """How the artist is written in credits of a role, and how often."""

    name: str
    role: str
    count: int


class NamesakeItem(BaseModel):
    id: str
    name: str
    disambiguation: str | None
    musicbrainz_id: str | None


class MergedItem(BaseModel):
    id: str
    merged_at: datetime
    merged_by: str | None


class ArtistInspection(BaseModel):
    """Why these credits are one artist."""

    artist: NamedItem
    reason: ReasonItem
    name_key: str = Field(description="What a name in a tag is compared with: case, width and spacing folded.")
    musicbrainz_id: str | None
    aliases: list[AliasItem]
    spellings: list[SpellingItem]
    namesakes: list[NamesakeItem]
    merged: list[MergedItem]
    edits: list[EditItem]
    history: list[HistoryItem]


AlbumInspection.model_rebuild()
