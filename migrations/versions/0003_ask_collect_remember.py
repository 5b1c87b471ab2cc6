"""Ask, collect, remember"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from segue.library.musical_keys import camelot_of
from segue.library.search import title_key

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

QUEUES = ("user_id", "current_position", "position_ms", "changed_at", "changed_by")
QUEUE_ROWS = ("user_id", "position", "track_id", "text")
TEXTS_OF_SOME = ("comment", "mood", "grouping", "work")
"""Texts of tracks that not every track has, which SQLite has an index of."""
DIGITS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"


def _is_sqlite() -> bool:
    return op.get_bind().dialect.name == "sqlite"


def _queue_tables(*, by_device: bool) -> None:
    """Queues anew, with what was in them: their key is another. What plays this moment is soon said again."""
    moment = sa.DateTime(timezone=True)
    conn = op.get_bind()
    shared = "" if by_device else " WHERE device = '' AND NOT before"
    queues = [
        dict(row._mapping) for row in conn.execute(sa.text(f"SELECT {', '.join(QUEUES)} FROM play_queues{shared}"))
    ]
    rows = [
        dict(row._mapping)
        for row in conn.execute(sa.text(f"SELECT {', '.join(QUEUE_ROWS)} FROM play_queue_rows{shared}"))
    ]
    for table in ("play_queue_rows", "play_queues", "now_playing"):
        op.drop_table(table)

    def key() -> list[sa.Column[Any]]:
        if not by_device:
            return []
        return [
            sa.Column("device", sa.Text(), server_default="", nullable=False),
            sa.Column("before", sa.Boolean(), server_default="0", nullable=False),
        ]

    of_queue = ["user_id", "device", "before"] if by_device else ["user_id"]
    op.create_table(
        "play_queues",
        sa.Column("user_id", sa.BigInteger(), nullable=False),
        *key(),
        sa.Column("current_position", sa.Integer(), nullable=True),
        sa.Column("position_ms", sa.BigInteger(), nullable=False),
        sa.Column("changed_at", moment, nullable=False),
        sa.Column("changed_by", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint(*of_queue, name=op.f("pk_play_queues")),
    )
    op.create_table(
        "play_queue_rows",
        sa.Column("user_id", sa.BigInteger(), nullable=False),
        *key(),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("track_id", sa.BigInteger(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            of_queue,
            [f"play_queues.{column}" for column in of_queue],
            name=op.f(f"fk_play_queue_rows_{'_'.join(of_queue)}_play_queues"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint(*of_queue, "position", name=op.f("pk_play_queue_rows")),
    )
    if by_device:
        op.create_index("ix_play_queue_rows_track", "play_queue_rows", ["track_id"], unique=False)
    op.create_table(
        "now_playing",
        sa.Column("user_id", sa.BigInteger(), nullable=False),
        *([sa.Column("device", sa.Text(), nullable=False)] if by_device else []),
        sa.Column("client", sa.Text(), nullable=False),
        sa.Column("track_id", sa.BigInteger(), nullable=False),
        sa.Column("position_ms", sa.Integer(), nullable=False),
        *([sa.Column("paused", sa.Boolean(), server_default="0", nullable=False)] if by_device else []),
        sa.Column("started_at", moment, nullable=False),
        *([sa.Column("reported_at", moment, nullable=False)] if by_device else []),
        sa.Column("expires_at", moment, nullable=False),
        sa.PrimaryKeyConstraint("user_id", "device" if by_device else "client", name=op.f("pk_now_playing")),
    )
    for table, columns, kept in (("play_queues", QUEUES, queues), ("play_queue_rows", QUEUE_ROWS, rows)):
        if kept:
            put = f"INSERT INTO {table} ({', '.join(columns)}) VALUES ({', '.join(':' + name for name in columns)})"
            conn.execute(sa.text(put), kept)


def _rank_rows() -> None:
    """Rows of playlists get a rank where they had a place: a number of six digits in base 62, in wide steps."""
    conn = op.get_bind()
    middle, step = 62**6 // 2, 62**2
    for (playlist,) in conn.execute(sa.text("SELECT DISTINCT playlist_id FROM playlist_rows")).all():
        places = sa.text("SELECT id FROM playlist_rows WHERE playlist_id = :playlist ORDER BY position, id")
        ranked = []
        for at, (number,) in enumerate(conn.execute(places, {"playlist": playlist}).all()):
            value, digits = middle + step * at, ""
            for _ in range(6):
                value, digit = divmod(value, 62)
                digits = DIGITS[digit] + digits
            ranked.append({"row": number, "rank": digits})
        conn.execute(sa.text("UPDATE playlist_rows SET rank = :rank WHERE id = :row"), ranked)


def _place_rows() -> None:
    conn = op.get_bind()
    for (playlist,) in conn.execute(sa.text("SELECT DISTINCT playlist_id FROM playlist_rows")).all():
        ranked = sa.text("SELECT id FROM playlist_rows WHERE playlist_id = :playlist ORDER BY rank, id")
        placed = [
            {"row": number, "position": at}
            for at, (number,) in enumerate(conn.execute(ranked, {"playlist": playlist}).all())
        ]
        conn.execute(sa.text("UPDATE playlist_rows SET position = :position WHERE id = :row"), placed)


def _say_what_plays_were_of() -> None:
    """What was heard, and the hour by the person's clock; what they count for is worked out by a job later."""
    if _is_sqlite():
        hour = "CAST((CAST(strftime('%s', played_at) AS INTEGER) + zone_offset_minutes * 60) / 3600 AS INTEGER)"
    else:
        hour = "CAST(floor((extract(epoch FROM played_at) + zone_offset_minutes * 60) / 3600) AS integer)"
    op.execute(f"UPDATE plays SET subject = COALESCE(track_id, 0), device = client, local_hour = {hour}")


