"""The table of a person's own rules for tags, and of which rules the library was last made by."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Integer, LargeBinary, Text
from sqlalchemy.orm import Mapped, mapped_column

from segue.core.db import Base, UtcDateTime

ONLY = 1


class TagRules(Base):
    """One row: the rules that an administrator wrote in the web app or through the API, where there is no file of them."""

    __tablename__ = "tag_rules"

    id: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    text: Mapped[str | None] = mapped_column(Text)
    changed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    changed_by: Mapped[int | None] = mapped_column(Integer)
    applied_hash: Mapped[bytes | None] = mapped_column(LargeBinary)
    """Of the rules by which every track was last made; others in force mean that there is work to do."""
    applied_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
