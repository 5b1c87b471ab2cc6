"""What a person chooses for one library alone. What is not chosen is the default, also for what comes later."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, field_validator

from segue.core.path_templates import BadTemplate, PathTemplate
from segue.core.setting_types import checked_artwork_order, checked_grouping_rules


class InboxOptions(BaseModel):
    """A library's inbox. Nothing is moved but by a person's approval, unless `auto` says otherwise."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    path: str = Field(description="The inbox's folder, absolute, outside every library.", min_length=1, max_length=4096)
    template: str = Field(
        "{album_artist}/[{year} - ]{album}[ ({disc_subtitle})]/[{if multidisc}{disc}-{end}]{track:02} {title}",
        description="Where an approved file goes: a path template.",
    )
    mode: Literal["move", "copy"] = Field("move", description="Whether files leave the inbox, or are copied from it.")
    names: Literal["any", "posix"] = Field("any", description="Names that every system takes, or all that Linux takes.")
    taken: Literal["suffix", "refuse"] = Field(
        "suffix", description="Where a name is taken: ` (2)` behind the new one, or the album is refused."
    )
    auto: bool = Field(False, description="Whether an album of which nothing is doubtful is approved by itself.")
    settle_s: int = Field(
        60,
        ge=0,
        le=86_400,
        description="How long (seconds) nothing may have changed in an album's folder before it is read.",
    )

    @field_validator("path")
    @classmethod
    def _absolute(cls, path: str) -> str:
        if not path.startswith("/") or "\0" in path:
            raise ValueError("the inbox must be an absolute path")
        return path.rstrip("/") or "/"

    @field_validator("template")
    @classmethod
    def _understood(cls, template: str) -> str:
        try:
            PathTemplate(template)
        except BadTemplate as error:
            raise ValueError(error.message.removesuffix(".")) from None
        return template


class PlaylistFileOptions(BaseModel):
    """What becomes of playlist files among a library's music."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    read: bool = Field(True, description="Whether they become playlists, and are kept in step with them.")
    owner: str | None = Field(
        None,
        pattern=r"^us-[0-9]{1,9}$",
        description="Whose playlists they become; null: those of the first administrator.",
        examples=["us-2"],
    )
    public: bool = Field(True, description="Whether everybody in the house may see them.")
    write_back: bool = Field(
        False, description="Whether what a person changes in such a playlist is written into its file."
    )


class LibraryOptions(BaseModel):
    """The choices of one library; stored as JSON in `libraries.options`, without what is default."""

    model_config = ConfigDict(extra="ignore", frozen=True)

    watch: bool = Field(True, description="Whether its folders are watched, where the server watches at all.")
    write_tags: bool = Field(False, description="Whether edits are also written into the files.")
    write_hard_links: Literal["refuse", "break"] = Field(
        "refuse", description="What becomes of a file with several names when tags are written: nothing, or they part."
    )
    write_mtime: Literal["new", "keep"] = Field(
        "new", description="Whether a file into which tags are written keeps the time at which it was changed."
    )
    inbox: InboxOptions | None = Field(
        None, description="A folder whose new albums are checked, approved and moved into this library; null for none."
    )
    schedule: str | None = Field(
        None,
        max_length=100,
        description="A cron line in the server's zone at which it is scanned; `never` for not by the clock; without one "
        "it is scanned with all others, by the server's nightly schedule.",
        examples=["30 3 * * *"],
    )
    full_schedule: str | None = Field(
        None,
        max_length=100,
        description="A cron line at which every file of it is read again; without one, never by the clock.",
        examples=["0 2 1 * *"],
    )
    guard_share: float = Field(
        0.10, ge=0.0, le=1.0, description="The share of its files that may be gone at once before a scan stops."
    )
    playlists: PlaylistFileOptions = Field(
        PlaylistFileOptions.model_validate({}), description="What becomes of playlist files among its music."
    )
    artwork_order: tuple[str, ...] = Field(
        (),
        description="Where covers come from, the best first: embedded, folder, or patterns of file names such as front*.jpg;"
        " empty: the server's order.",
    )
    grouping_rules: tuple[str, ...] = Field(
        (), description="The grouping rules in the order in which they are asked; empty: those of the server."
    )

    @field_validator("artwork_order")
    @classmethod
    def _known_sources(cls, names: tuple[str, ...]) -> tuple[str, ...]:
        return checked_artwork_order(names)

    @field_validator("grouping_rules")
    @classmethod
    def _known_rules(cls, names: tuple[str, ...]) -> tuple[str, ...]:
        return checked_grouping_rules(names)


def options_of(stored: Mapping[str, Any] | None) -> LibraryOptions:
    """The options that a library's row holds."""
    return LibraryOptions.model_validate(stored or {})