GRAMS = (
    ("search_tracks", "title_key"),
    ("search_albums", "title_key"),
    ("search_artists", "title_key"),
    ("search_labels", "title_key"),
    ("search_genres", "title_key"),
    ("search_spellings", "key"),
)
"""Tables and the folded text in them that contains-search looks into, by every three neighbouring characters."""
MAKE_GRAMS = """
CREATE OR REPLACE FUNCTION segue_grams(text) RETURNS text[] LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE AS
$$ SELECT coalesce(array_agg(DISTINCT substr($1, at, 3)), '{}') FROM generate_series(1, length($1) - 2) AS at $$
""".strip()


def _index_grams() -> None:
    if not _is_sqlite():
        op.execute(MAKE_GRAMS)
    for table, column in GRAMS:
        if _is_sqlite():
            op.execute(
                f"CREATE VIRTUAL TABLE {table}_grams USING fts5({column}, content='{table}', content_rowid='id', "
                "tokenize='trigram case_sensitive 1', detail='none', columnsize=0)"
            )
            op.execute(f"INSERT INTO {table}_grams({table}_grams) VALUES ('rebuild')")
        else:
            op.execute(f"CREATE INDEX ix_{table}_grams ON {table} USING gin (segue_grams({column}))")


def _drop_grams() -> None:
    for table, _ in GRAMS:
        op.execute(f"DROP TABLE {table}_grams" if _is_sqlite() else f"DROP INDEX ix_{table}_grams")
    if not _is_sqlite():
        op.execute("DROP FUNCTION segue_grams(text)")


def _write_down(table: str, said: str, kept: str, read: Callable[[str], str | None]) -> None:
    """Put into one column what another, of few different values, comes to."""
    conn = op.get_bind()
    values = conn.execute(sa.text(f"SELECT DISTINCT {said} FROM {table} WHERE {said} IS NOT NULL")).all()
    known = [{"said": value, "kept": found} for (value,) in values if (found := read(value))]
    if not known:
        return
    op.execute("CREATE TEMPORARY TABLE segue_known (said TEXT PRIMARY KEY, kept TEXT)")
    conn.execute(sa.text("INSERT INTO segue_known (said, kept) VALUES (:said, :kept)"), known)
    op.execute(
        f"UPDATE {table} SET {kept} = (SELECT known.kept FROM segue_known AS known WHERE known.said = {table}.{said}) "
        f"WHERE {said} IS NOT NULL"
    )
    op.execute("DROP TABLE segue_known")


