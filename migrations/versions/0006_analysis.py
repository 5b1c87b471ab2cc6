"""What music sounds like"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def _rows_count_upwards() -> None:
    """Rows of playlists never get the number of a deleted one; a database that was brought to 0003 before that said so has
    forgotten it."""
    if op.get_bind().dialect.name != "sqlite":
        return
    made = op.get_bind().execute(sa.text("SELECT sql FROM sqlite_master WHERE name = 'playlist_rows'")).scalar_one()
    if "AUTOINCREMENT" not in made:
        with op.batch_alter_table("playlist_rows", recreate="always", table_kwargs={"sqlite_autoincrement": True}):
            pass


def upgrade() -> None:
    _rows_count_upwards()
    op.create_table(
        "analysis_sounds",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("key", sa.LargeBinary(), nullable=False),
        sa.Column("state", sa.Text(), server_default="pending", nullable=False),
        sa.Column("priority", sa.SmallInteger(), server_default="0", nullable=False),
        sa.Column("attempts", sa.SmallInteger(), server_default="0", nullable=False),
        sa.Column("error", sa.JSON().with_variant(postgresql.JSONB(), "postgresql"), nullable=True),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("job_id", sa.BigInteger(), nullable=True),
        sa.Column("analyzed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("knowledge", sa.LargeBinary(), nullable=True),
        sa.Column("engine", sa.Text(), nullable=True),
        sa.Column("version", sa.Integer(), server_default="0", nullable=False),
        sa.Column("seconds", sa.Double(), nullable=True),
        sa.Column("duration_ms", sa.Integer(), nullable=True),
        sa.Column("bpm", sa.Double(), nullable=True),
        sa.Column("bpm_confidence", sa.Double(), nullable=True),
        sa.Column("steadiness", sa.Double(), nullable=True),
        sa.Column("tonic", sa.SmallInteger(), nullable=True),
        sa.Column("mode", sa.Text(), nullable=True),
        sa.Column("key_confidence", sa.Double(), nullable=True),
        sa.Column("tuning_cents", sa.Double(), nullable=True),
        sa.Column("integrated_lufs", sa.Double(), nullable=True),
        sa.Column("range_lu", sa.Double(), nullable=True),
        sa.Column("true_peak_dbtp", sa.Double(), nullable=True),
        sa.Column("sample_peak_dbfs", sa.Double(), nullable=True),
        sa.Column("energy", sa.Double(), nullable=True),
        sa.Column("danceability", sa.Double(), nullable=True),
        sa.Column("cutoff_hz", sa.Integer(), nullable=True),
        sa.Column("clipped_ms", sa.Double(), nullable=True),
        sa.Column("findings", sa.JSON().with_variant(postgresql.JSONB(), "postgresql"), nullable=True),
        sa.Column("codes", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_analysis_sounds")),
        sa.UniqueConstraint("key", name=op.f("uq_analysis_sounds_key")),
        sqlite_autoincrement=True,
    )
    with op.batch_alter_table("analysis_sounds", schema=None) as batch_op:
        batch_op.create_index("ix_analysis_sounds_state", ["state", "priority", "id"], unique=False)
        batch_op.create_index("ix_analysis_sounds_version", ["version", "id"], unique=False)

    op.create_table(
        "analysis_spaces",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("embedding_version", sa.SmallInteger(), nullable=False),
        sa.Column("learnt_on", sa.Integer(), nullable=False),
        sa.Column("dimensions", sa.SmallInteger(), nullable=False),
        sa.Column("scaling", sa.LargeBinary(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_analysis_spaces")),
        sqlite_autoincrement=True,
    )
    with op.batch_alter_table("analysis_spaces", schema=None) as batch_op:
        batch_op.create_index("ix_analysis_spaces_version", ["embedding_version", "id"], unique=False)

    op.create_table(
        "analysis_documents",
        sa.Column("sound_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("document", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("sound_id", name=op.f("pk_analysis_documents")),
        schema="raw",
    )
    op.create_table(
        "analysis_layouts",
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("space_id", sa.Integer(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("sounds", sa.LargeBinary(), nullable=False),
        sa.Column("places", sa.LargeBinary(), nullable=False),
        sa.Column("step", sa.Integer(), server_default="0", nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("kind", name=op.f("pk_analysis_layouts")),
        schema="raw",
    )
    op.create_table(
        "analysis_clusters",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("space_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("tightness", sa.Double(), nullable=False),
        sa.Column("middle", sa.LargeBinary(), nullable=False),
        sa.Column("genres", sa.JSON().with_variant(postgresql.JSONB(), "postgresql"), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["space_id"],
            ["analysis_spaces.id"],
            name=op.f("fk_analysis_clusters_space_id_analysis_spaces"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_analysis_clusters")),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "analysis_vectors",
        sa.Column(
            "sound_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=False, nullable=False
        ),
        sa.Column("version", sa.SmallInteger(), nullable=False),
        sa.Column("vector", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(
            ["sound_id"],
            ["analysis_sounds.id"],
            name=op.f("fk_analysis_vectors_sound_id_analysis_sounds"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("sound_id", name=op.f("pk_analysis_vectors")),
    )
    with op.batch_alter_table("analysis_vectors", schema=None) as batch_op:
        batch_op.create_index("ix_analysis_vectors_version", ["version", "sound_id"], unique=False)

    op.create_table(
        "analysis_requests",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("user_id", sa.BigInteger(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("track_id", sa.Integer(), nullable=True),
        sa.Column("sound_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("storage_key", sa.Text(), nullable=True),
        sa.Column("state", sa.Text(), server_default="pending", nullable=False),
        sa.Column("error", sa.JSON().with_variant(postgresql.JSONB(), "postgresql"), nullable=True),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["sound_id"],
            ["analysis_sounds.id"],
            name=op.f("fk_analysis_requests_sound_id_analysis_sounds"),
            ondelete="SET NULL",
        ),
        sa.ForeignKeyConstraint(
            ["track_id"], ["tracks.id"], name=op.f("fk_analysis_requests_track_id_tracks"), ondelete="SET NULL"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_analysis_requests")),
        sqlite_autoincrement=True,
    )
    with op.batch_alter_table("analysis_requests", schema=None) as batch_op:
        batch_op.create_index("ix_analysis_requests_sound", ["sound_id"], unique=False)
        batch_op.create_index("ix_analysis_requests_user", ["user_id", "id"], unique=False)

    op.create_table(
        "analysis_tracks",
        sa.Column("track_id", sa.Integer(), nullable=False),
        sa.Column("sound_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.ForeignKeyConstraint(
            ["sound_id"],
            ["analysis_sounds.id"],
            name=op.f("fk_analysis_tracks_sound_id_analysis_sounds"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["track_id"], ["tracks.id"], name=op.f("fk_analysis_tracks_track_id_tracks"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("track_id", name=op.f("pk_analysis_tracks")),
    )
    with op.batch_alter_table("analysis_tracks", schema=None) as batch_op:
        batch_op.create_index("ix_analysis_tracks_sound", ["sound_id"], unique=False)

    op.create_table(
        "analysis_words",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("track_id", sa.Integer(), nullable=False),
        sa.Column("field", sa.Text(), nullable=False),
        sa.Column("value", sa.JSON().with_variant(postgresql.JSONB(), "postgresql"), nullable=False),
        sa.Column("user_id", sa.BigInteger(), nullable=True),
        sa.Column("said_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["track_id"], ["tracks.id"], name=op.f("fk_analysis_words_track_id_tracks"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_analysis_words")),
        sa.UniqueConstraint("track_id", "field", name=op.f("uq_analysis_words_track_id_field")),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "track_measures",
        sa.Column("track_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("bpm", sa.Double(), nullable=True),
        sa.Column("bpm_confidence", sa.Double(), nullable=True),
        sa.Column("tonic", sa.SmallInteger(), nullable=True),
        sa.Column("mode", sa.Text(), nullable=True),
        sa.Column("key_confidence", sa.Double(), nullable=True),
        sa.Column("energy", sa.Double(), nullable=True),
        sa.Column("danceability", sa.Double(), nullable=True),
        sa.Column("loudness_lufs", sa.Double(), nullable=True),
        sa.Column("album_loudness_lufs", sa.Double(), nullable=True),
        sa.Column("loudness_range_lu", sa.Double(), nullable=True),
        sa.Column("true_peak", sa.Double(), nullable=True),
        sa.Column("album_true_peak", sa.Double(), nullable=True),
        sa.Column("measured_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["track_id"], ["tracks.id"], name=op.f("fk_track_measures_track_id_tracks"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("track_id", name=op.f("pk_track_measures")),
    )
    with op.batch_alter_table("tracks", schema=None) as batch_op:
        batch_op.add_column(sa.Column("energy", sa.Float(), nullable=True))
        batch_op.add_column(sa.Column("danceability", sa.Float(), nullable=True))
        batch_op.add_column(sa.Column("loudness_lufs", sa.Float(), nullable=True))
        batch_op.add_column(sa.Column("bpm_measured", sa.Boolean(), server_default="0", nullable=False))
        batch_op.add_column(sa.Column("key_measured", sa.Boolean(), server_default="0", nullable=False))
        batch_op.add_column(sa.Column("gain_measured", sa.Boolean(), server_default="0", nullable=False))
        batch_op.drop_index(batch_op.f("ix_tracks_bpm"))
        batch_op.create_index(
            "ix_tracks_bpm", ["bpm", "id", "library_id", "missing_since", "camelot", "energy"], unique=False
        )
        batch_op.create_index("ix_tracks_energy", ["energy", "id", "library_id", "missing_since"], unique=False)


def downgrade() -> None:
    with op.batch_alter_table("tracks", schema=None, table_kwargs={"sqlite_autoincrement": True}) as batch_op:
        batch_op.drop_index("ix_tracks_energy")
        batch_op.drop_index("ix_tracks_bpm")
        batch_op.create_index(batch_op.f("ix_tracks_bpm"), ["bpm", "id", "library_id", "missing_since"], unique=False)
        batch_op.drop_column("gain_measured")
        batch_op.drop_column("key_measured")
        batch_op.drop_column("bpm_measured")
        batch_op.drop_column("loudness_lufs")
        batch_op.drop_column("danceability")
        batch_op.drop_column("energy")

    op.drop_table("track_measures")
    op.drop_table("analysis_words")
    with op.batch_alter_table("analysis_tracks", schema=None) as batch_op:
        batch_op.drop_index("ix_analysis_tracks_sound")

    op.drop_table("analysis_tracks")
    with op.batch_alter_table("analysis_requests", schema=None) as batch_op:
        batch_op.drop_index("ix_analysis_requests_user")
        batch_op.drop_index("ix_analysis_requests_sound")

    op.drop_table("analysis_requests")
    with op.batch_alter_table("analysis_vectors", schema=None) as batch_op:
        batch_op.drop_index("ix_analysis_vectors_version")

    op.drop_table("analysis_vectors")
    op.drop_table("analysis_clusters")
    op.drop_table("analysis_layouts", schema="raw")
    op.drop_table("analysis_documents", schema="raw")
    with op.batch_alter_table("analysis_spaces", schema=None) as batch_op:
        batch_op.drop_index("ix_analysis_spaces_version")

    op.drop_table("analysis_spaces")
    with op.batch_alter_table("analysis_sounds", schema=None) as batch_op:
        batch_op.drop_index("ix_analysis_sounds_version")
        batch_op.drop_index("ix_analysis_sounds_state")

    op.drop_table("analysis_sounds")
