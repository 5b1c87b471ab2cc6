"""Everything ever recorded"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

JSON = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")
IN_DOUBT = sa.text("state = 'review'")


def upgrade() -> None:
    op.create_table(
        "catalog_links",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("entity_id", sa.Integer(), nullable=False),
        sa.Column("library_id", sa.Integer(), nullable=True),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("value", sa.Text(), nullable=True),
        sa.Column("score", sa.Double(), nullable=True),
        sa.Column("method", sa.Text(), nullable=True),
        sa.Column("reasons", JSON, nullable=True),
        sa.Column("others", JSON, nullable=True),
        sa.Column("refused", JSON, nullable=True),
        sa.Column("snapshot", sa.Text(), nullable=False),
        sa.Column("looked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("decided_by", sa.BigInteger(), nullable=True),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_catalog_links")),
        sa.UniqueConstraint("kind", "entity_id", name=op.f("uq_catalog_links_kind_entity_id")),
        sqlite_autoincrement=True,
    )
    with op.batch_alter_table("catalog_links", schema=None) as batch_op:
        batch_op.create_index("ix_catalog_links_library", ["library_id"], unique=False)
        batch_op.create_index(
            "ix_catalog_links_review", ["kind", "id"], unique=False, sqlite_where=IN_DOUBT, postgresql_where=IN_DOUBT
        )
        batch_op.create_index("ix_catalog_links_value", ["value", "kind"], unique=False)
    op.create_table(
        "catalog_mentions",
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("value", sa.Text(), nullable=True),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("artists", JSON, nullable=True),
        sa.Column("album", sa.Text(), nullable=False),
        sa.Column("album_value", sa.Text(), nullable=True),
        sa.Column("score", sa.Double(), nullable=True),
        sa.Column("method", sa.Text(), nullable=True),
        sa.Column("reasons", JSON, nullable=True),
        sa.Column("snapshot", sa.Text(), nullable=False),
        sa.Column("looked_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_catalog_mentions")),
    )


def downgrade() -> None:
    op.drop_table("catalog_mentions")
    op.drop_table("catalog_links")