def upgrade() -> None:
    op.create_table(
        "heard_names",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("user_id", sa.BigInteger(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("artist", sa.Text(), nullable=False),
        sa.Column("album", sa.Text(), nullable=False),
        sa.Column("duration_ms", sa.Integer(), nullable=True),
        sa.Column("external_ids", sa.JSON().with_variant(postgresql.JSONB(), "postgresql"), nullable=True),
        sa.Column("play_count", sa.Integer(), server_default="0", nullable=False),
        sa.Column("heard_ms", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("first_played_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("last_played_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_heard_names")),
        sa.UniqueConstraint("user_id", "kind", "key", name=op.f("uq_heard_names_user_id_kind_key")),
        sqlite_autoincrement=True,
    )
    with op.batch_alter_table("heard_names", schema=None) as batch_op:
        batch_op.create_index("ix_heard_names_first", ["user_id", "kind", "first_played_at", "id"], unique=False)
        batch_op.create_index("ix_heard_names_plays", ["user_id", "kind", "play_count", "id"], unique=False)
    op.create_table(
        "history_imports",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("user_id", sa.BigInteger(), nullable=False),
        sa.Column("made_by", sa.BigInteger(), nullable=True),
        sa.Column("source", sa.Text(), server_default="", nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("key", sa.Text(), nullable=True),
        sa.Column("size_bytes", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("account", sa.Text(), nullable=True),
        sa.Column("people", sa.JSON().with_variant(postgresql.JSONB(), "postgresql"), nullable=True),
        sa.Column("preview", sa.JSON().with_variant(postgresql.JSONB(), "postgresql"), nullable=True),
        sa.Column("result", sa.JSON().with_variant(postgresql.JSONB(), "postgresql"), nullable=True),
        sa.Column("code", sa.Text(), nullable=True),
        sa.Column("params", sa.JSON().with_variant(postgresql.JSONB(), "postgresql"), nullable=True),
        sa.Column("job_id", sa.BigInteger(), nullable=True),
        sa.Column("first_play_id", sa.BigInteger(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("finished_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("undone_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_history_imports")),
        sqlite_autoincrement=True,
    )
    with op.batch_alter_table("history_imports", schema=None) as batch_op:
        batch_op.create_index("ix_history_imports_user", ["user_id", "id"], unique=False)
    op.create_table(
        "listening_choices",
        sa.Column("user_id", sa.BigInteger(), nullable=False),
        sa.Column("keep_searches", sa.Boolean(), server_default="1", nullable=False),
        sa.PrimaryKeyConstraint("user_id", name=op.f("pk_listening_choices")),
    )
    op.create_table(
        "listening_moves",
        sa.Column("kind", sa.SmallInteger(), nullable=False),
        sa.Column("from_id", sa.BigInteger(), nullable=False),
        sa.Column("up_to_play", sa.BigInteger(), nullable=False),
        sa.Column("to_id", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("kind", "from_id", "up_to_play", name=op.f("pk_listening_moves")),
    )
    op.create_table(
        "outside_gates",
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("service", sa.Text(), nullable=False),
        sa.Column("state", sa.JSON().with_variant(postgresql.JSONB(), "postgresql"), nullable=False),
        sa.Column("last_fault", sa.JSON().with_variant(postgresql.JSONB(), "postgresql"), nullable=True),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_outside_gates")),
    )
    op.create_table(
        "outside_totals",
        sa.Column("service", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("outcome", sa.Text(), nullable=False),
        sa.Column("count", sa.BigInteger(), nullable=False),
        sa.Column("seconds", sa.Float(), nullable=False),
        sa.Column("waited_s", sa.Float(), nullable=False),
        sa.PrimaryKeyConstraint("service", "kind", "outcome", name=op.f("pk_outside_totals")),
    )
    op.create_table(
        "own_tags",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("user_id", sa.BigInteger(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("name_key", sa.Text(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_own_tags")),
        sa.UniqueConstraint("user_id", "name_key", name=op.f("uq_own_tags_user_id_name_key")),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "play_changes",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("user_id", sa.BigInteger(), nullable=False),
        sa.Column("op", sa.Text(), nullable=False),
        sa.Column("play_id", sa.BigInteger(), nullable=False),
        sa.Column("subject", sa.BigInteger(), nullable=False),
        sa.Column("played_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("before", sa.JSON().with_variant(postgresql.JSONB(), "postgresql"), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("undone_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_play_changes")),
        sqlite_autoincrement=True,
    )
    with op.batch_alter_table("play_changes", schema=None) as batch_op:
        batch_op.create_index("ix_play_changes_subject", ["user_id", "subject", "played_at"], unique=False)
        batch_op.create_index("ix_play_changes_user", ["user_id", "id"], unique=False)
    op.create_table(
        "play_hours",
        sa.Column("user_id", sa.BigInteger(), nullable=False),
        sa.Column("local_hour", sa.Integer(), nullable=False),
        sa.Column("plays", sa.Integer(), nullable=False),
        sa.Column("heard_ms", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("user_id", "local_hour", name=op.f("pk_play_hours")),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "play_rollups",
        sa.Column("user_id", sa.BigInteger(), nullable=False),
        sa.Column("kind", sa.SmallInteger(), nullable=False),
        sa.Column("entity_id", sa.BigInteger(), nullable=False),
        sa.Column("period", sa.Integer(), nullable=False),
        sa.Column("plays", sa.Integer(), nullable=False),
        sa.Column("heard_ms", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("user_id", "kind", "entity_id", "period", name=op.f("pk_play_rollups")),
        sqlite_with_rowid=False,
    )
    with op.batch_alter_table("play_rollups", schema=None) as batch_op:
        batch_op.create_index("ix_play_rollups_top", ["user_id", "kind", "period", "plays", "entity_id"], unique=False)
    op.create_table(
        "playlist_folders",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("owner_id", sa.BigInteger(), nullable=False),
        sa.Column("parent_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("sort_key", sa.Text().with_variant(sa.Text(collation="C"), "postgresql"), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["parent_id"],
            ["playlist_folders.id"],
            name=op.f("fk_playlist_folders_parent_id_playlist_folders"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_playlist_folders")),
        sqlite_autoincrement=True,
    )
    with op.batch_alter_table("playlist_folders", schema=None) as batch_op:
        batch_op.create_index("ix_playlist_folders_owner", ["owner_id", "parent_id", "sort_key"], unique=False)
    op.create_table(
        "playlist_imports",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("owner_id", sa.BigInteger(), nullable=False),
        sa.Column("file_name", sa.Text(), nullable=False),
        sa.Column("format", sa.Text(), nullable=True),
        sa.Column("encoding", sa.Text(), nullable=True),
        sa.Column("size_bytes", sa.BigInteger(), nullable=False),
        sa.Column("storage_key", sa.Text(), nullable=True),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("options", sa.JSON().with_variant(postgresql.JSONB(), "postgresql"), nullable=True),
        sa.Column("doubts", sa.JSON().with_variant(postgresql.JSONB(), "postgresql"), nullable=False),
        sa.Column("job_id", sa.BigInteger(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("finished_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_playlist_imports")),
        sqlite_autoincrement=True,
    )
    with op.batch_alter_table("playlist_imports", schema=None) as batch_op:
        batch_op.create_index("ix_playlist_imports_owner", ["owner_id", "id"], unique=False)
    op.create_table(
        "playlist_mixes",
        sa.Column("user_id", sa.BigInteger(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("day", sa.Text(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("content", sa.JSON().with_variant(postgresql.JSONB(), "postgresql"), nullable=False),
        sa.PrimaryKeyConstraint("user_id", "kind", name=op.f("pk_playlist_mixes")),
    )
    op.create_table(
        "playlist_sources",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("owner_id", sa.BigInteger(), nullable=False),
        sa.Column("source_key", sa.Text(), nullable=False),
        sa.Column("playlist_id", sa.BigInteger(), nullable=True),
        sa.Column("library_id", sa.Integer(), nullable=True),
        sa.Column("path", sa.LargeBinary(), nullable=True),
        sa.Column("display_path", sa.Text(), nullable=False),
        sa.Column("size_bytes", sa.BigInteger(), nullable=True),
        sa.Column("mtime_ns", sa.BigInteger(), nullable=True),
        sa.Column("file_hash", sa.LargeBinary(), nullable=True),
        sa.Column("kept", sa.LargeBinary(), nullable=True),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("doubts", sa.JSON().with_variant(postgresql.JSONB(), "postgresql"), nullable=True),
        sa.Column("seen_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_playlist_sources")),
        sqlite_autoincrement=True,
    )
    with op.batch_alter_table("playlist_sources", schema=None) as batch_op:
        batch_op.create_index("ix_playlist_sources_key", ["owner_id", "source_key"], unique=False)
        batch_op.create_index("ix_playlist_sources_playlist", ["playlist_id"], unique=False)
        batch_op.create_index("uq_playlist_sources_file", ["library_id", "path"], unique=True)
    op.create_table(
        "outside_answers",
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("service", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("fresh_until", sa.DateTime(timezone=True), nullable=False),
        sa.Column("keep_until", sa.DateTime(timezone=True), nullable=False),
        sa.Column("is_none", sa.Boolean(), nullable=False),
        sa.Column("status", sa.Integer(), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_outside_answers")),
        schema="raw",
    )
    with op.batch_alter_table("outside_answers", schema="raw") as batch_op:
        batch_op.create_index("ix_outside_answers_keep_until", ["keep_until"], unique=False)
        batch_op.create_index("ix_outside_answers_service", ["service", "kind"], unique=False)
    op.create_table(
        "report_keys",
        sa.Column("token_hash", sa.Text(), nullable=False),
        sa.Column("user_id", sa.BigInteger(), nullable=False),
        sa.Column("secret", sa.Text(), nullable=False),
        sa.Column("approved_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("token_hash", name=op.f("pk_report_keys")),
    )
    op.create_table(
        "scrobble_accounts",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("user_id", sa.BigInteger(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("base_url", sa.Text(), server_default="", nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("label", sa.Text(), server_default="", nullable=False),
        sa.Column("secret", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("choices", sa.JSON().with_variant(postgresql.JSONB(), "postgresql"), nullable=False),
        sa.Column("may_reach_private", sa.Integer(), server_default="0", nullable=False),
        sa.Column("attempts", sa.Integer(), server_default="0", nullable=False),
        sa.Column("next_try_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("error", sa.JSON().with_variant(postgresql.JSONB(), "postgresql"), nullable=True),
        sa.Column("sent", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("last_sent_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("loves_imported_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("loves_result", sa.JSON().with_variant(postgresql.JSONB(), "postgresql"), nullable=True),
        sa.Column("linked_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_scrobble_accounts")),
        sa.UniqueConstraint(
            "user_id", "kind", "base_url", "name", name=op.f("uq_scrobble_accounts_user_id_kind_base_url_name")
        ),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "search_history",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("user_id", sa.BigInteger(), nullable=False),
        sa.Column("box", sa.Text(), nullable=False),
        sa.Column("query", sa.Text(), nullable=False),
        sa.Column("query_key", sa.Text(), nullable=False),
        sa.Column("results", sa.Integer(), nullable=True),
        sa.Column("times", sa.Integer(), server_default="1", nullable=False),
        sa.Column("searched_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_search_history")),
        sqlite_autoincrement=True,
    )
    with op.batch_alter_table("search_history", schema=None) as batch_op:
        batch_op.create_index("ix_search_history_user", ["user_id", "searched_at", "id"], unique=False)
        batch_op.create_index("uq_search_history_query", ["user_id", "box", "query_key"], unique=True)
    op.create_table(
        "search_spellings",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("artist_id", sa.Integer(), nullable=False),
        sa.Column("key", sa.Text().with_variant(sa.Text(collation="C"), "postgresql"), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_search_spellings")),
    )
    with op.batch_alter_table("search_spellings", schema=None) as batch_op:
        batch_op.create_index("ix_search_spellings_artist", ["artist_id", "key"], unique=False)
    op.create_table(
        "heard_name_keys",
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("name_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.ForeignKeyConstraint(
            ["name_id"], ["heard_names.id"], name=op.f("fk_heard_name_keys_name_id_heard_names"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("key", "name_id", name=op.f("pk_heard_name_keys")),
    )
    with op.batch_alter_table("heard_name_keys", schema=None) as batch_op:
        batch_op.create_index("ix_heard_name_keys_name", ["name_id"], unique=False)
    op.create_table(
        "history_import_marks",
        sa.Column("import_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("user_id", sa.BigInteger(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("entity_id", sa.BigInteger(), nullable=False),
        sa.Column("before", sa.JSON().with_variant(postgresql.JSONB(), "postgresql"), nullable=True),
        sa.Column("after", sa.JSON().with_variant(postgresql.JSONB(), "postgresql"), nullable=True),
        sa.ForeignKeyConstraint(
            ["import_id"],
            ["history_imports.id"],
            name=op.f("fk_history_import_marks_import_id_history_imports"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("import_id", "user_id", "kind", "entity_id", name=op.f("pk_history_import_marks")),
    )
    with op.batch_alter_table("history_import_marks", schema=None) as batch_op:
        batch_op.create_index("ix_history_import_marks_user", ["user_id", "kind", "entity_id"], unique=False)
    op.create_table(
        "history_import_problems",
        sa.Column("import_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("member", sa.Text(), nullable=False),
        sa.Column("line", sa.Integer(), nullable=True),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("params", sa.JSON().with_variant(postgresql.JSONB(), "postgresql"), nullable=True),
        sa.ForeignKeyConstraint(
            ["import_id"],
            ["history_imports.id"],
            name=op.f("fk_history_import_problems_import_id_history_imports"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("import_id", "number", name=op.f("pk_history_import_problems")),
    )
    op.create_table(
        "history_import_things",
        sa.Column("import_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("artist", sa.Text(), nullable=False),
        sa.Column("album", sa.Text(), nullable=False),
        sa.Column("path", sa.Text(), nullable=False),
        sa.Column("duration_ms", sa.BigInteger(), nullable=True),
        sa.Column("external_ids", sa.JSON().with_variant(postgresql.JSONB(), "postgresql"), nullable=True),
        sa.Column("times", sa.Integer(), nullable=False),
        sa.Column("first_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("last_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("track_id", sa.BigInteger(), nullable=True),
        sa.Column("score", sa.Float(), nullable=True),
        sa.Column("reasons", sa.JSON().with_variant(postgresql.JSONB(), "postgresql"), nullable=True),
        sa.ForeignKeyConstraint(
            ["import_id"],
            ["history_imports.id"],
            name=op.f("fk_history_import_things_import_id_history_imports"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("import_id", "number", name=op.f("pk_history_import_things")),
    )
    with op.batch_alter_table("history_import_things", schema=None) as batch_op:
        batch_op.create_index("ix_history_import_things_times", ["import_id", "times", "number"], unique=False)
    op.create_table(
        "own_tagged",
        sa.Column("tag_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("entity_id", sa.BigInteger(), nullable=False),
        sa.Column("user_id", sa.BigInteger(), nullable=False),
        sa.Column("tagged_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("external_ids", sa.JSON().with_variant(postgresql.JSONB(), "postgresql"), nullable=True),
        sa.ForeignKeyConstraint(
            ["tag_id"], ["own_tags.id"], name=op.f("fk_own_tagged_tag_id_own_tags"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("tag_id", "kind", "entity_id", name=op.f("pk_own_tagged")),
    )
    with op.batch_alter_table("own_tagged", schema=None) as batch_op:
        batch_op.create_index("ix_own_tagged_entity", ["kind", "entity_id"], unique=False)
        batch_op.create_index("ix_own_tagged_user", ["user_id", "kind", "entity_id"], unique=False)
    op.create_table(
        "playlist_import_lists",
        sa.Column("import_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("comment", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("query", sa.Text(), nullable=True),
        sa.Column("folder", sa.JSON().with_variant(postgresql.JSONB(), "postgresql"), nullable=False),
        sa.Column("source_key", sa.Text(), nullable=False),
        sa.Column("sure", sa.Integer(), nullable=False),
        sa.Column("review", sa.Integer(), nullable=False),
        sa.Column("none", sa.Integer(), nullable=False),
        sa.Column("bad", sa.Integer(), nullable=False),
        sa.Column("playlist_id", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(
            ["import_id"],
            ["playlist_imports.id"],
            name=op.f("fk_playlist_import_lists_import_id_playlist_imports"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("import_id", "number", name=op.f("pk_playlist_import_lists")),
    )
    op.create_table(
        "playlist_import_rows",
        sa.Column("import_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("list_number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("place", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("entry", sa.JSON().with_variant(postgresql.JSONB(), "postgresql"), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("track_id", sa.BigInteger(), nullable=True),
        sa.Column("score", sa.Double(), nullable=True),
        sa.Column("method", sa.Text(), nullable=True),
        sa.Column("reasons", sa.JSON().with_variant(postgresql.JSONB(), "postgresql"), nullable=True),
        sa.Column("others", sa.JSON().with_variant(postgresql.JSONB(), "postgresql"), nullable=True),
        sa.ForeignKeyConstraint(
            ["import_id"],
            ["playlist_imports.id"],
            name=op.f("fk_playlist_import_rows_import_id_playlist_imports"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("import_id", "list_number", "place", name=op.f("pk_playlist_import_rows")),
    )
    with op.batch_alter_table("playlist_import_rows", schema=None) as batch_op:
        batch_op.create_index(
            "ix_playlist_import_rows_state", ["import_id", "list_number", "state", "place"], unique=False
        )
    op.create_table(
        "playlist_placements",
        sa.Column("playlist_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("user_id", sa.BigInteger(), nullable=False),
        sa.Column("folder_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.ForeignKeyConstraint(
            ["folder_id"],
            ["playlist_folders.id"],
            name=op.f("fk_playlist_placements_folder_id_playlist_folders"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["playlist_id"],
            ["playlists.id"],
            name=op.f("fk_playlist_placements_playlist_id_playlists"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("playlist_id", "user_id", name=op.f("pk_playlist_placements")),
    )
    with op.batch_alter_table("playlist_placements", schema=None) as batch_op:
        batch_op.create_index("ix_playlist_placements_folder", ["folder_id"], unique=False)
    op.create_table(
        "playlist_revisions",
        sa.Column("playlist_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("revision", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("user_id", sa.BigInteger(), nullable=True),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("action", sa.Text(), nullable=False),
        sa.Column("params", sa.JSON().with_variant(postgresql.JSONB(), "postgresql"), nullable=False),
        sa.Column("back", sa.LargeBinary(), nullable=True),
        sa.Column("undone_by", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(
            ["playlist_id"],
            ["playlists.id"],
            name=op.f("fk_playlist_revisions_playlist_id_playlists"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("playlist_id", "revision", name=op.f("pk_playlist_revisions")),
    )
    op.create_table(
        "scrobbles",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("account_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("user_id", sa.BigInteger(), nullable=False),
        sa.Column("act", sa.Text(), nullable=False),
        sa.Column("play_id", sa.BigInteger(), nullable=True),
        sa.Column("subject", sa.Text(), nullable=True),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("payload", sa.JSON().with_variant(postgresql.JSONB(), "postgresql"), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("attempts", sa.Integer(), server_default="0", nullable=False),
        sa.Column("code", sa.Text(), nullable=True),
        sa.Column("said", sa.Text(), nullable=True),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["account_id"],
            ["scrobble_accounts.id"],
            name=op.f("fk_scrobbles_account_id_scrobble_accounts"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_scrobbles")),
        sqlite_autoincrement=True,
    )
    with op.batch_alter_table("scrobbles", schema=None) as batch_op:
        batch_op.create_index("ix_scrobbles_account", ["account_id", "state", "at", "id"], unique=False)
        batch_op.create_index("ix_scrobbles_subject", ["account_id", "subject"], unique=False)
        batch_op.create_index("uq_scrobbles_play", ["account_id", "play_id"], unique=True)
    op.create_table(
        "user_library_access",
        sa.Column("user_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("library_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.ForeignKeyConstraint(
            ["user_id"], ["users.id"], name=op.f("fk_user_library_access_user_id_users"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("user_id", "library_id", name=op.f("pk_user_library_access")),
    )
    with op.batch_alter_table("user_library_access", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_user_library_access_library_id"), ["library_id"], unique=False)
    op.create_table(
        "playlist_row_keys",
        sa.Column("key", sa.Text().with_variant(sa.Text(collation="C"), "postgresql"), nullable=False),
        sa.Column("row_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=False, nullable=False),
        sa.ForeignKeyConstraint(
            ["row_id"], ["playlist_rows.id"], name=op.f("fk_playlist_row_keys_row_id_playlist_rows"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("key", "row_id", name=op.f("pk_playlist_row_keys")),
    )
    with op.batch_alter_table("playlist_row_keys", schema=None) as batch_op:
        batch_op.create_index("ix_playlist_row_keys_row", ["row_id"], unique=False)
    with op.batch_alter_table("album_credits", schema=None) as batch_op:
        batch_op.add_column(
            sa.Column("credited_key", sa.Text().with_variant(sa.Text(collation="C"), "postgresql"), nullable=True)
        )
        batch_op.create_index(
            "ix_album_credits_credited",
            ["credited_key", "role", "album_id"],
            unique=False,
            sqlite_where=sa.text("credited_key IS NOT NULL"),
            postgresql_where=sa.text("credited_key IS NOT NULL"),
        )
    with op.batch_alter_table("annotations", schema=None) as batch_op:
        batch_op.add_column(sa.Column("hated_at", sa.DateTime(timezone=True), nullable=True))
        batch_op.add_column(sa.Column("plays_elsewhere", sa.Integer(), server_default="0", nullable=False))
        batch_op.add_column(sa.Column("heard_ms", sa.BigInteger(), server_default="0", nullable=False))
        batch_op.add_column(sa.Column("first_played_at", sa.DateTime(timezone=True), nullable=True))
        batch_op.create_index(
            "ix_annotations_first_played", ["user_id", "kind", "first_played_at", "entity_id"], unique=False
        )
        batch_op.create_index(
            "ix_annotations_hated",
            ["user_id", "kind", "hated_at", "entity_id"],
            unique=False,
            sqlite_where=sa.text("hated_at IS NOT NULL"),
            postgresql_where=sa.text("hated_at IS NOT NULL"),
        )
    with op.batch_alter_table("files", schema=None) as batch_op:
        batch_op.create_index(
            "ix_files_codec", ["codec", "format", "sample_rate_hz", "bit_depth", "bitrate_kbps"], unique=False
        )
        batch_op.create_index("ix_files_sample_rate", ["sample_rate_hz"], unique=False)
        batch_op.create_index(
            "ix_files_bit_depth",
            ["bit_depth"],
            unique=False,
            sqlite_where=sa.text("bit_depth IS NOT NULL"),
            postgresql_where=sa.text("bit_depth IS NOT NULL"),
        )
    with op.batch_alter_table("playlist_rows", schema=None) as batch_op:
        batch_op.add_column(
            sa.Column(
                "rank", sa.Text().with_variant(sa.Text(collation="C"), "postgresql"), server_default="", nullable=False
            )
        )
        batch_op.add_column(sa.Column("comment", sa.Text(), server_default="", nullable=False))
        batch_op.add_column(sa.Column("location", sa.Text(), nullable=True))
        batch_op.add_column(sa.Column("match_score", sa.Double(), nullable=True))
        batch_op.add_column(
            sa.Column("match_reasons", sa.JSON().with_variant(postgresql.JSONB(), "postgresql"), nullable=True)
        )
        batch_op.add_column(sa.Column("match_state", sa.Text(), nullable=True))
        batch_op.add_column(sa.Column("match_method", sa.Text(), nullable=True))
        batch_op.add_column(sa.Column("match_track_id", sa.BigInteger(), nullable=True))
        batch_op.add_column(sa.Column("origin", sa.Text(), nullable=True))

    _rank_rows()
    op.execute("UPDATE playlist_rows SET match_state = 'none' WHERE track_id IS NULL")
    with op.batch_alter_table("playlist_rows", schema=None, table_kwargs={"sqlite_autoincrement": True}) as batch_op:
        batch_op.drop_index(batch_op.f("ix_playlist_rows_place"))
        batch_op.create_index("ix_playlist_rows_place", ["playlist_id", "rank", "id"], unique=False)
        batch_op.drop_index(batch_op.f("ix_playlist_rows_track"))
        batch_op.create_index("ix_playlist_rows_track", ["track_id", "playlist_id"], unique=False)
        batch_op.drop_column("position")
        batch_op.alter_column("rank", server_default=None)
    with op.batch_alter_table("playlists", schema=None) as batch_op:
        batch_op.add_column(sa.Column("normalized", sa.Text(), nullable=True))
        batch_op.add_column(sa.Column("personal", sa.Boolean(), server_default="0", nullable=False))
        batch_op.add_column(sa.Column("cover", sa.Text(), server_default="contents", nullable=False))
        batch_op.add_column(sa.Column("cover_album_id", sa.BigInteger(), nullable=True))
    with op.batch_alter_table("plays", schema=None) as batch_op:
        batch_op.add_column(sa.Column("subject", sa.BigInteger(), server_default="0", nullable=False))
        batch_op.add_column(sa.Column("local_hour", sa.Integer(), server_default="0", nullable=False))
        batch_op.add_column(sa.Column("source", sa.Text(), server_default="", nullable=False))
        batch_op.add_column(sa.Column("device", sa.Text(), server_default="", nullable=False))
        batch_op.add_column(sa.Column("album_artist", sa.Text(), server_default="", nullable=False))
        batch_op.add_column(
            sa.Column("counted", sa.JSON().with_variant(postgresql.JSONB(), "postgresql"), nullable=True)
        )
        batch_op.drop_index(batch_op.f("ix_plays_track"))
        batch_op.drop_index(batch_op.f("uq_plays_once"))
        batch_op.drop_index(batch_op.f("ix_plays_user_played"))
        batch_op.create_index("ix_plays_user_played", ["user_id", "played_at", "id"], unique=False)
        batch_op.create_index("ix_plays_hour", ["user_id", "local_hour", "subject"], unique=False)
        batch_op.create_index("ix_plays_subject", ["subject", "user_id", "played_at"], unique=False)
    _say_what_plays_were_of()
    with op.batch_alter_table("track_credits", schema=None) as batch_op:
        batch_op.add_column(
            sa.Column("credited_key", sa.Text().with_variant(sa.Text(collation="C"), "postgresql"), nullable=True)
        )
        batch_op.create_index(
            "ix_track_credits_credited",
            ["credited_key", "role", "track_id"],
            unique=False,
            sqlite_where=sa.text("credited_key IS NOT NULL"),
            postgresql_where=sa.text("credited_key IS NOT NULL"),
        )
    with op.batch_alter_table("tracks", schema=None) as batch_op:
        batch_op.add_column(sa.Column("camelot", sa.Text(), nullable=True))
        batch_op.create_index("ix_tracks_bpm", ["bpm", "id", "library_id", "missing_since"], unique=False)
        batch_op.create_index(
            "ix_tracks_camelot",
            ["camelot", "id"],
            unique=False,
            sqlite_where=sa.text("camelot IS NOT NULL"),
            postgresql_where=sa.text("camelot IS NOT NULL"),
        )
        batch_op.create_index("ix_tracks_duration", ["duration_ms", "id", "library_id", "missing_since"], unique=False)
        batch_op.create_index(
            "ix_tracks_release_track",
            ["musicbrainz_track_id"],
            unique=False,
            sqlite_where=sa.text("musicbrainz_track_id IS NOT NULL"),
            postgresql_where=sa.text("musicbrainz_track_id IS NOT NULL"),
        )
        for name in TEXTS_OF_SOME if _is_sqlite() else ():
            there = sa.text(f"{name} IS NOT NULL")
            batch_op.create_index(f"ix_tracks_{name}", [name], unique=False, sqlite_where=there)
    _queue_tables(by_device=True)
    for table in ("track_credits", "album_credits"):
        _write_down(table, "credited_as", "credited_key", title_key)
    _write_down("tracks", "musical_key", "camelot", camelot_of)
    _index_grams()


def downgrade() -> None:
    _drop_grams()
    _queue_tables(by_device=False)
    with op.batch_alter_table("tracks", schema=None) as batch_op:
        for name in TEXTS_OF_SOME if _is_sqlite() else ():
            batch_op.drop_index(f"ix_tracks_{name}", sqlite_where=sa.text(f"{name} IS NOT NULL"))
        batch_op.drop_index(
            "ix_tracks_release_track",
            sqlite_where=sa.text("musicbrainz_track_id IS NOT NULL"),
            postgresql_where=sa.text("musicbrainz_track_id IS NOT NULL"),
        )
        batch_op.drop_index("ix_tracks_duration")
        batch_op.drop_index(
            "ix_tracks_camelot",
            sqlite_where=sa.text("camelot IS NOT NULL"),
            postgresql_where=sa.text("camelot IS NOT NULL"),
        )
        batch_op.drop_index("ix_tracks_bpm")
        batch_op.drop_column("camelot")
    with op.batch_alter_table("track_credits", schema=None) as batch_op:
        batch_op.drop_index(
            "ix_track_credits_credited",
            sqlite_where=sa.text("credited_key IS NOT NULL"),
            postgresql_where=sa.text("credited_key IS NOT NULL"),
        )
        batch_op.drop_column("credited_key")
    with op.batch_alter_table("plays", schema=None) as batch_op:
        batch_op.drop_index("ix_plays_subject")
        batch_op.drop_index("ix_plays_hour")
        batch_op.drop_index("ix_plays_user_played")
        batch_op.create_index(batch_op.f("ix_plays_user_played"), ["user_id", "played_at"], unique=False)
        batch_op.create_index(batch_op.f("uq_plays_once"), ["user_id", "track_id", "played_at", "client"], unique=1)
        batch_op.create_index(batch_op.f("ix_plays_track"), ["track_id", "user_id"], unique=False)
        batch_op.drop_column("counted")
        batch_op.drop_column("album_artist")
        batch_op.drop_column("device")
        batch_op.drop_column("source")
        batch_op.drop_column("local_hour")
        batch_op.drop_column("subject")
    with op.batch_alter_table("playlists", schema=None) as batch_op:
        batch_op.drop_column("cover_album_id")
        batch_op.drop_column("cover")
        batch_op.drop_column("personal")
        batch_op.drop_column("normalized")
    with op.batch_alter_table("playlist_rows", schema=None) as batch_op:
        batch_op.add_column(sa.Column("position", sa.INTEGER(), server_default="0", nullable=False))

    _place_rows()
    with op.batch_alter_table("playlist_rows", schema=None) as batch_op:
        batch_op.drop_index("ix_playlist_rows_track")
        batch_op.create_index(batch_op.f("ix_playlist_rows_track"), ["track_id"], unique=False)
        batch_op.drop_index("ix_playlist_rows_place")
        batch_op.create_index(batch_op.f("ix_playlist_rows_place"), ["playlist_id", "position"], unique=False)
        batch_op.drop_column("origin")
        batch_op.drop_column("match_track_id")
        batch_op.drop_column("match_method")
        batch_op.drop_column("match_state")
        batch_op.drop_column("match_reasons")
        batch_op.drop_column("match_score")
        batch_op.drop_column("location")
        batch_op.drop_column("comment")
        batch_op.drop_column("rank")
        batch_op.alter_column("position", server_default=None)
    with op.batch_alter_table("files", schema=None) as batch_op:
        batch_op.drop_index(
            "ix_files_bit_depth",
            sqlite_where=sa.text("bit_depth IS NOT NULL"),
            postgresql_where=sa.text("bit_depth IS NOT NULL"),
        )
        batch_op.drop_index("ix_files_sample_rate")
        batch_op.drop_index("ix_files_codec")
    with op.batch_alter_table("annotations", schema=None) as batch_op:
        batch_op.drop_index(
            "ix_annotations_hated",
            sqlite_where=sa.text("hated_at IS NOT NULL"),
            postgresql_where=sa.text("hated_at IS NOT NULL"),
        )
        batch_op.drop_index("ix_annotations_first_played")
        batch_op.drop_column("first_played_at")
        batch_op.drop_column("heard_ms")
        batch_op.drop_column("plays_elsewhere")
        batch_op.drop_column("hated_at")
    with op.batch_alter_table("album_credits", schema=None) as batch_op:
        batch_op.drop_index(
            "ix_album_credits_credited",
            sqlite_where=sa.text("credited_key IS NOT NULL"),
            postgresql_where=sa.text("credited_key IS NOT NULL"),
        )
        batch_op.drop_column("credited_key")
    op.drop_table("playlist_row_keys")
    op.drop_table("user_library_access")
    op.drop_table("scrobbles")
    op.drop_table("playlist_revisions")
    op.drop_table("playlist_placements")
    op.drop_table("playlist_import_rows")
    op.drop_table("playlist_import_lists")
    op.drop_table("own_tagged")
    op.drop_table("history_import_things")
    op.drop_table("history_import_problems")
    op.drop_table("history_import_marks")
    op.drop_table("heard_name_keys")
    op.drop_table("search_spellings")
    op.drop_table("search_history")
    op.drop_table("scrobble_accounts")
    op.drop_table("report_keys")
    op.drop_table("outside_answers", schema="raw")
    op.drop_table("playlist_sources")
    op.drop_table("playlist_mixes")
    op.drop_table("playlist_imports")
    op.drop_table("playlist_folders")
    op.drop_table("play_rollups")
    op.drop_table("play_hours")
    op.drop_table("play_changes")
    op.drop_table("own_tags")
    op.drop_table("outside_totals")
    op.drop_table("outside_gates")
    op.drop_table("listening_moves")
    op.drop_table("listening_choices")
    op.drop_table("history_imports")
    op.drop_table("heard_names")
