"""The tables and indexes of the two-file layout (docs/catalog.md, Sources), as a made-up catalogue has them.

Indexes are made after the rows: sorting once costs a third of keeping them in order at every row.
"""

from __future__ import annotations

MAIN = "main_database.sqlite3"
FILES = "track_files.sqlite3"
FEATURES = "track_audio_features.sqlite3"

MAIN_TABLES = """
CREATE TABLE artists (rowid INTEGER PRIMARY KEY NOT NULL, id TEXT NOT NULL, fetched_at INTEGER NOT NULL, name TEXT NOT NULL,
    followers_total INTEGER NOT NULL, popularity INTEGER NOT NULL);
CREATE TABLE artist_genres (artist_rowid INTEGER NOT NULL, genre TEXT NOT NULL);
CREATE TABLE artist_images (artist_rowid INTEGER NOT NULL, width INTEGER NOT NULL, height INTEGER NOT NULL, url TEXT NOT NULL);
CREATE TABLE artist_albums (artist_rowid INTEGER NOT NULL, album_rowid INTEGER NOT NULL, is_appears_on INTEGER NOT NULL,
    is_implicit_appears_on INTEGER NOT NULL, index_in_album INTEGER);
CREATE TABLE available_markets (rowid INTEGER PRIMARY KEY NOT NULL, available_markets TEXT NOT NULL);
CREATE TABLE albums (rowid INTEGER PRIMARY KEY NOT NULL, id TEXT NOT NULL, fetched_at INTEGER NOT NULL, name TEXT NOT NULL,
    album_type TEXT NOT NULL, available_markets_rowid INTEGER NOT NULL, external_id_upc TEXT, external_id_amgid TEXT,
    copyright_c TEXT, copyright_p TEXT, label TEXT NOT NULL, popularity INTEGER NOT NULL, release_date TEXT NOT NULL,
    release_date_precision TEXT NOT NULL, total_tracks INTEGER NOT NULL);
CREATE TABLE album_images (album_rowid INTEGER NOT NULL, width INTEGER NOT NULL, height INTEGER NOT NULL, url TEXT NOT NULL);
CREATE TABLE tracks (rowid INTEGER PRIMARY KEY NOT NULL, id TEXT NOT NULL, fetched_at INTEGER NOT NULL, name TEXT NOT NULL,
    preview_url TEXT, album_rowid INTEGER NOT NULL, track_number INTEGER NOT NULL, external_id_isrc TEXT, external_id_ean TEXT,
    external_id_upc TEXT, popularity INTEGER NOT NULL, available_markets_rowid INTEGER NOT NULL, disc_number INTEGER NOT NULL,
    duration_ms INTEGER NOT NULL, explicit INTEGER NOT NULL);
CREATE TABLE track_artists (track_rowid INTEGER NOT NULL, artist_rowid INTEGER NOT NULL);
"""

MAIN_INDEXES = (
    "CREATE INDEX artist_genres_artist_id ON artist_genres (artist_rowid)",
    "CREATE INDEX artist_genres_genre ON artist_genres (genre)",
    "CREATE INDEX artist_images_artist_id ON artist_images (artist_rowid)",
    "CREATE UNIQUE INDEX artists_id_unique ON artists (id)",
    "CREATE INDEX artists_name ON artists (name)",
    "CREATE INDEX artists_popularity ON artists (popularity)",
    "CREATE INDEX artists_followers ON artists (followers_total)",
    "CREATE INDEX artist_album_artist_id ON artist_albums (artist_rowid)",
    "CREATE INDEX artist_album_album_id ON artist_albums (album_rowid)",
    "CREATE UNIQUE INDEX albums_id_unique ON albums (id)",
    "CREATE INDEX album_name ON albums (name)",
    "CREATE INDEX album_popularity ON albums (popularity)",
    "CREATE UNIQUE INDEX available_markets_available_markets_unique ON available_markets (available_markets)",
    "CREATE INDEX track_artists_artist_id ON track_artists (artist_rowid)",
    "CREATE INDEX track_artists_track_id ON track_artists (track_rowid)",
    "CREATE UNIQUE INDEX tracks_id_unique ON tracks (id)",
    "CREATE INDEX tracks_popularity ON tracks (popularity)",
    "CREATE INDEX tracks_album ON tracks (album_rowid)",
    "CREATE INDEX album_images_album_id ON album_images (album_rowid)",
    "CREATE INDEX tracks_isrc ON tracks (external_id_isrc)",
)

FILES_TABLES = """
CREATE TABLE track_files (rowid INTEGER PRIMARY KEY NOT NULL, track_id TEXT NOT NULL, filename TEXT, reencoded_kbit_vbr INTEGER,
    fetched_at INTEGER, session_country TEXT, sha256_original TEXT, sha256_with_embedded_meta TEXT, status TEXT NOT NULL,
    isrc_has_download INTEGER, track_popularity INTEGER, secondary_priority REAL, prefixed_ogg_packet BLOB, alternatives TEXT,
    file_id_ogg_vorbis_96 TEXT, file_id_ogg_vorbis_160 TEXT, file_id_ogg_vorbis_320 TEXT, file_id_aac_24 TEXT,
    language_of_performance TEXT, artist_roles TEXT, has_lyrics INTEGER, licensor TEXT, original_title TEXT, version_title TEXT,
    file_id_mp3_96 TEXT, content_ratings TEXT, filesize_bytes INTEGER);
"""

FILES_INDEXES = (
    "CREATE UNIQUE INDEX clean_track_files_track_id_unique ON track_files (track_id)",
    "CREATE INDEX track_files_todo ON track_files (track_popularity, secondary_priority) WHERE status = 'todo'",
    "CREATE INDEX track_files_filesize ON track_files (filesize_bytes)",
    "CREATE INDEX track_files_filesize_todo2 ON track_files (track_popularity) "
    "WHERE filesize_bytes IS NULL AND status = 'success'",
)

FEATURES_TABLES = """
CREATE TABLE track_audio_features (rowid INTEGER PRIMARY KEY NOT NULL, track_id TEXT NOT NULL, fetched_at INTEGER NOT NULL,
    null_response INTEGER NOT NULL, duration_ms INTEGER, time_signature INTEGER, tempo REAL, key INTEGER, mode INTEGER,
    danceability REAL, energy REAL, loudness REAL, speechiness REAL, acousticness REAL, instrumentalness REAL, liveness REAL,
    valence REAL);
"""

FEATURES_INDEXES = ("CREATE UNIQUE INDEX track_audio_features_track_id_unique ON track_audio_features (track_id)",)
