"""The tables of pictures to choose from and of what people chose. Pictures themselves are `artworks`."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, ForeignKey, Index, Integer, LargeBinary, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from segue.core.db import Base, JsonB, SortText, UtcDateTime
from segue.library.models import OWN_ROWS


class FolderPicture(Base):
    """A picture file in a folder of the library. Only those that stand for something are looked at and have an artwork."""

    __tablename__ = "folder_pictures"
    __table_args__ = (
        UniqueConstraint("folder_id", "name"),
        Index("ix_folder_pictures_role", "library_id", "role", "key"),
        Index("ix_folder_pictures_artist", "artist_id"),
        Index("ix_folder_pictures_artwork", "artwork_id"),
        OWN_ROWS,
    )

    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    library_id: Mapped[int] = mapped_column(ForeignKey("libraries.id", ondelete="CASCADE"))
    folder_id: Mapped[int] = mapped_column(ForeignKey("folders.id", ondelete="CASCADE"))
    name: Mapped[bytes] = mapped_column(LargeBinary)
    key: Mapped[str] = mapped_column(SortText)
    """Its name without extension, folded; what an artist is found by."""
    role: Mapped[str] = mapped_column(Text)
    """cover, disc, artist, artists; see `rules.role_of`."""
    disc: Mapped[int | None] = mapped_column(Integer)
    size_bytes: Mapped[int] = mapped_column(BigInteger)
    mtime_ns: Mapped[int] = mapped_column(BigInteger)
    artwork_id: Mapped[int | None] = mapped_column(ForeignKey("artworks.id"))
    artist_id: Mapped[int | None] = mapped_column(ForeignKey("artists.id", ondelete="SET NULL"))
    """Whom it shows, where it shows an artist that is there."""
    problem_code: Mapped[str | None] = mapped_column(Text)
    problem_params: Mapped[dict[str, Any] | None] = mapped_column(JsonB)


class ArtworkChoice(Base):
    """The picture that a person chose for an album, a disc of one, an artist or a track. It is above every rule."""

    __tablename__ = "artwork_choices"
    __table_args__ = (Index("ix_artwork_choices_artwork", "artwork_id"),)

    kind: Mapped[str] = mapped_column(Text, primary_key=True)
    """album, artist, track."""
    entity_id: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    disc: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False, default=0)
    """The disc of an album; 0 for the whole."""
    artwork_id: Mapped[int] = mapped_column(ForeignKey("artworks.id"))
    source: Mapped[str] = mapped_column(Text)
    """`upload`, or the source of the candidate that was chosen: embedded, folder."""
    chosen_by: Mapped[int | None] = mapped_column(Integer)
    chosen_at: Mapped[datetime] = mapped_column(UtcDateTime)


class ArtworkRefusal(Base):
    """A picture that cannot be shown, known by its content, and why; so that it is looked at once and the reason is kept."""

    __tablename__ = "artwork_refusals"

    sha256: Mapped[str] = mapped_column(Text, primary_key=True)
    problem_code: Mapped[str] = mapped_column(Text)
    problem_params: Mapped[dict[str, Any]] = mapped_column(JsonB)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)


class ArtworkOrder(Base):
    """The order of sources by which a library's pictures were last decided; another one has its folders looked at again."""

    __tablename__ = "artwork_orders"

    library_id: Mapped[int] = mapped_column(ForeignKey("libraries.id", ondelete="CASCADE"), primary_key=True)
    sources: Mapped[str] = mapped_column(Text)
