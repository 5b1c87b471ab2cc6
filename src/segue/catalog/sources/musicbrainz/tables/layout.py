"""The tables of MusicBrainz's dump that are read, their columns in the dump's order (CreateTables.sql, schema 31), and how
what is kept of them lies in a scratch database.

Columns that newer schemas add stand behind these, as they always have.
"""

from __future__ import annotations

from typing import NamedTuple

SCHEMA = 31
"""The newest schema that these columns were compared with."""
_DATES = "begin_date_year begin_date_month begin_date_day end_date_year end_date_month end_date_day"
_LINK = "id link entity0 entity1"
_TAGGED = "entity tag count"
_RENAMED = "gid new_id"


class Table(NamedTuple):
    """`columns` of the dump up to the last one needed; `kept` are declared as in CREATE TABLE; `sorted_by` gets an index."""

    columns: str
    kept: str
    sorted_by: str = ""


def _named(columns: str = "id name") -> Table:
    return Table(columns, "id INTEGER PRIMARY KEY, name TEXT")


CORE: dict[str, Table] = {
    "area": Table("id gid name", "id INTEGER PRIMARY KEY, name TEXT"),
    "iso_3166_1": Table("area code", "area INTEGER, code TEXT"),
    "artist_type": _named(),
    "gender": _named(),
    "genre": Table("id gid name", "id INTEGER PRIMARY KEY, name TEXT"),
    "language": Table(
        "id iso_code_2t iso_code_2b iso_code_1 name frequency iso_code_3",
        "id INTEGER PRIMARY KEY, iso_code_2t TEXT, iso_code_3 TEXT",
    ),
    "script": Table("id iso_code", "id INTEGER PRIMARY KEY, iso_code TEXT"),
    "medium_format": _named(),
    "release_status": _named(),
    "release_packaging": _named(),
    "release_group_primary_type": _named(),
    "release_group_secondary_type": _named(),
    "label": Table("id gid name", "id INTEGER PRIMARY KEY, gid TEXT, name TEXT"),
    "artist": Table(
        f"id gid name sort_name {_DATES} type area gender comment edits_pending last_updated ended",
        "id INTEGER PRIMARY KEY, gid TEXT, name TEXT, sort_name TEXT, begin_date_year TEXT, begin_date_month TEXT, "
        "begin_date_day TEXT, end_date_year TEXT, end_date_month TEXT, end_date_day TEXT, type INTEGER, area INTEGER, "
        "gender INTEGER, comment TEXT, ended TEXT",
    ),
    "artist_alias": Table("id artist name", "artist INTEGER, name TEXT", "artist"),
    "artist_isni": Table("artist isni", "artist INTEGER, isni TEXT", "artist"),
    "artist_credit_name": Table(
        "artist_credit position artist name join_phrase",
        "artist_credit INTEGER, position INTEGER, artist INTEGER, name TEXT, join_phrase TEXT",
        "artist_credit",
    ),
    "artist_gid_redirect": Table(_RENAMED, "gid TEXT, new_id INTEGER", "new_id"),
    "recording": Table(
        "id gid name artist_credit length comment edits_pending last_updated video",
        "id INTEGER PRIMARY KEY, gid TEXT, name TEXT, length INTEGER, comment TEXT, video TEXT",
    ),
    "recording_first_release_date": Table(
        "recording year month day", "recording INTEGER PRIMARY KEY, year TEXT, month TEXT, day TEXT"
    ),
    "recording_gid_redirect": Table(_RENAMED, "gid TEXT, new_id INTEGER", "new_id"),
    "isrc": Table("id recording isrc", "recording INTEGER, isrc TEXT", "recording"),
    "release_group": Table(
        "id gid name artist_credit type", "id INTEGER PRIMARY KEY, gid TEXT, name TEXT, type INTEGER"
    ),
    "release_group_secondary_type_join": Table(
        "release_group secondary_type", "release_group INTEGER, secondary_type INTEGER", "release_group"
    ),
    "release_group_gid_redirect": Table(_RENAMED, "gid TEXT, new_id INTEGER", "new_id"),
    "release": Table(
        "id gid name artist_credit release_group status packaging language script barcode comment",
        "id INTEGER PRIMARY KEY, gid TEXT, name TEXT, artist_credit INTEGER, release_group INTEGER, status INTEGER, "
        "packaging INTEGER, language INTEGER, script INTEGER, barcode TEXT, comment TEXT",
        "release_group",
    ),
    "release_meta": Table("id date_added info_url amazon_asin", "id INTEGER PRIMARY KEY, amazon_asin TEXT, cover TEXT"),
    "release_country": Table(
        "release country date_year date_month date_day",
        "release INTEGER, country INTEGER, date_year TEXT, date_month TEXT, date_day TEXT",
        "release",
    ),
    "release_unknown_country": Table(
        "release date_year date_month date_day",
        "release INTEGER, date_year TEXT, date_month TEXT, date_day TEXT",
        "release",
    ),
    "release_label": Table(
        "id release label catalog_number", "release INTEGER, label INTEGER, catalog_number TEXT", "release"
    ),
    "release_gid_redirect": Table(_RENAMED, "gid TEXT, new_id INTEGER", "new_id"),
    "medium": Table(
        "id release position format name",
        "id INTEGER PRIMARY KEY, release INTEGER, position INTEGER, format INTEGER, name TEXT",
        "release",
    ),
    "track": Table(
        "id gid recording medium position number name artist_credit length edits_pending last_updated is_data_track",
        "gid TEXT, recording INTEGER, medium INTEGER, position INTEGER, number TEXT, name TEXT, artist_credit INTEGER, "
        "length INTEGER, is_data_track TEXT",
        "medium",
    ),
    "url": Table("id gid url", "id INTEGER PRIMARY KEY, url TEXT"),
    "link": Table(f"id link_type {_DATES} attribute_count created ended", "id INTEGER PRIMARY KEY, ended TEXT"),
    **{
        f"l_{entity}_url": Table(_LINK, "link INTEGER, entity0 INTEGER, entity1 INTEGER", "entity0")
        for entity in ("artist", "recording", "release")
    },
}
DERIVED: dict[str, Table] = {
    "tag": _named(),
    **{
        f"{entity}_tag": Table(_TAGGED, "entity INTEGER, tag INTEGER, count INTEGER", "entity")
        for entity in ("artist", "recording", "release", "release_group")
    },
    **{
        f"{entity}_meta": Table(
            "id rating rating_count", "id INTEGER PRIMARY KEY, rating INTEGER, rating_count INTEGER"
        )
        for entity in ("artist", "recording")
    },
    "release_group_meta": Table(
        "id release_count first_release_date_year first_release_date_month first_release_date_day rating rating_count",
        "id INTEGER PRIMARY KEY, rating INTEGER, rating_count INTEGER",
    ),
}
LAST_COLUMN = {"release_meta": "cover"}
"""Columns that are the last of their table, however many stand before them."""


def kept_columns(name: str, table: Table) -> tuple[list[str], list[int]]:
    """The names of the columns that are kept, and where each stands in a row of the dump (-1: at its end)."""
    names = [part.split()[0] for part in table.kept.split(", ")]
    places = table.columns.split()
    return names, [-1 if LAST_COLUMN.get(name) == column else places.index(column) for column in names]
