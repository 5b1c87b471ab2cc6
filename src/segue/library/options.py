"""What a person chooses for one library alone. What is not chosen is the default, also for what comes later."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, field_validator

from segue.core.setting_types import checked_grouping_rules


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
    guard_share: float = Field(
        0.10, ge=0.0, le=1.0, description="The share of its files that may be gone at once before a scan stops."
    )
    grouping_rules: tuple[str, ...] = Field(
        (), description="The grouping rules in the order in which they are asked; empty: those of the server."
    )

    @field_validator("grouping_rules")
    @classmethod
    def _known_rules(cls, names: tuple[str, ...]) -> tuple[str, ...]:
        return checked_grouping_rules(names)


def options_of(stored: Mapping[str, Any] | None) -> LibraryOptions:
    """The options that a library's row holds."""
    return LibraryOptions.model_validate(stored or {})
