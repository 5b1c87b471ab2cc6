"""Records as somebody gives them to be added to a snapshot: as JSON, naming one another by their ids in the source."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError

from segue.catalog.overlay.errors import BadAddition

OwnId = Annotated[str, Field(min_length=1, max_length=200)]
Text = Annotated[str, Field(max_length=2_000)]
Short = Annotated[str, Field(max_length=200)]
Percent = Annotated[int, Field(ge=0, le=100)]
Few = Annotated[int, Field(ge=0, le=100_000)]
LONGEST_LINE = 1 << 20


class _Given(BaseModel):
    model_config = ConfigDict(extra="forbid")


class GivenImage(_Given):
    """A picture elsewhere, its width and height in pixels; 0 where they are not known."""

    url: Text
    width: Few = 0
    height: Few = 0


class GivenRecord(_Given):
    """What all records have in common."""

    id: OwnId = Field(description="The source's own id, without its namespace.")
    name: Text
    popularity: Percent = 0
    ids: list[Text] = Field([], max_length=100, description="What others call it: musicbrainz:recording:…")
    more: dict[str, Any] = Field({}, description="What else is said of it, as other rows of the catalogue have it.")


class GivenArtist(GivenRecord):
    kind: Literal["artist"]
    followers: int = Field(0, ge=0, le=1 << 53)
    genres: list[Short] = Field([], max_length=100)
    aliases: list[Text] = Field([], max_length=100)
    images: list[GivenImage] = Field([], max_length=100)


class GivenAlbum(GivenRecord):
    kind: Literal["album"]
    type: Short = Field("", description="album, single, compilation …")
    label: Text = ""
    release_date: str = Field("", pattern=r"^(\d{4}(-\d\d(-\d\d)?)?)?$", description="1977, 1977-05 or 1977-05-04.")
    total_tracks: Few = 0
    upc: Short | None = None
    copyright: Text | None = None
    copyright_p: Text | None = None
    images: list[GivenImage] = Field([], max_length=100)
    genres: list[Short] = Field([], max_length=100)
    artists: list[OwnId] = Field([], max_length=1_000, description="Ids of those who are credited, in order.")
    appears: list[OwnId] = Field([], max_length=1_000, description="Ids of those who are on it without a credit.")


class GivenTrack(GivenRecord):
    kind: Literal["track"]
    album: OwnId = Field(description="The id of its album.")
    artists: list[OwnId] = Field([], max_length=1_000, description="Ids of those who are credited, in order.")
    artist_roles: list[Short] = Field([], max_length=1_000, description="What each of them did, beside `artists`.")
    duration_ms: int = Field(0, ge=0, le=1 << 31)
    track_number: Few = 0
    disc_number: Few = 1
    explicit: bool = False
    isrcs: list[Short] = Field([], max_length=100)
    preview_url: Text | None = None
    original_title: Text | None = None
    version_title: Text | None = None
    has_lyrics: bool | None = None
    languages: list[Short] = Field([], max_length=100)


Given = Annotated[GivenArtist | GivenAlbum | GivenTrack, Field(discriminator="kind")]
_one: TypeAdapter[GivenArtist | GivenAlbum | GivenTrack] = TypeAdapter(Given)


def read_lines(lines: Iterable[bytes]) -> list[GivenArtist | GivenAlbum | GivenTrack]:
    """A record of each line that is not empty. Raises BadAddition, which names the first line that is none."""
    found = []
    for number, line in enumerate(lines, 1):
        if len(line) > LONGEST_LINE:
            raise BadAddition(f"line {number:,} has more than {LONGEST_LINE:,} bytes", line=number)
        if not line.strip():
            continue
        try:
            found.append(_one.validate_json(line))
        except ValidationError as error:
            first = error.errors(include_url=False, include_context=False)[0]
            place = ".".join(str(one) for one in first["loc"][1:])
            raise BadAddition(f"line {number:,}: {place and f'{place}: '}{first['msg']}", line=number) from None
    return found
