"""What ties the library to the catalogue, and texts of people to it: an outside id, how it was found, and why.

What is kept is the id that stays the same from one build to the next (`spotify:track:…`), never a rank. Links point at the
library's rows without foreign keys, as everything does that a person may have decided.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, Double, Index, Integer, Text, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from segue.core.db import Base, JsonB, UtcDateTime

BigId = BigInteger().with_variant(Integer, "sqlite")


class CatalogLink(Base):
    """What a track, album or artist of the library is in the catalogue.

    `state` is `linked` (sure), `review` (perhaps, a person should look), `none` (nothing found), `confirmed` (a person said
    so) or `rejected` (a person said that it is nothing there). A person's word is never changed by looking again.
    """

    __tablename__ = "catalog_links"
    __table_args__ = (
        UniqueConstraint("kind", "entity_id"),
        Index("ix_catalog_links_value", "value", "kind"),
        Index("ix_catalog_links_library", "library_id"),
        Index(
            "ix_catalog_links_review",
            "kind",
            "id",
            sqlite_where=text("state = 'review'"),
            postgresql_where=text("state = 'review'"),
        ),
        {"sqlite_autoincrement": True},
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    kind: Mapped[str] = mapped_column(Text)
    """track, album or artist."""
    entity_id: Mapped[int] = mapped_column(Integer)
    library_id: Mapped[int | None] = mapped_column(Integer)
    """Null for an artist, who belongs to no single one."""
    state: Mapped[str] = mapped_column(Text)
    value: Mapped[str | None] = mapped_column(Text)
    score: Mapped[float | None] = mapped_column(Double)
    """0 to 1; null where a person chose."""
    method: Mapped[str | None] = mapped_column(Text)
    """What decided: external_id, musicbrainz_id, isrc, barcode, text … or chosen."""
    reasons: Mapped[list[Any] | None] = mapped_column(JsonB)
    """[[code, params, weight], …] as `match` gave them."""
    others: Mapped[list[Any] | None] = mapped_column(JsonB)
    """[[value, score], …]: what else it may be, at most four."""
    refused: Mapped[list[str] | None] = mapped_column(JsonB)
    """Values of which a person said that it is not this."""
    snapshot: Mapped[str] = mapped_column(Text)
    """The catalogue it was last looked for in."""
    looked_at: Mapped[datetime] = mapped_column(UtcDateTime)
    decided_by: Mapped[int | None] = mapped_column(BigInteger)
    decided_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class CatalogMention(Base):
    """What a text means in the catalogue that means nothing in the library: a row of a playlist, a play of something that
    is not here. One row for all texts that say the same, with the words to show, so that showing asks no catalogue."""

    __tablename__ = "catalog_mentions"

    key: Mapped[str] = mapped_column(Text, primary_key=True)
    """Of the words and ids, see `links.mentions.key_of`."""
    state: Mapped[str] = mapped_column(Text)
    """linked, review or none."""
    value: Mapped[str | None] = mapped_column(Text)
    title: Mapped[str] = mapped_column(Text, default="")
    artists: Mapped[list[Any] | None] = mapped_column(JsonB)
    """[[value, name], …] as credited."""
    album: Mapped[str] = mapped_column(Text, default="")
    album_value: Mapped[str | None] = mapped_column(Text)
    score: Mapped[float | None] = mapped_column(Double)
    method: Mapped[str | None] = mapped_column(Text)
    reasons: Mapped[list[Any] | None] = mapped_column(JsonB)
    snapshot: Mapped[str] = mapped_column(Text)
    looked_at: Mapped[datetime] = mapped_column(UtcDateTime)
