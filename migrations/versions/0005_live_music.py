"""Live music"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def _search_statements(dialect: str) -> list[str]:
    if dialect == "sqlite":
        return [
            "CREATE VIRTUAL TABLE live_search_fts USING fts5(tokens, content='live_search', content_rowid='id', "
            "tokenize='ascii', prefix='1 2 3 4 5 6', detail='none', columnsize=0)"
        ]
    return [
        "CREATE INDEX ix_live_search_tokens ON live_search USING gin (tokens)",
        "ALTER TABLE live_search ALTER COLUMN tokens SET STATISTICS 1000",
    ]


def upgrade() -> None:
    op.create_table(
        "live_artists",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("sort_name", sa.Text().with_variant(sa.Text(collation="C"), "postgresql"), nullable=False),
        sa.Column("collection", sa.Text(), nullable=True),
        sa.Column("external_ids", sa.JSON().with_variant(postgresql.JSONB(), "postgresql"), nullable=True),
        sa.Column("concert_count", sa.Integer(), server_default="0", nullable=False),
        sa.Column("recording_count", sa.Integer(), server_default="0", nullable=False),
        sa.Column("first_date", sa.Text(), nullable=True),
        sa.Column("last_date", sa.Text(), nullable=True),
        sa.Column("mean_rating", sa.Double(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_live_artists")),
        sa.UniqueConstraint("key", name=op.f("uq_live_artists_key")),
        sqlite_autoincrement=True,
    )
    with op.batch_alter_table("live_artists", schema=None) as batch_op:
        batch_op.create_index("ix_live_artists_collection", ["collection"], unique=False)
        batch_op.create_index("ix_live_artists_sort", ["sort_name", "id"], unique=False)

    op.create_table(
        "live_attendance",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("user_id", sa.BigInteger(), nullable=False),
        sa.Column("concert_uid", sa.Text(), nullable=False),
        sa.Column("artist_key", sa.Text(), nullable=False),
        sa.Column("artist", sa.Text(), nullable=False),
        sa.Column("date", sa.Text().with_variant(sa.Text(collation="C"), "postgresql"), nullable=False),
        sa.Column("note", sa.Text(), server_default="", nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_live_attendance")),
        sa.UniqueConstraint("user_id", "concert_uid", name=op.f("uq_live_attendance_user_id_concert_uid")),
        sqlite_autoincrement=True,
    )
    with op.batch_alter_table("live_attendance", schema=None) as batch_op:
        batch_op.create_index("ix_live_attendance_concert", ["concert_uid"], unique=False)
        batch_op.create_index("ix_live_attendance_date", ["user_id", "date"], unique=False)

    op.create_table(
        "live_downloads",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("user_id", sa.BigInteger(), nullable=False),
        sa.Column("rule_id", sa.BigInteger(), nullable=True),
        sa.Column("provider", sa.Text(), server_default="archive", nullable=False),
        sa.Column("identifier", sa.Text(), nullable=False),
        sa.Column("recording_id", sa.BigInteger(), nullable=True),
        sa.Column("title", sa.Text(), server_default="", nullable=False),
        sa.Column("artist", sa.Text(), server_default="", nullable=False),
        sa.Column("date", sa.Text(), server_default="", nullable=False),
        sa.Column("venue", sa.Text(), server_default="", nullable=False),
        sa.Column("formats", sa.JSON().with_variant(postgresql.JSONB(), "postgresql"), nullable=True),
        sa.Column("wanted", sa.JSON().with_variant(postgresql.JSONB(), "postgresql"), nullable=True),
        sa.Column("format", sa.Text(), server_default="", nullable=False),
        sa.Column("target", sa.Text(), nullable=True),
        sa.Column("library_id", sa.Integer(), nullable=True),
        sa.Column("root", sa.LargeBinary(), nullable=True),
        sa.Column("folder", sa.LargeBinary(), nullable=True),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("place", sa.Double(), nullable=False),
        sa.Column("size_bytes", sa.BigInteger(), nullable=True),
        sa.Column("done_bytes", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("file_count", sa.Integer(), server_default="0", nullable=False),
        sa.Column("done_count", sa.Integer(), server_default="0", nullable=False),
        sa.Column("verified", sa.Text(), server_default="", nullable=False),
        sa.Column("error", sa.JSON().with_variant(postgresql.JSONB(), "postgresql"), nullable=True),
        sa.Column("waiting", sa.JSON().with_variant(postgresql.JSONB(), "postgresql"), nullable=True),
        sa.Column("not_before", sa.DateTime(timezone=True), nullable=True),
        sa.Column("tries", sa.Integer(), server_default="0", nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("entered_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("removed_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_live_downloads")),
        sqlite_autoincrement=True,
    )
    with op.batch_alter_table("live_downloads", schema=None) as batch_op:
        batch_op.create_index("ix_live_downloads_identifier", ["identifier", "user_id"], unique=False)
        batch_op.create_index("ix_live_downloads_queue", ["state", "user_id", "place"], unique=False)
        batch_op.create_index("ix_live_downloads_recording", ["recording_id"], unique=False)
        batch_op.create_index("ix_live_downloads_user", ["user_id", "id"], unique=False)

    op.create_table(
        "live_mirrors",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("collection", sa.Text(), nullable=False),
        sa.Column("title", sa.Text(), server_default="", nullable=False),
        sa.Column("wanted", sa.Boolean(), server_default="1", nullable=False),
        sa.Column("state", sa.Text(), server_default="new", nullable=False),
        sa.Column("item_count", sa.Integer(), server_default="0", nullable=False),
        sa.Column("listed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("newest", sa.Text(), server_default="", nullable=False),
        sa.Column("error", sa.JSON().with_variant(postgresql.JSONB(), "postgresql"), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_live_mirrors")),
        sa.UniqueConstraint("collection", name=op.f("uq_live_mirrors_collection")),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "live_overrides",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("scope", sa.Text(), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("field", sa.Text(), nullable=False),
        sa.Column("value", sa.JSON().with_variant(postgresql.JSONB(), "postgresql"), nullable=False),
        sa.Column("user_id", sa.BigInteger(), nullable=True),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_live_overrides")),
        sa.UniqueConstraint("scope", "subject", "field", name=op.f("uq_live_overrides_scope_subject_field")),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "live_receipts",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("identifier", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("path", sa.LargeBinary(), nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("mtime_ns", sa.BigInteger(), nullable=False),
        sa.Column("inode", sa.BigInteger(), nullable=False),
        sa.Column("md5", sa.Text(), nullable=False),
        sa.Column("audio_md5", sa.Text(), server_default="", nullable=False),
        sa.Column("verified", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("verified_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("checked_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_live_receipts")),
        sa.UniqueConstraint("path", name=op.f("uq_live_receipts_path")),
        sqlite_autoincrement=True,
    )
    with op.batch_alter_table("live_receipts", schema=None) as batch_op:
        batch_op.create_index("ix_live_receipts_audio_md5", ["audio_md5"], unique=False)
        batch_op.create_index("ix_live_receipts_identifier", ["identifier"], unique=False)
        batch_op.create_index("ix_live_receipts_md5", ["md5"], unique=False)

    op.create_table(
        "live_rules",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("owner_id", sa.BigInteger(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("sort_key", sa.Text().with_variant(sa.Text(collation="C"), "postgresql"), nullable=False),
        sa.Column("query", sa.Text(), nullable=False),
        sa.Column("enabled", sa.Boolean(), server_default="1", nullable=False),
        sa.Column("sources", sa.JSON().with_variant(postgresql.JSONB(), "postgresql"), nullable=False),
        sa.Column("formats", sa.JSON().with_variant(postgresql.JSONB(), "postgresql"), nullable=False),
        sa.Column("prefer", sa.Text(), nullable=False),
        sa.Column("completeness", sa.Double(), nullable=True),
        sa.Column("unknown_complete", sa.Boolean(), server_default="1", nullable=False),
        sa.Column("budget_bytes", sa.BigInteger(), nullable=True),
        sa.Column("keep_current", sa.Boolean(), server_default="1", nullable=False),
        sa.Column("better", sa.Text(), nullable=False),
        sa.Column("target", sa.Text(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("applied_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_live_rules")),
        sqlite_autoincrement=True,
    )
    with op.batch_alter_table("live_rules", schema=None) as batch_op:
        batch_op.create_index("ix_live_rules_owner", ["owner_id", "sort_key", "id"], unique=False)

    op.create_table(
        "live_search",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=False, nullable=False),
        sa.Column("weight", sa.SmallInteger(), server_default="0", nullable=False),
        sa.Column("tokens", sa.Text().with_variant(postgresql.TSVECTOR(), "postgresql"), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_live_search")),
    )
    op.create_table(
        "live_setlists",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("artist_key", sa.Text(), nullable=False),
        sa.Column("date", sa.Text(), nullable=False),
        sa.Column("show_id", sa.Text(), server_default="", nullable=False),
        sa.Column("show_time", sa.Text(), nullable=True),
        sa.Column("venue", sa.Text(), server_default="", nullable=False),
        sa.Column("city", sa.Text(), server_default="", nullable=False),
        sa.Column("region", sa.Text(), server_default="", nullable=False),
        sa.Column("country", sa.Text(), server_default="", nullable=False),
        sa.Column("tour", sa.Text(), server_default="", nullable=False),
        sa.Column("sets", sa.JSON().with_variant(postgresql.JSONB(), "postgresql"), nullable=False),
        sa.Column("user_id", sa.BigInteger(), nullable=True),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_live_setlists")),
        sa.UniqueConstraint(
            "source", "artist_key", "date", "show_id", name=op.f("uq_live_setlists_source_artist_key_date_show_id")
        ),
        sqlite_autoincrement=True,
    )
    with op.batch_alter_table("live_setlists", schema=None) as batch_op:
        batch_op.create_index("ix_live_setlists_artist", ["artist_key", "date"], unique=False)

    op.create_table(
        "live_tapes",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("identifier", sa.Text(), nullable=False),
        sa.Column("folder", sa.LargeBinary(), nullable=False),
        sa.Column("display_path", sa.Text(), nullable=False),
        sa.Column("sort_path", sa.Text().with_variant(sa.Text(collation="C"), "postgresql"), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("artist", sa.Text(), server_default="", nullable=False),
        sa.Column("date", sa.Text(), server_default="", nullable=False),
        sa.Column("source_type", sa.Text(), server_default="", nullable=False),
        sa.Column("file_count", sa.Integer(), nullable=False),
        sa.Column("size_bytes", sa.BigInteger(), nullable=False),
        sa.Column("duration_ms", sa.BigInteger(), nullable=True),
        sa.Column("files", sa.JSON().with_variant(postgresql.JSONB(), "postgresql"), nullable=False),
        sa.Column("item", sa.JSON().with_variant(postgresql.JSONB(), "postgresql"), nullable=False),
        sa.Column("proposals", sa.JSON().with_variant(postgresql.JSONB(), "postgresql"), nullable=False),
        sa.Column("problems", sa.JSON().with_variant(postgresql.JSONB(), "postgresql"), nullable=True),
        sa.Column("recording_id", sa.BigInteger(), nullable=True),
        sa.Column("looked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("looked_by", sa.BigInteger(), nullable=True),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("decided_by", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_live_tapes")),
        sa.UniqueConstraint("identifier", name=op.f("uq_live_tapes_identifier")),
        sqlite_autoincrement=True,
    )
    with op.batch_alter_table("live_tapes", schema=None) as batch_op:
        batch_op.create_index("ix_live_tapes_recording", ["recording_id"], unique=False)
        batch_op.create_index("ix_live_tapes_state", ["state", "sort_path", "id"], unique=False)

    op.create_table(
        "live_venues",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("sort_name", sa.Text().with_variant(sa.Text(collation="C"), "postgresql"), nullable=False),
        sa.Column("city", sa.Text(), server_default="", nullable=False),
        sa.Column("region", sa.Text(), server_default="", nullable=False),
        sa.Column("country", sa.Text(), server_default="", nullable=False),
        sa.Column("latitude", sa.Double(), nullable=True),
        sa.Column("longitude", sa.Double(), nullable=True),
        sa.Column("placed_by", sa.Text(), server_default="", nullable=False),
        sa.Column("concert_count", sa.Integer(), server_default="0", nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_live_venues")),
        sa.UniqueConstraint("key", name=op.f("uq_live_venues_key")),
        sqlite_autoincrement=True,
    )
    with op.batch_alter_table("live_venues", schema=None) as batch_op:
        batch_op.create_index("ix_live_venues_sort", ["sort_name", "id"], unique=False)

    op.create_table(
        "live_raw",
        sa.Column("recording_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("part", sa.Text(), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.Column("fetched_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("etag", sa.Text(), server_default="", nullable=False),
        sa.PrimaryKeyConstraint("recording_id", "part", name=op.f("pk_live_raw")),
        schema="raw",
    )
    op.create_table(
        "live_artist_aliases",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("collection", sa.Text(), server_default="", nullable=False),
        sa.Column("raw", sa.Text(), nullable=False),
        sa.Column("artist_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("action", sa.Text(), nullable=False),
        sa.Column("decided_by", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(
            ["artist_id"],
            ["live_artists.id"],
            name=op.f("fk_live_artist_aliases_artist_id_live_artists"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_live_artist_aliases")),
        sa.UniqueConstraint("collection", "raw", name=op.f("uq_live_artist_aliases_collection_raw")),
        sqlite_autoincrement=True,
    )
    with op.batch_alter_table("live_artist_aliases", schema=None) as batch_op:
        batch_op.create_index("ix_live_artist_aliases_artist", ["artist_id"], unique=False)

    op.create_table(
        "live_concerts",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("uid", sa.Text(), nullable=False),
        sa.Column("artist_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("date", sa.Text(), nullable=False),
        sa.Column("date_sort", sa.Text().with_variant(sa.Text(collation="C"), "postgresql"), nullable=False),
        sa.Column("date_number", sa.Integer(), nullable=True),
        sa.Column("day_of_year", sa.SmallInteger(), nullable=True),
        sa.Column("precision", sa.Text(), nullable=False),
        sa.Column("sequence", sa.SmallInteger(), server_default="1", nullable=False),
        sa.Column("show_time", sa.Text(), nullable=True),
        sa.Column("kind", sa.Text(), server_default="concert", nullable=False),
        sa.Column("title", sa.Text(), server_default="", nullable=False),
        sa.Column("tour", sa.Text(), server_default="", nullable=False),
        sa.Column("venue_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("setlist_source", sa.Text(), server_default="", nullable=False),
        sa.Column("recording_count", sa.Integer(), server_default="0", nullable=False),
        sa.Column("song_count", sa.Integer(), server_default="0", nullable=False),
        sa.Column("best_recording_id", sa.BigInteger(), nullable=True),
        sa.Column("best_score", sa.Double(), nullable=True),
        sa.Column("best_completeness", sa.Double(), nullable=True),
        sa.Column("source_types", sa.Text(), server_default="", nullable=False),
        sa.Column("rating", sa.Double(), server_default="0", nullable=False),
        sa.Column(
            "added_at", sa.Text().with_variant(sa.Text(collation="C"), "postgresql"), server_default="", nullable=False
        ),
        sa.Column("kept", sa.SmallInteger(), server_default="0", nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["artist_id"], ["live_artists.id"], name=op.f("fk_live_concerts_artist_id_live_artists")
        ),
        sa.ForeignKeyConstraint(["venue_id"], ["live_venues.id"], name=op.f("fk_live_concerts_venue_id_live_venues")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_live_concerts")),
        sa.UniqueConstraint("uid", name=op.f("uq_live_concerts_uid")),
        sqlite_autoincrement=True,
    )
    with op.batch_alter_table("live_concerts", schema=None) as batch_op:
        batch_op.create_index("ix_live_concerts_added", ["added_at", "id"], unique=False)
        batch_op.create_index("ix_live_concerts_artist", ["artist_id", "date_sort", "sequence"], unique=False)
        batch_op.create_index("ix_live_concerts_date", ["date_number", "id"], unique=False)
        batch_op.create_index("ix_live_concerts_day", ["day_of_year", "artist_id"], unique=False)
        batch_op.create_index(
            "ix_live_concerts_kept",
            ["id"],
            unique=False,
            sqlite_where=sa.text("kept > 0"),
            postgresql_where=sa.text("kept > 0"),
        )
        batch_op.create_index("ix_live_concerts_rating", ["rating", "id"], unique=False)
        batch_op.create_index("ix_live_concerts_venue", ["venue_id", "date_sort"], unique=False)

    op.create_table(
        "live_download_files",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("download_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("format", sa.Text(), server_default="", nullable=False),
        sa.Column("source", sa.Text(), server_default="", nullable=False),
        sa.Column("track", sa.Integer(), nullable=True),
        sa.Column("title", sa.Text(), server_default="", nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=True),
        sa.Column("md5", sa.Text(), server_default="", nullable=False),
        sa.Column("sha1", sa.Text(), server_default="", nullable=False),
        sa.Column("path", sa.LargeBinary(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("done_bytes", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("tries", sa.Integer(), server_default="0", nullable=False),
        sa.Column("starts", sa.Integer(), server_default="0", nullable=False),
        sa.Column("asked_again", sa.Boolean(), server_default="0", nullable=False),
        sa.Column("changed", sa.Boolean(), server_default="0", nullable=False),
        sa.Column("not_before", sa.DateTime(timezone=True), nullable=True),
        sa.Column("verified", sa.Text(), server_default="", nullable=False),
        sa.Column("error", sa.JSON().with_variant(postgresql.JSONB(), "postgresql"), nullable=True),
        sa.Column("doubts", sa.JSON().with_variant(postgresql.JSONB(), "postgresql"), nullable=True),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("track_id", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(
            ["download_id"],
            ["live_downloads.id"],
            name=op.f("fk_live_download_files_download_id_live_downloads"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_live_download_files")),
        sa.UniqueConstraint("download_id", "name", name=op.f("uq_live_download_files_download_id_name")),
        sqlite_autoincrement=True,
    )
    with op.batch_alter_table("live_download_files", schema=None) as batch_op:
        batch_op.create_index("ix_live_download_files_md5", ["md5"], unique=False)
        batch_op.create_index("ix_live_download_files_state", ["state", "not_before"], unique=False)

    op.create_table(
        "live_recordings",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("provider", sa.Text(), server_default="archive", nullable=False),
        sa.Column("identifier", sa.Text(), nullable=False),
        sa.Column("artist_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("title", sa.Text(), server_default="", nullable=False),
        sa.Column("date", sa.Text(), server_default="", nullable=False),
        sa.Column(
            "date_sort", sa.Text().with_variant(sa.Text(collation="C"), "postgresql"), server_default="", nullable=False
        ),
        sa.Column("date_number", sa.Integer(), nullable=True),
        sa.Column("precision", sa.Text(), nullable=False),
        sa.Column("show_time", sa.Text(), nullable=True),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("source_type", sa.Text(), nullable=False),
        sa.Column("venue", sa.Text(), server_default="", nullable=False),
        sa.Column("location", sa.Text(), server_default="", nullable=False),
        sa.Column("taper", sa.Text(), server_default="", nullable=False),
        sa.Column("taper_key", sa.Text(), server_default="", nullable=False),
        sa.Column("transferrer", sa.Text(), server_default="", nullable=False),
        sa.Column("source", sa.Text(), server_default="", nullable=False),
        sa.Column("lineage", sa.Text(), server_default="", nullable=False),
        sa.Column("shnid", sa.Text(), server_default="", nullable=False),
        sa.Column("equipment", sa.JSON().with_variant(postgresql.JSONB(), "postgresql"), nullable=True),
        sa.Column("formats", sa.JSON().with_variant(postgresql.JSONB(), "postgresql"), nullable=True),
        sa.Column("collections", sa.Text(), server_default="", nullable=False),
        sa.Column("subjects", sa.JSON().with_variant(postgresql.JSONB(), "postgresql"), nullable=True),
        sa.Column("rating", sa.Double(), nullable=True),
        sa.Column("review_count", sa.Integer(), server_default="0", nullable=False),
        sa.Column("downloads", sa.Integer(), server_default="0", nullable=False),
        sa.Column("size_bytes", sa.BigInteger(), nullable=True),
        sa.Column("track_count", sa.Integer(), nullable=True),
        sa.Column("duration_ms", sa.BigInteger(), nullable=True),
        sa.Column("stream_only", sa.Boolean(), server_default="0", nullable=False),
        sa.Column("status", sa.Text(), server_default="there", nullable=False),
        sa.Column("partial", sa.Boolean(), server_default="0", nullable=False),
        sa.Column("family", sa.Text(), server_default="", nullable=False),
        sa.Column("supersedes", sa.JSON().with_variant(postgresql.JSONB(), "postgresql"), nullable=True),
        sa.Column("evidence", sa.JSON().with_variant(postgresql.JSONB(), "postgresql"), nullable=True),
        sa.Column("doubts", sa.JSON().with_variant(postgresql.JSONB(), "postgresql"), nullable=True),
        sa.Column(
            "added_at", sa.Text().with_variant(sa.Text(collation="C"), "postgresql"), server_default="", nullable=False
        ),
        sa.Column("updated_at", sa.Text(), server_default="", nullable=False),
        sa.Column("seen_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("details_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("concluded_version", sa.SmallInteger(), server_default="0", nullable=False),
        sa.ForeignKeyConstraint(
            ["artist_id"], ["live_artists.id"], name=op.f("fk_live_recordings_artist_id_live_artists")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_live_recordings")),
        sa.UniqueConstraint("provider", "identifier", name=op.f("uq_live_recordings_provider_identifier")),
        sqlite_autoincrement=True,
    )
    with op.batch_alter_table("live_recordings", schema=None) as batch_op:
        batch_op.create_index("ix_live_recordings_added", ["added_at", "id"], unique=False)
        batch_op.create_index("ix_live_recordings_artist", ["artist_id", "date_sort"], unique=False)
        batch_op.create_index("ix_live_recordings_date", ["date_number", "id"], unique=False)
        batch_op.create_index(
            "ix_live_recordings_family",
            ["family"],
            unique=False,
            sqlite_where=sa.text("family <> ''"),
            postgresql_where=sa.text("family <> ''"),
        )
        batch_op.create_index(
            "ix_live_recordings_shnid",
            ["shnid"],
            unique=False,
            sqlite_where=sa.text("shnid <> ''"),
            postgresql_where=sa.text("shnid <> ''"),
        )
        batch_op.create_index("ix_live_recordings_taper", ["taper_key", "date_sort"], unique=False)

    op.create_table(
        "live_regroups",
        sa.Column(
            "artist_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=False, nullable=False
        ),
        sa.Column("date", sa.Text(), nullable=False),
        sa.Column("version", sa.Integer(), server_default="1", nullable=False),
        sa.ForeignKeyConstraint(
            ["artist_id"], ["live_artists.id"], name=op.f("fk_live_regroups_artist_id_live_artists"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("artist_id", "date", name=op.f("pk_live_regroups")),
    )
    op.create_table(
        "live_rule_deeds",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("rule_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("action", sa.Text(), nullable=False),
        sa.Column("concert_uid", sa.Text(), nullable=False),
        sa.Column("recording_id", sa.BigInteger(), nullable=False),
        sa.Column("identifier", sa.Text(), nullable=False),
        sa.Column("download_id", sa.BigInteger(), nullable=False),
        sa.Column("replaces_id", sa.BigInteger(), nullable=True),
        sa.Column("bytes", sa.BigInteger(), nullable=True),
        sa.Column("reasons", sa.JSON().with_variant(postgresql.JSONB(), "postgresql"), nullable=True),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["rule_id"], ["live_rules.id"], name=op.f("fk_live_rule_deeds_rule_id_live_rules"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_live_rule_deeds")),
        sqlite_autoincrement=True,
    )
    with op.batch_alter_table("live_rule_deeds", schema=None) as batch_op:
        batch_op.create_index("ix_live_rule_deeds_download", ["download_id"], unique=False)
        batch_op.create_index("ix_live_rule_deeds_rule", ["rule_id", "id"], unique=False)

    op.create_table(
        "live_rule_runs",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("rule_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("by", sa.Text(), nullable=False),
        sa.Column("summary", sa.JSON().with_variant(postgresql.JSONB(), "postgresql"), nullable=False),
        sa.ForeignKeyConstraint(
            ["rule_id"], ["live_rules.id"], name=op.f("fk_live_rule_runs_rule_id_live_rules"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_live_rule_runs")),
        sqlite_autoincrement=True,
    )
    with op.batch_alter_table("live_rule_runs", schema=None) as batch_op:
        batch_op.create_index("ix_live_rule_runs_rule", ["rule_id", "id"], unique=False)

    op.create_table(
        "live_songs",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("artist_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("play_count", sa.Integer(), server_default="0", nullable=False),
        sa.Column("first_date", sa.Text(), nullable=True),
        sa.Column("last_date", sa.Text(), nullable=True),
        sa.Column("learnt", sa.Text(), server_default="", nullable=False),
        sa.ForeignKeyConstraint(
            ["artist_id"], ["live_artists.id"], name=op.f("fk_live_songs_artist_id_live_artists"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_live_songs")),
        sa.UniqueConstraint("artist_id", "key", name=op.f("uq_live_songs_artist_id_key")),
        sqlite_autoincrement=True,
    )
    with op.batch_alter_table("live_songs", schema=None) as batch_op:
        batch_op.create_index("ix_live_songs_key", ["key"], unique=False)

    op.create_table(
        "live_bills",
        sa.Column(
            "recording_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=False, nullable=False
        ),
        sa.Column(
            "artist_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=False, nullable=False
        ),
        sa.ForeignKeyConstraint(["artist_id"], ["live_artists.id"], name=op.f("fk_live_bills_artist_id_live_artists")),
        sa.ForeignKeyConstraint(
            ["recording_id"],
            ["live_recordings.id"],
            name=op.f("fk_live_bills_recording_id_live_recordings"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("recording_id", "artist_id", name=op.f("pk_live_bills")),
    )
    with op.batch_alter_table("live_bills", schema=None) as batch_op:
        batch_op.create_index("ix_live_bills_artist", ["artist_id"], unique=False)

    op.create_table(
        "live_concert_recordings",
        sa.Column(
            "concert_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=False, nullable=False
        ),
        sa.Column(
            "recording_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=False, nullable=False
        ),
        sa.Column("role", sa.Text(), server_default="whole", nullable=False),
        sa.Column("rank", sa.Integer(), server_default="0", nullable=False),
        sa.Column("score", sa.Double(), server_default="0", nullable=False),
        sa.Column("completeness", sa.Double(), nullable=True),
        sa.Column("terms", sa.JSON().with_variant(postgresql.JSONB(), "postgresql"), nullable=True),
        sa.Column("missing", sa.JSON().with_variant(postgresql.JSONB(), "postgresql"), nullable=True),
        sa.Column("evidence", sa.JSON().with_variant(postgresql.JSONB(), "postgresql"), nullable=True),
        sa.ForeignKeyConstraint(
            ["concert_id"],
            ["live_concerts.id"],
            name=op.f("fk_live_concert_recordings_concert_id_live_concerts"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["recording_id"],
            ["live_recordings.id"],
            name=op.f("fk_live_concert_recordings_recording_id_live_recordings"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("concert_id", "recording_id", name=op.f("pk_live_concert_recordings")),
    )
    with op.batch_alter_table("live_concert_recordings", schema=None) as batch_op:
        batch_op.create_index("ix_live_concert_recordings_recording", ["recording_id"], unique=False)

    op.create_table(
        "live_doubts",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("recording_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("proposal", sa.Text(), nullable=False),
        sa.Column("score", sa.Double(), nullable=False),
        sa.Column("params", sa.JSON().with_variant(postgresql.JSONB(), "postgresql"), nullable=True),
        sa.Column("state", sa.Text(), server_default="open", nullable=False),
        sa.Column("decided_by", sa.BigInteger(), nullable=True),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["recording_id"],
            ["live_recordings.id"],
            name=op.f("fk_live_doubts_recording_id_live_recordings"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_live_doubts")),
        sa.UniqueConstraint("recording_id", "kind", "proposal", name=op.f("uq_live_doubts_recording_id_kind_proposal")),
        sqlite_autoincrement=True,
    )
    with op.batch_alter_table("live_doubts", schema=None) as batch_op:
        batch_op.create_index("ix_live_doubts_state", ["state", "score", "id"], unique=False)

    op.create_table(
        "live_files",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("recording_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("number", sa.Integer(), nullable=True),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("format", sa.Text(), server_default="", nullable=False),
        sa.Column("source", sa.Text(), server_default="", nullable=False),
        sa.Column("original", sa.Text(), server_default="", nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=True),
        sa.Column("md5", sa.Text(), server_default="", nullable=False),
        sa.Column("sha1", sa.Text(), server_default="", nullable=False),
        sa.Column("crc32", sa.Text(), server_default="", nullable=False),
        sa.Column("length_ms", sa.Integer(), nullable=True),
        sa.Column("private", sa.Boolean(), server_default="0", nullable=False),
        sa.ForeignKeyConstraint(
            ["recording_id"],
            ["live_recordings.id"],
            name=op.f("fk_live_files_recording_id_live_recordings"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_live_files")),
        sa.UniqueConstraint("recording_id", "name", name=op.f("uq_live_files_recording_id_name")),
        sqlite_autoincrement=True,
    )
    with op.batch_alter_table("live_files", schema=None) as batch_op:
        batch_op.create_index("ix_live_files_md5", ["md5"], unique=False)

    op.create_table(
        "live_fingerprints",
        sa.Column(
            "recording_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=False, nullable=False
        ),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("value", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["recording_id"],
            ["live_recordings.id"],
            name=op.f("fk_live_fingerprints_recording_id_live_recordings"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("recording_id", "name", name=op.f("pk_live_fingerprints")),
    )
    with op.batch_alter_table("live_fingerprints", schema=None) as batch_op:
        batch_op.create_index("ix_live_fingerprints_value", ["value"], unique=False)

    op.create_table(
        "live_performances",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("concert_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("position", sa.SmallInteger(), nullable=False),
        sa.Column("set_number", sa.SmallInteger(), nullable=False),
        sa.Column("set_name", sa.Text(), nullable=False),
        sa.Column("place", sa.Text(), server_default="", nullable=False),
        sa.Column("song_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("segue", sa.Boolean(), server_default="0", nullable=False),
        sa.Column("segue_heard", sa.Boolean(), server_default="0", nullable=False),
        sa.Column("note", sa.Text(), server_default="", nullable=False),
        sa.Column("gap", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(
            ["concert_id"],
            ["live_concerts.id"],
            name=op.f("fk_live_performances_concert_id_live_concerts"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(["song_id"], ["live_songs.id"], name=op.f("fk_live_performances_song_id_live_songs")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_live_performances")),
        sa.UniqueConstraint("concert_id", "position", name=op.f("uq_live_performances_concert_id_position")),
        sqlite_autoincrement=True,
    )
    with op.batch_alter_table("live_performances", schema=None) as batch_op:
        batch_op.create_index("ix_live_performances_gap", ["gap", "concert_id"], unique=False)
        batch_op.create_index("ix_live_performances_song", ["song_id", "concert_id", "position"], unique=False)

    op.create_table(
        "live_pins",
        sa.Column(
            "concert_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=False, nullable=False
        ),
        sa.Column("user_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("recording_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["concert_id"], ["live_concerts.id"], name=op.f("fk_live_pins_concert_id_live_concerts"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["recording_id"],
            ["live_recordings.id"],
            name=op.f("fk_live_pins_recording_id_live_recordings"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("concert_id", "user_id", name=op.f("pk_live_pins")),
    )
    op.create_table(
        "live_redirects",
        sa.Column("ended_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("uid", sa.Text(), nullable=False),
        sa.Column("concert_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.ForeignKeyConstraint(
            ["concert_id"],
            ["live_concerts.id"],
            name=op.f("fk_live_redirects_concert_id_live_concerts"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("ended_id", name=op.f("pk_live_redirects")),
    )
    with op.batch_alter_table("live_redirects", schema=None) as batch_op:
        batch_op.create_index("ix_live_redirects_to", ["concert_id"], unique=False)
        batch_op.create_index("ix_live_redirects_uid", ["uid"], unique=False)

    op.create_table(
        "live_song_aliases",
        sa.Column(
            "artist_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=False, nullable=False
        ),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("title", sa.Text(), server_default="", nullable=False),
        sa.Column("song_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("decided_by", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(
            ["artist_id"],
            ["live_artists.id"],
            name=op.f("fk_live_song_aliases_artist_id_live_artists"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["song_id"], ["live_songs.id"], name=op.f("fk_live_song_aliases_song_id_live_songs"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("artist_id", "key", name=op.f("pk_live_song_aliases")),
    )
    with op.batch_alter_table("live_song_aliases", schema=None) as batch_op:
        batch_op.create_index("ix_live_song_aliases_key", ["key"], unique=False)
        batch_op.create_index("ix_live_song_aliases_song", ["song_id"], unique=False)

    op.create_table(
        "live_tracks",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("recording_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("title_source", sa.Text(), server_default="", nullable=False),
        sa.Column("other_titles", sa.JSON().with_variant(postgresql.JSONB(), "postgresql"), nullable=True),
        sa.Column("duration_ms", sa.Integer(), nullable=True),
        sa.Column("duration_source", sa.Text(), server_default="", nullable=False),
        sa.Column("heard", sa.JSON().with_variant(postgresql.JSONB(), "postgresql"), nullable=True),
        sa.Column("set_name", sa.Text(), server_default="", nullable=False),
        sa.Column("track_id", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(
            ["recording_id"],
            ["live_recordings.id"],
            name=op.f("fk_live_tracks_recording_id_live_recordings"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_live_tracks")),
        sa.UniqueConstraint("recording_id", "number", name=op.f("uq_live_tracks_recording_id_number")),
        sqlite_autoincrement=True,
    )
    with op.batch_alter_table("live_tracks", schema=None) as batch_op:
        batch_op.create_index("ix_live_tracks_track", ["track_id"], unique=False)

    op.create_table(
        "live_alignments",
        sa.Column(
            "first_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=False, nullable=False
        ),
        sa.Column(
            "second_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=False, nullable=False
        ),
        sa.Column("first_track", sa.BigInteger(), nullable=False),
        sa.Column("second_track", sa.BigInteger(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("offset_ms", sa.Double(), nullable=True),
        sa.Column("ratio", sa.Double(), nullable=True),
        sa.Column("score", sa.Double(), nullable=True),
        sa.Column("stretches", sa.JSON().with_variant(postgresql.JSONB(), "postgresql"), nullable=True),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("version", sa.SmallInteger(), nullable=False),
        sa.Column("found_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["first_id"], ["live_tracks.id"], name=op.f("fk_live_alignments_first_id_live_tracks"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["second_id"], ["live_tracks.id"], name=op.f("fk_live_alignments_second_id_live_tracks"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("first_id", "second_id", name=op.f("pk_live_alignments")),
    )
    with op.batch_alter_table("live_alignments", schema=None) as batch_op:
        batch_op.create_index("ix_live_alignments_second", ["second_id"], unique=False)
    for statement in _search_statements(op.get_bind().dialect.name):
        op.execute(statement)


def downgrade() -> None:
    if op.get_bind().dialect.name == "sqlite":
        op.execute("DROP TABLE IF EXISTS live_search_fts")
    with op.batch_alter_table("live_alignments", schema=None) as batch_op:
        batch_op.drop_index("ix_live_alignments_second")

    op.drop_table("live_alignments")
    with op.batch_alter_table("live_tracks", schema=None) as batch_op:
        batch_op.drop_index("ix_live_tracks_track")

    op.drop_table("live_tracks")
    with op.batch_alter_table("live_song_aliases", schema=None) as batch_op:
        batch_op.drop_index("ix_live_song_aliases_song")
        batch_op.drop_index("ix_live_song_aliases_key")

    op.drop_table("live_song_aliases")
    with op.batch_alter_table("live_redirects", schema=None) as batch_op:
        batch_op.drop_index("ix_live_redirects_uid")
        batch_op.drop_index("ix_live_redirects_to")

    op.drop_table("live_redirects")
    op.drop_table("live_pins")
    with op.batch_alter_table("live_performances", schema=None) as batch_op:
        batch_op.drop_index("ix_live_performances_song")
        batch_op.drop_index("ix_live_performances_gap")

    op.drop_table("live_performances")
    with op.batch_alter_table("live_fingerprints", schema=None) as batch_op:
        batch_op.drop_index("ix_live_fingerprints_value")

    op.drop_table("live_fingerprints")
    with op.batch_alter_table("live_files", schema=None) as batch_op:
        batch_op.drop_index("ix_live_files_md5")

    op.drop_table("live_files")
    with op.batch_alter_table("live_doubts", schema=None) as batch_op:
        batch_op.drop_index("ix_live_doubts_state")

    op.drop_table("live_doubts")
    with op.batch_alter_table("live_concert_recordings", schema=None) as batch_op:
        batch_op.drop_index("ix_live_concert_recordings_recording")

    op.drop_table("live_concert_recordings")
    with op.batch_alter_table("live_bills", schema=None) as batch_op:
        batch_op.drop_index("ix_live_bills_artist")

    op.drop_table("live_bills")
    with op.batch_alter_table("live_songs", schema=None) as batch_op:
        batch_op.drop_index("ix_live_songs_key")

    op.drop_table("live_songs")
    with op.batch_alter_table("live_rule_runs", schema=None) as batch_op:
        batch_op.drop_index("ix_live_rule_runs_rule")

    op.drop_table("live_rule_runs")
    with op.batch_alter_table("live_rule_deeds", schema=None) as batch_op:
        batch_op.drop_index("ix_live_rule_deeds_rule")
        batch_op.drop_index("ix_live_rule_deeds_download")

    op.drop_table("live_rule_deeds")
    op.drop_table("live_regroups")
    with op.batch_alter_table("live_recordings", schema=None) as batch_op:
        batch_op.drop_index("ix_live_recordings_taper")
        batch_op.drop_index(
            "ix_live_recordings_shnid", sqlite_where=sa.text("shnid <> ''"), postgresql_where=sa.text("shnid <> ''")
        )
        batch_op.drop_index(
            "ix_live_recordings_family", sqlite_where=sa.text("family <> ''"), postgresql_where=sa.text("family <> ''")
        )
        batch_op.drop_index("ix_live_recordings_date")
        batch_op.drop_index("ix_live_recordings_artist")
        batch_op.drop_index("ix_live_recordings_added")

    op.drop_table("live_recordings")
    with op.batch_alter_table("live_download_files", schema=None) as batch_op:
        batch_op.drop_index("ix_live_download_files_state")
        batch_op.drop_index("ix_live_download_files_md5")

    op.drop_table("live_download_files")
    with op.batch_alter_table("live_concerts", schema=None) as batch_op:
        batch_op.drop_index("ix_live_concerts_venue")
        batch_op.drop_index("ix_live_concerts_rating")
        batch_op.drop_index(
            "ix_live_concerts_kept", sqlite_where=sa.text("kept > 0"), postgresql_where=sa.text("kept > 0")
        )
        batch_op.drop_index("ix_live_concerts_day")
        batch_op.drop_index("ix_live_concerts_date")
        batch_op.drop_index("ix_live_concerts_artist")
        batch_op.drop_index("ix_live_concerts_added")

    op.drop_table("live_concerts")
    with op.batch_alter_table("live_artist_aliases", schema=None) as batch_op:
        batch_op.drop_index("ix_live_artist_aliases_artist")

    op.drop_table("live_artist_aliases")
    op.drop_table("live_raw", schema="raw")
    with op.batch_alter_table("live_venues", schema=None) as batch_op:
        batch_op.drop_index("ix_live_venues_sort")

    op.drop_table("live_venues")
    with op.batch_alter_table("live_tapes", schema=None) as batch_op:
        batch_op.drop_index("ix_live_tapes_state")
        batch_op.drop_index("ix_live_tapes_recording")

    op.drop_table("live_tapes")
    with op.batch_alter_table("live_setlists", schema=None) as batch_op:
        batch_op.drop_index("ix_live_setlists_artist")

    op.drop_table("live_setlists")
    op.drop_table("live_search")
    with op.batch_alter_table("live_rules", schema=None) as batch_op:
        batch_op.drop_index("ix_live_rules_owner")

    op.drop_table("live_rules")
    with op.batch_alter_table("live_receipts", schema=None) as batch_op:
        batch_op.drop_index("ix_live_receipts_md5")
        batch_op.drop_index("ix_live_receipts_identifier")
        batch_op.drop_index("ix_live_receipts_audio_md5")

    op.drop_table("live_receipts")
    op.drop_table("live_overrides")
    op.drop_table("live_mirrors")
    with op.batch_alter_table("live_downloads", schema=None) as batch_op:
        batch_op.drop_index("ix_live_downloads_user")
        batch_op.drop_index("ix_live_downloads_recording")
        batch_op.drop_index("ix_live_downloads_queue")
        batch_op.drop_index("ix_live_downloads_identifier")

    op.drop_table("live_downloads")
    with op.batch_alter_table("live_attendance", schema=None) as batch_op:
        batch_op.drop_index("ix_live_attendance_date")
        batch_op.drop_index("ix_live_attendance_concert")

    op.drop_table("live_attendance")
    with op.batch_alter_table("live_artists", schema=None) as batch_op:
        batch_op.drop_index("ix_live_artists_sort")
        batch_op.drop_index("ix_live_artists_collection")

    op.drop_table("live_artists")
