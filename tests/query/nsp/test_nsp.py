"""Navidrome's smart playlists: every operator and field, both ways, and what cannot be said is named."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from segue.library.fields import ENTITIES
from segue.listening.fields import FIELDS
from segue.playlists.fields import track_fields
from segue.query import And, Compare, Entities, Has, In, Node, Not, Or, Range, Text, Type
from segue.query.ast import normal
from segue.query.language import parse
from segue.query.language.limits import Limit
from segue.query.nsp import BadNsp, export, read

TRACKS = Entities(ENTITIES).extended(FIELDS)["tracks"]
PLAYLISTED = Entities(ENTITIES).extended({"tracks": track_fields(lambda: None)})["tracks"]  # type: ignore[arg-type,return-value]

OPERATORS: list[tuple[dict[str, Any], str]] = [
    ({"is": {"loved": True}}, "starred:true"),
    ({"is": {"loved": "true"}}, "starred:true"),
    ({"is": {"compilation": 1}}, "compilation:true"),
    ({"is": {"title": "So What"}}, 'title:"So What"'),
    ({"isNot": {"genre": "Rock"}}, 'NOT genre:"Rock"'),
    ({"gt": {"year": 1980}}, "year:>1980"),
    ({"GT": {"playCount": "5"}}, "plays:>5"),
    ({"lt": {"duration": 180.0}}, "duration:<180"),
    ({"contains": {"album": "Blue"}}, "album:Blue"),
    ({"notContains": {"title": "live"}}, "NOT title:live"),
    ({"startsWith": {"artist": "Miles"}}, "artist:startsWith Miles"),
    ({"endsWith": {"comment": "end"}}, "comment:endsWith end"),
    ({"inTheRange": {"year": [1981, 1990]}}, "year:1981..1990"),
    ({"inTheRange": {"dateAdded": ["2020-01-01", "2020-12-31"]}}, "added:2020-01-01..2020-12-31"),
    ({"before": {"date": "2001-01-01"}}, "date:<2001-01-01"),
    ({"after": {"lastPlayed": "2001-01-01"}}, "last_played:>2001-01-01"),
    ({"inTheLast": {"lastPlayed": 30}}, "last_played:-30d.."),
    ({"notInTheLast": {"dateLoved": "30"}}, "NOT starred_at:-30d.."),
    ({"isMissing": {"year": True}}, "NOT has:year"),
    ({"isMissing": {"year": "false"}}, "has:year"),
    ({"isPresent": {"bpm": True}}, "has:bpm"),
    ({"is": {"explicitStatus": "e"}}, "explicit:true"),
    ({"contains": {"copyright": "1977"}}, "tag.copyright:1977"),
]


@pytest.mark.parametrize(("condition", "query"), OPERATORS)
def test_every_operator_is_read(condition: dict[str, Any], query: str) -> None:
    assert read(TRACKS, json.dumps({"all": [condition]})).query == query


LISTED = (
    "title album hascoverart tracknumber discnumber year date recordingdate originalyear originaldate releaseyear "
    "releasedate size compilation missing explicitstatus dateadded datemodified discsubtitle comment lyrics sorttitle "
    "sortalbum sortartist sortalbumartist albumcomment catalognumber filepath filetype codec duration bitrate bitdepth "
    "samplerate bpm channels loved dateloved lastplayed daterated playcount rating averagerating albumrating albumloved "
    "albumplaycount albumlastplayed albumdateloved albumdaterated albumdateadded albumdatemodified albumduration "
    "albumsongcount albumsize artistrating artistloved artistplaycount artistlastplayed artistdateloved artistdaterated "
    "mbz_album_id mbz_album_artist_id mbz_artist_id mbz_recording_id mbz_release_track_id mbz_release_group_id "
    "rgalbumgain rgalbumpeak rgtrackgain rgtrackpeak library_id genre mood grouping albumtype releasetype recordlabel "
    "isrc copyright key artist albumartist composer lyricist conductor arranger producer director engineer mixer "
    "remixer djmixer performer albumversion language barcode media releasestatus releasecountry asin encodedby website "
    "script license subtitle work movementname"
).split()


@pytest.mark.parametrize("name", LISTED)
def test_every_field_of_navidrome_can_be_asked_here(name: str) -> None:
    found = read(TRACKS, {"all": [{"isPresent": {name: True}}]})
    assert not [note for note in found.notes if note.left_out], found.notes
    assert isinstance(found.where, Has)


LISTS = {"road trip": 12, "7b0f3c": 13}.get


@pytest.mark.parametrize(
    ("named", "query", "code"),
    [
        ({"id": "pl-3"}, "playlist:pl-3", None),
        ({"id": "7b0f3c"}, "playlist:pl-13", "playlist_here"),
        ({"path": "lists/road trip.nsp"}, "playlist:pl-12", "playlist_here"),
        ({"name": "road trip"}, "playlist:pl-12", "playlist_here"),
        ({"id": "unknown"}, 'playlist:"unknown"', "playlist_not_here"),
    ],
)
def test_playlists_are_named_by_id_by_path_and_by_name(named: dict[str, str], query: str, code: str | None) -> None:
    for operator, sign in (("inPlaylist", ""), ("notInPlaylist", "NOT ")):
        found = read(PLAYLISTED, {"all": [{operator: named}]}, lists=LISTS)
        assert found.query == sign + query
        assert [note.code for note in found.notes] == ([code] if code else [])


def test_what_is_around_the_conditions_is_read() -> None:
    found = read(
        TRACKS,
        {
            "name": "80s", "comment": "Nice", "public": True, "all": [], "sort": "-year,+title,foo", "order": "desc",
            "limit": 25, "offset": 5, "refreshDelay": "5s", "colour": "red",
        },
    )  # fmt: skip
    assert (found.name, found.comment, found.public) == ("80s", "Nice", True)
    assert found.query == "sort:year,-title limit:25 offset:5"
    assert {note.code for note in found.notes} == {"unknown_sort", "refreshed_on_change", "unknown_member"}
    assert all(note.sentence for note in found.notes)
    assert read(TRACKS, {"any": [], "sort": "random", "limitPercent": 10}).query.endswith("sort:random limit:10%")


def test_nested_groups_are_read() -> None:
    nsp = {"any": [{"all": [{"is": {"year": 1970}}, {"is": {"loved": True}}]}, {"gt": {"rating": 3}}]}
    assert read(TRACKS, nsp).query == "year:1970 starred:true OR rating:>3"


def test_what_cannot_be_said_is_named_with_its_place() -> None:
    found = read(TRACKS, {"all": [{"is": {"nonsense": 1}}, {"sounds": {"year": 1}}, {"is": {"year": "x"}}]})
    assert [(note.code, note.place, note.left_out) for note in found.notes] == [
        ("unknown_field", "all.0", True),
        ("unknown_operator", "all.1", True),
        ("bad_value", "all.2", True),
    ]


@pytest.mark.parametrize(
    "given",
    [
        b"", b"[]", b"{", b"\xff\xfe\x00", b'{"all": [], "any": []}', b'{"all": {}}', b'{"all": [1]}', b'{"all": [{}]}',
        b'{"all": [{"is": {}}]}', b'{"limit": -1}', b'{"limit": "many"}', b'{"all":' * 5000 + b"[]" + b"}" * 5000,
        b'{"all":[' * 500 + b"]}" * 500, b" " * 1_000_001,
    ],
)  # fmt: skip
def test_what_is_no_smart_playlist_is_refused_with_its_place(given: bytes) -> None:
    with pytest.raises(BadNsp):
        read(TRACKS, given)


@settings(max_examples=300, deadline=None)
@given(st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(
        st.sampled_from(["all", "any", "is", "gt", "inTheRange", "inTheLast", "contains", "year", "title", "loved", "limit",
                         "sort", "inPlaylist", "isMissing", "id", "path", "order"]) | st.text(max_size=5), inner, max_size=3),
    max_leaves=12,
).filter(lambda given: isinstance(given, dict)))  # fmt: skip
def test_any_json_is_a_list_or_is_refused(given: dict[str, Any]) -> None:
    try:
        found = read(TRACKS, given)
    except BadNsp:
        return
    assert parse(TRACKS, found.query or "*").where == found.where


EXPORTED: list[tuple[str, dict[str, Any]]] = [
    ("starred:true", {"is": {"loved": True}}),
    ('NOT title:"So What"', {"isNot": {"title": "So What"}}),
    ("artist:Miles", {"contains": {"artist": "Miles"}}),
    ("NOT album:Blue", {"notContains": {"album": "Blue"}}),
    ("year:>=1980", {"gt": {"year": 1979}}),
    ("year:..1980", {"lt": {"year": 1981}}),
    ("plays:0", {"is": {"playcount": 0}}),
    ("year:1970..1979", {"inTheRange": {"year": [1970, 1979]}}),
    ("added:-2w..", {"inTheLast": {"dateadded": 14}}),
    ("last_played:<-30d", {"notInTheLast": {"lastplayed": 30}}),
    ("added:2020", {"is": {"dateadded": "2020-01-01"}}),
    ("added:>2020-05", {"after": {"dateadded": "2020-05-31"}}),
    ("has:bpm", {"isPresent": {"bpm": True}}),
    ("-has:bpm", {"isMissing": {"bpm": True}}),
    ("NOT (title:a OR title:b)", {"all": [{"notContains": {"title": "a"}}, {"notContains": {"title": "b"}}]}),
    ("NOT year:1970..1979", {"any": [{"lt": {"year": 1970}}, {"gt": {"year": 1979}}, {"isMissing": {"year": True}}]}),
    ("rating:4,5", {"any": [{"is": {"rating": 4}}, {"is": {"rating": 5}}]}),
    ("love", {"any": [{"contains": {"title": "love"}}, {"contains": {"artist": "love"}}, {"contains": {"album": "love"}}]}),
]  # fmt: skip


@pytest.mark.parametrize(("query", "condition"), EXPORTED)
def test_a_query_is_written_as_navidrome_has_it(query: str, condition: dict[str, Any]) -> None:
    made = export(TRACKS, parse(TRACKS, query).where)
    wanted = condition if set(condition) <= {"all", "any"} else {"all": [condition]}
    assert made.nsp == wanted
    assert not [note for note in made.notes if note.left_out]


def test_ids_are_written_by_their_names() -> None:
    where = parse(TRACKS, "artist:ar-7").where
    assert export(TRACKS, where, named=lambda _prefix, _number: "Miles Davis").nsp == {
        "all": [{"is": {"artist": "Miles Davis"}}]
    }
    assert [note.code for note in export(TRACKS, where).notes] == ["name_unknown"]


def test_what_navidrome_cannot_be_asked_is_named() -> None:
    parsed = parse(
        TRACKS, "title:wildcard *x* NOT title:endsWith y lossless:true year:1970 sort:first_played,year limit:90min"
    )
    made = export(TRACKS, parsed.where, parsed.order, parsed.limit, now=datetime(2026, 5, 1, tzinfo=UTC))
    assert made.nsp == {"all": [{"is": {"year": 1970}}], "sort": "year"}
    assert [note.code for note in made.notes] == ["not_in_nsp"] * 3 + ["sort_not_in_nsp", "limit_not_in_nsp"]
    fixed = export(TRACKS, parse(TRACKS, "added:last-month").where, now=datetime(2026, 5, 15, tzinfo=UTC))
    assert [note.code for note in fixed.notes] == ["date_fixed"]


NAMES = ("title", "year", "plays", "rating", "bpm", "starred", "comment", "duration")


@st.composite
def leaves(draw: st.DrawFn) -> Node:
    field = TRACKS.fields[draw(st.sampled_from(NAMES))]
    if field.type is Type.BOOLEAN:
        return Compare(field.name, "=", draw(st.booleans()))
    if field.type is Type.TEXT:
        mode = draw(st.sampled_from(["is", "contains"]))
        return Text(field.name, mode, draw(st.sampled_from(["a", "So What", "愛"])))
    value = st.integers(0, 3000) if field.type is not Type.NUMBER else st.floats(0, 300).map(lambda n: round(n, 1))
    if draw(st.booleans()):
        return Range(field.name, draw(value), draw(value))
    if field.type is Type.NUMBER:
        return Compare(field.name, draw(st.sampled_from(["=", "<", ">"])), draw(value))
    return draw(st.sampled_from([Compare(field.name, "=", draw(value)), In(field.name, (draw(value), draw(value)))]))


conditions = st.recursive(
    leaves(),
    lambda inner: (
        st.lists(inner, min_size=2, max_size=3).map(lambda parts: And(tuple(parts)))
        | st.lists(inner, min_size=2, max_size=3).map(lambda parts: Or(tuple(parts)))
    ),
    max_leaves=6,
)


def plainly(node: Node) -> Node:
    """Lists of values as their values, which is how .nsp has them."""
    match node:
        case And(parts):
            return And(tuple(plainly(part) for part in parts))
        case Or(parts):
            return Or(tuple(plainly(part) for part in parts))
        case Not(part):
            return Not(plainly(part))
        case In(field, values):
            return Or(tuple(Compare(field, "=", value) for value in values))
        case _:
            return node


@settings(max_examples=200, deadline=None)
@given(conditions)
def test_what_both_can_say_goes_there_and_back(where: Node) -> None:
    made = export(TRACKS, where, limit=Limit("rows", 100), name="x")
    assert made.notes == ()
    back = read(TRACKS, json.dumps(made.nsp))
    assert back.notes == ()
    assert back.where == normal(plainly(where))
    assert (back.limit, back.name) == (Limit("rows", 100), "x")
