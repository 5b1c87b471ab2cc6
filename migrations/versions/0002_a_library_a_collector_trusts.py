"""A library a collector trusts"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

INDEXED = (
    ("search_tracks", "tokens"),
    ("search_albums", "tokens"),
    ("search_artists", "tokens"),
    ("search_labels", "tokens"),
    ("search_genres", "tokens"),
    ("search_words", "grams"),
)
"""Tables of finished words and their column, which an index beside them is made over."""
SEARCH = (
    "search_albums",
    "search_artists",
    "search_genres",
    "search_labels",
    "search_tops",
    "search_tracks",
    "search_words",
)
FORMERLY = ("search_tracks", "search_albums", "search_artists")


def _drop_search(tables: tuple[str, ...], indexed: tuple[tuple[str, str], ...]) -> None:
    for table, column in indexed:
        if op.get_bind().dialect.name == "sqlite":
            op.execute(f"DROP TABLE {table}_fts")
        else:
            op.execute(f"DROP INDEX ix_{table}_{column}")
    for table in tables:
        op.drop_table(table)


def _index_search() -> None:
    for table, column in INDEXED:
        if op.get_bind().dialect.name == "sqlite":
            op.execute(
                f"CREATE VIRTUAL TABLE {table}_fts USING fts5({column}, content='{table}', content_rowid='id', "
                "tokenize='ascii', detail='none', columnsize=0)"
            )
        else:
            op.execute(f"CREATE INDEX ix_{table}_{column} ON {table} USING gin ({column})")
            op.execute(f"ALTER TABLE {table} ALTER COLUMN {column} SET STATISTICS 1000")


def _make_former_search() -> None:
    for table in FORMERLY:
        op.create_table(
            table,
            sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
            sa.Column("title_key", sa.Text().with_variant(sa.Text(collation="C"), "postgresql"), nullable=False),
            sa.Column("tokens", sa.Text().with_variant(postgresql.TSVECTOR(), "postgresql"), nullable=False),
            sa.PrimaryKeyConstraint("id", name=op.f(f"pk_{table}")),
        )
        with op.batch_alter_table(table, schema=None) as batch_op:
            batch_op.create_index(f"ix_{table}_title", ["title_key", "id"], unique=False)
        if op.get_bind().dialect.name == "sqlite":
            op.execute(
                f"CREATE VIRTUAL TABLE {table}_fts USING fts5(tokens, content='{table}', content_rowid='id', "
                "tokenize='ascii', detail='none', columnsize=0, prefix='1 2')"
            )
        else:
            op.execute(f"CREATE INDEX ix_{table}_tokens ON {table} USING gin (tokens)")


def upgrade() -> None:
    _drop_search(FORMERLY, tuple((table, "tokens") for table in FORMERLY))
    op.create_table(
        "search_albums",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("title_key", sa.Text().with_variant(sa.Text(collation="C"), "postgresql"), nullable=False),
        sa.Column("library_id", sa.Integer(), nullable=True),
        sa.Column("plays", sa.Integer(), server_default="0", nullable=False),
        sa.Column("tokens", sa.Text().with_variant(postgresql.TSVECTOR(), "postgresql"), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_search_albums")),
    )
    with op.batch_alter_table("search_albums", schema=None) as batch_op:
        batch_op.create_index(
            "ix_search_albums_played",
            ["title_key", "plays", "id"],
            unique=False,
            sqlite_where=sa.text("plays > 0"),
            postgresql_where=sa.text("plays > 0"),
        )
        batch_op.create_index("ix_search_albums_title", ["title_key", "id"], unique=False)
    op.create_table(
        "search_artists",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("title_key", sa.Text().with_variant(sa.Text(collation="C"), "postgresql"), nullable=False),
        sa.Column("library_id", sa.Integer(), nullable=True),
        sa.Column("plays", sa.Integer(), server_default="0", nullable=False),
        sa.Column("tokens", sa.Text().with_variant(postgresql.TSVECTOR(), "postgresql"), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_search_artists")),
    )
    with op.batch_alter_table("search_artists", schema=None) as batch_op:
        batch_op.create_index(
            "ix_search_artists_played",
            ["title_key", "plays", "id"],
            unique=False,
            sqlite_where=sa.text("plays > 0"),
            postgresql_where=sa.text("plays > 0"),
        )
        batch_op.create_index("ix_search_artists_title", ["title_key", "id"], unique=False)
    op.create_table(
        "search_genres",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("title_key", sa.Text().with_variant(sa.Text(collation="C"), "postgresql"), nullable=False),
        sa.Column("library_id", sa.Integer(), nullable=True),
        sa.Column("plays", sa.Integer(), server_default="0", nullable=False),
        sa.Column("tokens", sa.Text().with_variant(postgresql.TSVECTOR(), "postgresql"), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_search_genres")),
    )
    with op.batch_alter_table("search_genres", schema=None) as batch_op:
        batch_op.create_index(
            "ix_search_genres_played",
            ["title_key", "plays", "id"],
            unique=False,
            sqlite_where=sa.text("plays > 0"),
            postgresql_where=sa.text("plays > 0"),
        )
        batch_op.create_index("ix_search_genres_title", ["title_key", "id"], unique=False)
    op.create_table(
        "search_labels",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("title_key", sa.Text().with_variant(sa.Text(collation="C"), "postgresql"), nullable=False),
        sa.Column("library_id", sa.Integer(), nullable=True),
        sa.Column("plays", sa.Integer(), server_default="0", nullable=False),
        sa.Column("tokens", sa.Text().with_variant(postgresql.TSVECTOR(), "postgresql"), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_search_labels")),
    )
    with op.batch_alter_table("search_labels", schema=None) as batch_op:
        batch_op.create_index(
            "ix_search_labels_played",
            ["title_key", "plays", "id"],
            unique=False,
            sqlite_where=sa.text("plays > 0"),
            postgresql_where=sa.text("plays > 0"),
        )
        batch_op.create_index("ix_search_labels_title", ["title_key", "id"], unique=False)
    op.create_table(
        "search_tops",
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("prefix", sa.Text().with_variant(sa.Text(collation="C"), "postgresql"), nullable=False),
        sa.Column("library_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("plays", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("kind", "prefix", "library_id", "id", name=op.f("pk_search_tops")),
    )
    with op.batch_alter_table("search_tops", schema=None) as batch_op:
        batch_op.create_index("ix_search_tops_plays", ["kind", "prefix", "library_id", "plays", "id"], unique=False)
        batch_op.create_index("ix_search_tops_row", ["kind", "id"], unique=False)
    op.create_table(
        "search_tracks",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("title_key", sa.Text().with_variant(sa.Text(collation="C"), "postgresql"), nullable=False),
        sa.Column("library_id", sa.Integer(), nullable=True),
        sa.Column("plays", sa.Integer(), server_default="0", nullable=False),
        sa.Column("tokens", sa.Text().with_variant(postgresql.TSVECTOR(), "postgresql"), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_search_tracks")),
    )
    with op.batch_alter_table("search_tracks", schema=None) as batch_op:
        batch_op.create_index(
            "ix_search_tracks_played",
            ["title_key", "plays", "id"],
            unique=False,
            sqlite_where=sa.text("plays > 0"),
            postgresql_where=sa.text("plays > 0"),
        )
        batch_op.create_index("ix_search_tracks_title", ["title_key", "id"], unique=False)
    op.create_table(
        "search_words",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("word", sa.Text().with_variant(sa.Text(collation="C"), "postgresql"), nullable=False),
        sa.Column("grams", sa.Text().with_variant(postgresql.TSVECTOR(), "postgresql"), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_search_words")),
        sa.UniqueConstraint("word", name=op.f("uq_search_words_word")),
    )
    _index_search()
    op.create_table(
        "artwork_refusals",
        sa.Column("sha256", sa.Text(), nullable=False),
        sa.Column("problem_code", sa.Text(), nullable=False),
        sa.Column("problem_params", sa.JSON().with_variant(postgresql.JSONB(), "postgresql"), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("sha256", name=op.f("pk_artwork_refusals")),
    )
    op.create_table(
        "duplicate_groups",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("track_count", sa.Integer(), nullable=False),
        sa.Column("found_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_duplicate_groups")),
        sqlite_autoincrement=True,
    )
    with op.batch_alter_table("duplicate_groups", schema=None) as batch_op:
        batch_op.create_index("ix_duplicate_groups_kind", ["kind", "id"], unique=False)
    op.create_table(
        "edit_batches",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("action", sa.Text(), nullable=False),
        sa.Column("params", sa.JSON().with_variant(postgresql.JSONB(), "postgresql"), nullable=True),
        sa.Column("made_by", sa.Integer(), nullable=True),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("job_id", sa.BigInteger(), nullable=True),
        sa.Column("undone_by", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(
            ["undone_by"], ["edit_batches.id"], name=op.f("fk_edit_batches_undone_by_edit_batches")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_edit_batches")),
        sqlite_autoincrement=True,
    )
    with op.batch_alter_table("edit_batches", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_edit_batches_undone_by"), ["undone_by"], unique=False)
    op.create_table(
        "edits",
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("entity_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("field", sa.Text(), nullable=False),
        sa.Column("value", sa.JSON().with_variant(postgresql.JSONB(), "postgresql"), nullable=False),
        sa.Column("own", sa.JSON().with_variant(postgresql.JSONB(), "postgresql"), nullable=True),
        sa.Column("file_key", sa.Text().with_variant(sa.Text(collation="C"), "postgresql"), nullable=True),
        sa.Column("edited_by", sa.Integer(), nullable=True),
        sa.Column("edited_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("kind", "entity_id", "field", name=op.f("pk_edits")),
    )
    with op.batch_alter_table("edits", schema=None) as batch_op:
        batch_op.create_index("ix_edits_file_key", ["file_key"], unique=False)
    op.create_table(
        "not_duplicates",
        sa.Column("track_a", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("track_b", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("said_by", sa.BigInteger(), nullable=True),
        sa.Column("said_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("track_a", "track_b", name=op.f("pk_not_duplicates")),
    )
    with op.batch_alter_table("not_duplicates", schema=None) as batch_op:
        batch_op.create_index("ix_not_duplicates_b", ["track_b"], unique=False)
    op.create_table(
        "other_names",
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("name_key", sa.Text().with_variant(sa.Text(collation="C"), "postgresql"), nullable=False),
        sa.Column("entity_id", sa.Integer(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("kind", "name_key", name=op.f("pk_other_names")),
    )
    with op.batch_alter_table("other_names", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_other_names_entity_id"), ["entity_id"], unique=False)
    op.create_table(
        "scan_journal_pages",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("journal_id", sa.Integer(), nullable=False),
        sa.Column("library_id", sa.Integer(), nullable=False),
        sa.Column("document", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_scan_journal_pages")),
        schema="raw",
    )
    with op.batch_alter_table("scan_journal_pages", schema="raw") as batch_op:
        batch_op.create_index("ix_scan_journal_pages_journal", ["journal_id", "id"], unique=False)
    op.create_table(
        "scan_preview_changes",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("preview_id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("place", sa.Integer(), nullable=False),
        sa.Column("document", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_scan_preview_changes")),
        schema="raw",
    )
    with op.batch_alter_table("scan_preview_changes", schema="raw") as batch_op:
        batch_op.create_index("ix_scan_preview_changes_kind", ["preview_id", "kind", "place"], unique=False)
    op.create_table(
        "tag_blocks",
        sa.Column("write_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("block", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("write_id", name=op.f("pk_tag_blocks")),
        schema="raw",
    )
    op.create_table(
        "tag_rules",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("text", sa.Text(), nullable=True),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("changed_by", sa.Integer(), nullable=True),
        sa.Column("applied_hash", sa.LargeBinary(), nullable=True),
        sa.Column("applied_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_tag_rules")),
    )
    op.create_table(
        "tag_write_batches",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("action", sa.Text(), nullable=False),
        sa.Column("cause", sa.Text(), nullable=False),
        sa.Column("params", sa.JSON().with_variant(postgresql.JSONB(), "postgresql"), nullable=False),
        sa.Column("file_ids", sa.JSON().with_variant(postgresql.JSONB(), "postgresql"), nullable=True),
        sa.Column("undoes", sa.Integer(), nullable=True),
        sa.Column("made_by", sa.Integer(), nullable=True),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("finished_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("job_id", sa.BigInteger(), nullable=True),
        sa.Column("total", sa.Integer(), server_default="0", nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_tag_write_batches")),
        sqlite_autoincrement=True,
    )
    with op.batch_alter_table("tag_write_batches", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_tag_write_batches_undoes"), ["undoes"], unique=False)
    op.create_table(
        "artwork_choices",
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("entity_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("disc", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("artwork_id", sa.Integer(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("chosen_by", sa.Integer(), nullable=True),
        sa.Column("chosen_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["artwork_id"], ["artworks.id"], name=op.f("fk_artwork_choices_artwork_id_artworks")),
        sa.PrimaryKeyConstraint("kind", "entity_id", "disc", name=op.f("pk_artwork_choices")),
    )
    with op.batch_alter_table("artwork_choices", schema=None) as batch_op:
        batch_op.create_index("ix_artwork_choices_artwork", ["artwork_id"], unique=False)
    op.create_table(
        "artwork_orders",
        sa.Column("library_id", sa.Integer(), nullable=False),
        sa.Column("sources", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["library_id"], ["libraries.id"], name=op.f("fk_artwork_orders_library_id_libraries"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("library_id", name=op.f("pk_artwork_orders")),
    )
    op.create_table(
        "edit_log",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("batch_id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("entity_id", sa.Integer(), nullable=False),
        sa.Column("field", sa.Text(), nullable=False),
        sa.Column("before", sa.JSON().with_variant(postgresql.JSONB(), "postgresql"), nullable=True),
        sa.Column("after", sa.JSON().with_variant(postgresql.JSONB(), "postgresql"), nullable=True),
        sa.ForeignKeyConstraint(
            ["batch_id"], ["edit_batches.id"], name=op.f("fk_edit_log_batch_id_edit_batches"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_edit_log")),
        sqlite_autoincrement=True,
    )
    with op.batch_alter_table("edit_log", schema=None) as batch_op:
        batch_op.create_index("ix_edit_log_batch", ["batch_id", "kind", "entity_id"], unique=False)
        batch_op.create_index("ix_edit_log_entity", ["kind", "entity_id", "id"], unique=False)
    op.create_table(
        "genre_ancestors",
        sa.Column("genre_id", sa.Integer(), nullable=False),
        sa.Column("ancestor_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["ancestor_id"], ["genres.id"], name=op.f("fk_genre_ancestors_ancestor_id_genres"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["genre_id"], ["genres.id"], name=op.f("fk_genre_ancestors_genre_id_genres"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("genre_id", "ancestor_id", name=op.f("pk_genre_ancestors")),
    )
    with op.batch_alter_table("genre_ancestors", schema=None) as batch_op:
        batch_op.create_index("ix_genre_ancestors_below", ["ancestor_id", "genre_id"], unique=False)
    op.create_table(
        "grouping_overrides",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("library_id", sa.Integer(), nullable=False),
        sa.Column("scope", sa.Text(), nullable=False),
        sa.Column("decision", sa.Text(), nullable=False),
        sa.Column("folder", sa.LargeBinary(), nullable=True),
        sa.Column("params", sa.JSON().with_variant(postgresql.JSONB(), "postgresql"), nullable=False),
        sa.Column("created_by", sa.Integer(), nullable=True),
        sa.Column("created_by_name", sa.Text(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["library_id"],
            ["libraries.id"],
            name=op.f("fk_grouping_overrides_library_id_libraries"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_grouping_overrides")),
        sqlite_autoincrement=True,
    )
    with op.batch_alter_table("grouping_overrides", schema=None) as batch_op:
        batch_op.create_index("ix_grouping_overrides_library", ["library_id", "id"], unique=False)
    op.create_table(
        "inbox_items",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("library_id", sa.Integer(), nullable=False),
        sa.Column("root", sa.LargeBinary(), nullable=False),
        sa.Column("folder", sa.LargeBinary(), nullable=False),
        sa.Column("display_folder", sa.Text(), nullable=False),
        sa.Column("fingerprint", sa.LargeBinary(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("code", sa.Text(), nullable=True),
        sa.Column("params", sa.JSON().with_variant(postgresql.JSONB(), "postgresql"), nullable=True),
        sa.Column("after", sa.Text(), nullable=True),
        sa.Column("checks", sa.JSON().with_variant(postgresql.JSONB(), "postgresql"), nullable=False),
        sa.Column("summary", sa.JSON().with_variant(postgresql.JSONB(), "postgresql"), nullable=False),
        sa.Column("edits", sa.JSON().with_variant(postgresql.JSONB(), "postgresql"), nullable=False),
        sa.Column("template", sa.Text(), nullable=True),
        sa.Column("made_folders", sa.JSON().with_variant(postgresql.JSONB(), "postgresql"), nullable=True),
        sa.Column("edits_applied_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("found_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("decided_by", sa.Integer(), nullable=True),
        sa.Column("job_id", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(
            ["library_id"], ["libraries.id"], name=op.f("fk_inbox_items_library_id_libraries"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_inbox_items")),
        sqlite_autoincrement=True,
    )
    with op.batch_alter_table("inbox_items", schema=None) as batch_op:
        batch_op.create_index("ix_inbox_items_library", ["library_id", "state", "id"], unique=False)
    op.create_table(
        "scan_journals",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("library_id", sa.Integer(), nullable=False),
        sa.Column("job_id", sa.BigInteger(), nullable=True),
        sa.Column("requested_by", sa.Integer(), nullable=True),
        sa.Column("full", sa.Boolean(), nullable=False),
        sa.Column("first", sa.Boolean(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("counts", sa.JSON().with_variant(postgresql.JSONB(), "postgresql"), nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("finished_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("undo_job_id", sa.BigInteger(), nullable=True),
        sa.Column("undone_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("undone_by", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(
            ["library_id"], ["libraries.id"], name=op.f("fk_scan_journals_library_id_libraries"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_scan_journals")),
        sqlite_autoincrement=True,
    )
    with op.batch_alter_table("scan_journals", schema=None) as batch_op:
        batch_op.create_index("ix_scan_journals_library", ["library_id", "id"], unique=False)
    op.create_table(
        "scan_previews",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("library_id", sa.Integer(), nullable=False),
        sa.Column("job_id", sa.BigInteger(), nullable=True),
        sa.Column("wanted", sa.JSON().with_variant(postgresql.JSONB(), "postgresql"), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("summary", sa.JSON().with_variant(postgresql.JSONB(), "postgresql"), nullable=True),
        sa.Column("created_by", sa.Integer(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("finished_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["library_id"], ["libraries.id"], name=op.f("fk_scan_previews_library_id_libraries"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_scan_previews")),
        sqlite_autoincrement=True,
    )
    with op.batch_alter_table("scan_previews", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_scan_previews_expires_at"), ["expires_at"], unique=False)
        batch_op.create_index(batch_op.f("ix_scan_previews_library_id"), ["library_id"], unique=False)
    op.create_table(
        "tag_writes",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("batch_id", sa.Integer(), nullable=False),
        sa.Column("file_id", sa.Integer(), nullable=False),
        sa.Column("library_id", sa.Integer(), nullable=False),
        sa.Column("display_path", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("code", sa.Text(), nullable=True),
        sa.Column("params", sa.JSON().with_variant(postgresql.JSONB(), "postgresql"), nullable=True),
        sa.Column("said", sa.JSON().with_variant(postgresql.JSONB(), "postgresql"), nullable=True),
        sa.Column("changes", sa.JSON().with_variant(postgresql.JSONB(), "postgresql"), nullable=True),
        sa.Column("before", sa.JSON().with_variant(postgresql.JSONB(), "postgresql"), nullable=True),
        sa.Column("artwork_id", sa.Integer(), nullable=True),
        sa.Column("undoes", sa.Integer(), nullable=True),
        sa.Column("target", sa.LargeBinary(), nullable=True),
        sa.Column("temporary", sa.LargeBinary(), nullable=True),
        sa.Column("new_stat", sa.JSON().with_variant(postgresql.JSONB(), "postgresql"), nullable=True),
        sa.Column("audio_hash", sa.LargeBinary(), nullable=True),
        sa.Column("digest_before", sa.LargeBinary(), nullable=True),
        sa.Column("digest_after", sa.LargeBinary(), nullable=True),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["batch_id"],
            ["tag_write_batches.id"],
            name=op.f("fk_tag_writes_batch_id_tag_write_batches"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_tag_writes")),
        sqlite_autoincrement=True,
    )
    with op.batch_alter_table("tag_writes", schema=None) as batch_op:
        batch_op.create_index("ix_tag_writes_batch", ["batch_id", "id"], unique=False)
        batch_op.create_index("ix_tag_writes_file", ["file_id", "id"], unique=False)
        batch_op.create_index("ix_tag_writes_state", ["state", "id"], unique=False)
    op.create_table(
        "folder_pictures",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("library_id", sa.Integer(), nullable=False),
        sa.Column("folder_id", sa.Integer(), nullable=False),
        sa.Column("name", sa.LargeBinary(), nullable=False),
        sa.Column("key", sa.Text().with_variant(sa.Text(collation="C"), "postgresql"), nullable=False),
        sa.Column("role", sa.Text(), nullable=False),
        sa.Column("disc", sa.Integer(), nullable=True),
        sa.Column("size_bytes", sa.BigInteger(), nullable=False),
        sa.Column("mtime_ns", sa.BigInteger(), nullable=False),
        sa.Column("artwork_id", sa.Integer(), nullable=True),
        sa.Column("artist_id", sa.Integer(), nullable=True),
        sa.Column("problem_code", sa.Text(), nullable=True),
        sa.Column("problem_params", sa.JSON().with_variant(postgresql.JSONB(), "postgresql"), nullable=True),
        sa.ForeignKeyConstraint(
            ["artist_id"], ["artists.id"], name=op.f("fk_folder_pictures_artist_id_artists"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(["artwork_id"], ["artworks.id"], name=op.f("fk_folder_pictures_artwork_id_artworks")),
        sa.ForeignKeyConstraint(
            ["folder_id"], ["folders.id"], name=op.f("fk_folder_pictures_folder_id_folders"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["library_id"], ["libraries.id"], name=op.f("fk_folder_pictures_library_id_libraries"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_folder_pictures")),
        sa.UniqueConstraint("folder_id", "name", name=op.f("uq_folder_pictures_folder_id_name")),
        sqlite_autoincrement=True,
    )
    with op.batch_alter_table("folder_pictures", schema=None) as batch_op:
        batch_op.create_index("ix_folder_pictures_artist", ["artist_id"], unique=False)
        batch_op.create_index("ix_folder_pictures_artwork", ["artwork_id"], unique=False)
        batch_op.create_index("ix_folder_pictures_role", ["library_id", "role", "key"], unique=False)
    op.create_table(
        "inbox_files",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("item_id", sa.Integer(), nullable=False),
        sa.Column("path", sa.LargeBinary(), nullable=False),
        sa.Column("display_path", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("size_bytes", sa.BigInteger(), nullable=False),
        sa.Column("mtime_ns", sa.BigInteger(), nullable=False),
        sa.Column("document", sa.LargeBinary(), nullable=True),
        sa.Column("facts", sa.JSON().with_variant(postgresql.JSONB(), "postgresql"), nullable=True),
        sa.Column("audio_key", sa.LargeBinary(), nullable=True),
        sa.Column("problem_code", sa.Text(), nullable=True),
        sa.Column("problem_params", sa.JSON().with_variant(postgresql.JSONB(), "postgresql"), nullable=True),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("code", sa.Text(), nullable=True),
        sa.Column("params", sa.JSON().with_variant(postgresql.JSONB(), "postgresql"), nullable=True),
        sa.Column("target", sa.LargeBinary(), nullable=True),
        sa.Column("temporary", sa.LargeBinary(), nullable=True),
        sa.Column("stat", sa.JSON().with_variant(postgresql.JSONB(), "postgresql"), nullable=True),
        sa.Column("digest", sa.LargeBinary(), nullable=True),
        sa.Column("placed", sa.JSON().with_variant(postgresql.JSONB(), "postgresql"), nullable=True),
        sa.ForeignKeyConstraint(
            ["item_id"], ["inbox_items.id"], name=op.f("fk_inbox_files_item_id_inbox_items"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_inbox_files")),
        sa.UniqueConstraint("item_id", "path", name=op.f("uq_inbox_files_item_id_path")),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "duplicate_members",
        sa.Column("group_id", sa.Integer(), nullable=False),
        sa.Column("track_id", sa.Integer(), nullable=False),
        sa.Column("other_id", sa.Integer(), nullable=False),
        sa.Column("method", sa.Text(), nullable=False),
        sa.Column("score", sa.Float(), nullable=False),
        sa.Column("reasons", sa.JSON().with_variant(postgresql.JSONB(), "postgresql"), nullable=False),
        sa.ForeignKeyConstraint(
            ["group_id"],
            ["duplicate_groups.id"],
            name=op.f("fk_duplicate_members_group_id_duplicate_groups"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["track_id"], ["tracks.id"], name=op.f("fk_duplicate_members_track_id_tracks"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("group_id", "track_id", name=op.f("pk_duplicate_members")),
    )
    with op.batch_alter_table("duplicate_members", schema=None) as batch_op:
        batch_op.create_index("ix_duplicate_members_track", ["track_id"], unique=False)
    op.create_table(
        "grouping_pins",
        sa.Column("track_id", sa.Integer(), nullable=False),
        sa.Column("override_id", sa.Integer(), nullable=False),
        sa.Column("whole", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(
            ["override_id"],
            ["grouping_overrides.id"],
            name=op.f("fk_grouping_pins_override_id_grouping_overrides"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["track_id"], ["tracks.id"], name=op.f("fk_grouping_pins_track_id_tracks"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("track_id", name=op.f("pk_grouping_pins")),
    )
    with op.batch_alter_table("grouping_pins", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_grouping_pins_override_id"), ["override_id"], unique=False)
    op.create_table(
        "lyrics",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("track_id", sa.Integer(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("name", sa.LargeBinary(), nullable=False),
        sa.Column("part", sa.Integer(), nullable=False),
        sa.Column("size_bytes", sa.BigInteger(), nullable=False),
        sa.Column("mtime_ns", sa.BigInteger(), nullable=False),
        sa.Column("format", sa.Text(), nullable=False),
        sa.Column("language", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("synced", sa.Boolean(), nullable=False),
        sa.Column("word_timed", sa.Boolean(), nullable=False),
        sa.Column("document", sa.LargeBinary(), nullable=True),
        sa.Column("problem_code", sa.Text(), nullable=True),
        sa.Column("problem_params", sa.JSON().with_variant(postgresql.JSONB(), "postgresql"), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_by", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(
            ["track_id"], ["tracks.id"], name=op.f("fk_lyrics_track_id_tracks"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_lyrics")),
        sa.UniqueConstraint(
            "track_id", "source", "name", "part", "language", name=op.f("uq_lyrics_track_id_source_name_part_language")
        ),
        sqlite_autoincrement=True,
    )
    with op.batch_alter_table("lyrics", schema=None) as batch_op:
        batch_op.create_index("ix_lyrics_problem", ["problem_code"], unique=False)
    op.create_table(
        "track_fields",
        sa.Column("track_id", sa.Integer(), nullable=False),
        sa.Column("position", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("value", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["track_id"], ["tracks.id"], name=op.f("fk_track_fields_track_id_tracks"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("track_id", "position", name=op.f("pk_track_fields")),
    )
    with op.batch_alter_table("track_fields", schema=None) as batch_op:
        batch_op.create_index("ix_track_fields_name", ["name", "track_id"], unique=False)
    with op.batch_alter_table("albums", schema=None) as batch_op:
        batch_op.add_column(sa.Column("sort_title", sa.Text(), nullable=True))
        batch_op.add_column(sa.Column("release_date", sa.Text(), nullable=True))
        batch_op.create_index("ix_albums_barcode", ["barcode"], unique=False)
        batch_op.create_index("ix_albums_date", ["date_key", "id", "library_id", "missing_since"], unique=False)
        batch_op.create_index("ix_albums_duration", ["duration_ms", "id", "library_id", "missing_since"], unique=False)
        batch_op.create_index(
            "ix_albums_original_date", ["original_date_key", "id", "library_id", "missing_since"], unique=False
        )
        batch_op.create_index("ix_albums_release_group", ["musicbrainz_release_group_id"], unique=False)
        batch_op.create_index("ix_albums_size", ["size_bytes", "id", "library_id", "missing_since"], unique=False)
        batch_op.create_index("ix_albums_tracks", ["track_count", "id", "library_id", "missing_since"], unique=False)
    with op.batch_alter_table("annotations", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_annotations_last_played"))
        batch_op.create_index(
            "ix_annotations_last_played", ["user_id", "kind", "last_played_at", "entity_id"], unique=False
        )
        batch_op.drop_index(batch_op.f("ix_annotations_plays"))
        batch_op.create_index("ix_annotations_plays", ["user_id", "kind", "play_count", "entity_id"], unique=False)
        batch_op.drop_index(batch_op.f("ix_annotations_rating"))
        batch_op.create_index("ix_annotations_rating", ["user_id", "kind", "rating", "entity_id"], unique=False)
        batch_op.drop_index(batch_op.f("ix_annotations_starred"))
        batch_op.create_index("ix_annotations_starred", ["user_id", "kind", "starred_at", "entity_id"], unique=False)
    with op.batch_alter_table("artists", schema=None) as batch_op:
        batch_op.add_column(sa.Column("biography", sa.Text(), nullable=True))
        batch_op.add_column(sa.Column("by_hand", sa.Boolean(), server_default="0", nullable=False))
        batch_op.create_index("ix_artists_added", ["added_at", "id"], unique=False)
    with op.batch_alter_table("files", schema=None) as batch_op:
        batch_op.add_column(sa.Column("ctime_ns", sa.BigInteger(), nullable=True))
        batch_op.add_column(sa.Column("rules_hash", sa.LargeBinary(), nullable=True))
        batch_op.add_column(sa.Column("identity_reason", sa.Text(), nullable=True))
        batch_op.add_column(
            sa.Column("identity_params", sa.JSON().with_variant(postgresql.JSONB(), "postgresql"), nullable=True)
        )
        batch_op.add_column(sa.Column("missing_reason", sa.Text(), nullable=True))
    with op.batch_alter_table("folders", schema=None) as batch_op:
        batch_op.add_column(sa.Column("artwork_rank", sa.SmallInteger(), nullable=True))
    with op.batch_alter_table("genres", schema=None) as batch_op:
        batch_op.add_column(sa.Column("placed_by", sa.Text(), nullable=True))
    with op.batch_alter_table("labels", schema=None) as batch_op:
        batch_op.add_column(sa.Column("sort_name", sa.Text(), nullable=True))
        batch_op.add_column(sa.Column("disambiguation", sa.Text(), nullable=True))
        batch_op.add_column(sa.Column("type", sa.Text(), nullable=True))
        batch_op.add_column(sa.Column("country", sa.Text(), nullable=True))
        batch_op.add_column(sa.Column("begin_date", sa.Text(), nullable=True))
        batch_op.add_column(sa.Column("end_date", sa.Text(), nullable=True))
    with op.batch_alter_table("libraries", schema=None) as batch_op:
        batch_op.add_column(
            sa.Column("options", sa.JSON().with_variant(postgresql.JSONB(), "postgresql"), nullable=True)
        )
        batch_op.add_column(sa.Column("paused_at", sa.DateTime(timezone=True), nullable=True))
        batch_op.add_column(sa.Column("held", sa.JSON().with_variant(postgresql.JSONB(), "postgresql"), nullable=True))
        batch_op.add_column(
            sa.Column("watching", sa.JSON().with_variant(postgresql.JSONB(), "postgresql"), nullable=True)
        )
    with op.batch_alter_table("tracks", schema=None) as batch_op:
        batch_op.add_column(sa.Column("sort_title", sa.Text(), nullable=True))
        batch_op.add_column(sa.Column("recording_date", sa.Text(), nullable=True))
        batch_op.add_column(
            sa.Column("groupings", sa.JSON().with_variant(postgresql.JSONB(), "postgresql"), nullable=True)
        )
        batch_op.add_column(sa.Column("moods", sa.JSON().with_variant(postgresql.JSONB(), "postgresql"), nullable=True))
        batch_op.add_column(sa.Column("media", sa.Text(), nullable=True))
        batch_op.add_column(sa.Column("movement_total", sa.Integer(), nullable=True))
        batch_op.add_column(sa.Column("merged_into_id", sa.Integer(), nullable=True))
        batch_op.create_index(
            "ix_tracks_merged",
            ["merged_into_id"],
            unique=False,
            sqlite_where=sa.text("merged_into_id IS NOT NULL"),
            postgresql_where=sa.text("merged_into_id IS NOT NULL"),
        )


def downgrade() -> None:
    with op.batch_alter_table("tracks", schema=None) as batch_op:
        batch_op.drop_index(
            "ix_tracks_merged",
            sqlite_where=sa.text("merged_into_id IS NOT NULL"),
            postgresql_where=sa.text("merged_into_id IS NOT NULL"),
        )
        batch_op.drop_column("merged_into_id")
        batch_op.drop_column("movement_total")
        batch_op.drop_column("media")
        batch_op.drop_column("moods")
        batch_op.drop_column("groupings")
        batch_op.drop_column("recording_date")
        batch_op.drop_column("sort_title")
    with op.batch_alter_table("libraries", schema=None) as batch_op:
        batch_op.drop_column("watching")
        batch_op.drop_column("held")
        batch_op.drop_column("paused_at")
        batch_op.drop_column("options")
    with op.batch_alter_table("labels", schema=None) as batch_op:
        batch_op.drop_column("end_date")
        batch_op.drop_column("begin_date")
        batch_op.drop_column("country")
        batch_op.drop_column("type")
        batch_op.drop_column("disambiguation")
        batch_op.drop_column("sort_name")
    with op.batch_alter_table("genres", schema=None) as batch_op:
        batch_op.drop_column("placed_by")
    with op.batch_alter_table("folders", schema=None) as batch_op:
        batch_op.drop_column("artwork_rank")
    with op.batch_alter_table("files", schema=None) as batch_op:
        batch_op.drop_column("missing_reason")
        batch_op.drop_column("identity_params")
        batch_op.drop_column("identity_reason")
        batch_op.drop_column("rules_hash")
        batch_op.drop_column("ctime_ns")
    with op.batch_alter_table("artists", schema=None) as batch_op:
        batch_op.drop_index("ix_artists_added")
        batch_op.drop_column("by_hand")
        batch_op.drop_column("biography")
    with op.batch_alter_table("annotations", schema=None) as batch_op:
        batch_op.drop_index("ix_annotations_starred")
        batch_op.create_index(batch_op.f("ix_annotations_starred"), ["user_id", "kind", "starred_at"], unique=False)
        batch_op.drop_index("ix_annotations_rating")
        batch_op.create_index(batch_op.f("ix_annotations_rating"), ["user_id", "kind", "rating"], unique=False)
        batch_op.drop_index("ix_annotations_plays")
        batch_op.create_index(batch_op.f("ix_annotations_plays"), ["user_id", "kind", "play_count"], unique=False)
        batch_op.drop_index("ix_annotations_last_played")
        batch_op.create_index(
            batch_op.f("ix_annotations_last_played"), ["user_id", "kind", "last_played_at"], unique=False
        )
    with op.batch_alter_table("albums", schema=None) as batch_op:
        batch_op.drop_index("ix_albums_tracks")
        batch_op.drop_index("ix_albums_size")
        batch_op.drop_index("ix_albums_release_group")
        batch_op.drop_index("ix_albums_original_date")
        batch_op.drop_index("ix_albums_duration")
        batch_op.drop_index("ix_albums_date")
        batch_op.drop_index("ix_albums_barcode")
        batch_op.drop_column("release_date")
        batch_op.drop_column("sort_title")
    op.drop_table("track_fields")
    op.drop_table("lyrics")
    op.drop_table("grouping_pins")
    op.drop_table("duplicate_members")
    op.drop_table("inbox_files")
    op.drop_table("folder_pictures")
    op.drop_table("tag_writes")
    op.drop_table("scan_previews")
    op.drop_table("scan_journals")
    op.drop_table("inbox_items")
    op.drop_table("grouping_overrides")
    op.drop_table("genre_ancestors")
    op.drop_table("edit_log")
    op.drop_table("artwork_orders")
    op.drop_table("artwork_choices")
    op.drop_table("tag_write_batches")
    op.drop_table("tag_rules")
    op.drop_table("tag_blocks", schema="raw")
    op.drop_table("scan_preview_changes", schema="raw")
    op.drop_table("scan_journal_pages", schema="raw")
    op.drop_table("other_names")
    op.drop_table("not_duplicates")
    op.drop_table("edits")
    op.drop_table("edit_batches")
    op.drop_table("duplicate_groups")
    op.drop_table("artwork_refusals")
    _drop_search(SEARCH[::-1], INDEXED)
    _make_former_search()
