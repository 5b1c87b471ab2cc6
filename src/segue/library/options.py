"""What a person chooses for one library alone. What is not chosen is the default, also for what comes later."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pydantic import BaseModel, ConfigDict, Field


class LibraryOptions(BaseModel):
    """The choices of one library; stored as JSON in `libraries.options`, without what is default."""

    model_config = ConfigDict(extra="ignore", frozen=True)

    watch: bool = Field(True, description="Whether its folders are watched, where the server watches at all.")
    write_tags: bool = Field(False, description="Whether edits are also written into the files.")
    guard_share: float = Field(
        0.10, ge=0.0, le=1.0, description="The share of its files that may be gone at once before a scan stops."
    )


def options_of(stored: Mapping[str, Any] | None) -> LibraryOptions:
    """The options that a library's row holds."""
    return LibraryOptions.model_validate(stored or {})
