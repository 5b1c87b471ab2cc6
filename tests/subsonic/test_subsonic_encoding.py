"""One schema, three spellings: what XML says is what JSON says, for every shape and any value."""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import etree

from segue.subsonic.encode import Dialect, json_root, json_writer, sent_fields, utf8, xml_root, xml_writer
from segue.subsonic.schema import CHILD, GENRES, ROOTS
from segue.subsonic.shapes import OMIT, REQUIRED, Field, Root, Scalar, Shape, content, integer, many, shape, text

NOT_IN_XML = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")

any_text = st.text(max_size=12) | st.sampled_from(
    ["", "a&b<c>\"d'", "line\nbreak\ttab\r", "\x00\x1f", "\ud800", "\uffff", "日本語"]
)
scalars: dict[Scalar, st.SearchStrategy[Any]] = {
    Scalar.TEXT: any_text,
    Scalar.INTEGER: st.integers(-(2**31), 2**53),
    Scalar.NUMBER: st.floats(allow_nan=False, allow_infinity=False) | st.integers(-1000, 1000),
    Scalar.BOOLEAN: st.booleans(),
    Scalar.TIME: st.datetimes(timezones=st.just(UTC)),
}


def values(of: Shape, depth: int = 0) -> st.SearchStrategy[dict[str, Any]]:
    """Dicts that a handler could hand over for this shape."""
    required: dict[str, st.SearchStrategy[Any]] = {}
    optional: dict[str, st.SearchStrategy[Any]] = {}
    for field in of.fields:
        one = values(field.type, depth + 1) if isinstance(field.type, Shape) else scalars[field.type]
        if field.kind == "many":
            optional[field.name] = st.lists(one, max_size=0 if depth > 2 else 2)
        elif field.default is REQUIRED:
            required[field.name] = one
        else:
            optional[field.name] = st.none() | one
    return st.fixed_dictionaries(required, optional=optional)


def from_xml(element: Any, of: Shape, dialect: Dialect) -> dict[str, Any]:
    """What an element says, read back in the terms of JSON."""
    found: dict[str, Any] = {}
    known: set[str] = set()
    for field in sent_fields(of, dialect):
        known.add(field.name)
        children = element.findall(field.name)
        if field.kind == "attribute" and field.name in element.attrib:
            found[field.name] = typed(element.attrib[field.name], field.type)
        elif field.kind == "content":
            found["value"] = element.text or ""
        elif field.kind == "element" and children:
            found[field.name] = children[0].text or ""
        elif field.kind == "one" and children:
            assert isinstance(field.type, Shape)
            found[field.name] = from_xml(children[0], field.type, dialect)
        elif field.kind == "many" and (children or not field.left_out):
            found[field.name] = [item_from_xml(child, field, dialect) for child in children]
    assert known >= set(element.attrib) | {child.tag for child in element}
    return found


def item_from_xml(child: Any, field: Field, dialect: Dialect) -> Any:
    if isinstance(field.type, Shape):
        return from_xml(child, field.type, dialect)
    return typed(child.text or "", field.type)


def typed(written: str, scalar: Scalar | Shape) -> Any:
    match scalar:
        case Scalar.BOOLEAN:
            return {"true": True, "false": False}[written]
        case Scalar.INTEGER:
            return int(written)
        case Scalar.NUMBER:
            return float(written)
    return written


def as_xml_can_say(value: Any) -> Any:
    """JSON's value with every character replaced that XML cannot carry."""
    if isinstance(value, str):
        return NOT_IN_XML.sub("\ufffd", value)
    if isinstance(value, list):
        return [as_xml_can_say(item) for item in value]
    if isinstance(value, dict):
        return {key: as_xml_can_say(item) for key, item in value.items()}
    return value


@pytest.mark.parametrize("name", ROOTS)
@settings(max_examples=15, deadline=None)
@given(data=st.data())
def test_json_and_xml_carry_the_same_values(name: str, data: st.DataObject) -> None:
    root = ROOTS[name]
    dialect: Dialect = data.draw(st.sampled_from(["full", "classic", "minimal"]))
    one = values(root.shape)
    value = data.draw(st.lists(one, max_size=2) if root.many else one)

    said_json = json.loads(utf8("{" + json_root(root, value, dialect) + "}"))[name]
    written = utf8(f"<r>{xml_root(root, value, dialect)}</r>")
    read = [from_xml(element, root.shape, dialect) for element in etree.fromstring(written)]

    assert as_xml_can_say(said_json) == (read if root.many else read[0])


def test_a_missing_value_is_left_out_and_a_default_is_sent() -> None:
    thing = shape("Thing", text("id", REQUIRED), text("comment", ""), integer("year", OMIT), many("mood", Scalar.TEXT))
    assert json_writer(thing, "full")({"id": "tr-1"}) == '{"id":"tr-1","comment":"","mood":[]}'
    assert xml_writer(thing, "full")("thing", {"id": "tr-1", "year": None}) == '<thing id="tr-1" comment=""/>'


def test_a_list_of_one_is_still_a_list() -> None:
    genres = {"genre": [{"value": "Jazz", "songCount": 3, "albumCount": 1}]}
    assert json_writer(GENRES, "full")(genres) == '{"genre":[{"songCount":3,"albumCount":1,"value":"Jazz"}]}'
    assert (
        xml_writer(GENRES, "full")("genres", genres)
        == '<genres><genre songCount="3" albumCount="1">Jazz</genre></genres>'
    )


def test_a_required_value_that_is_missing_is_a_fault_of_ours() -> None:
    with pytest.raises(KeyError):
        json_writer(CHILD, "full")({"id": "tr-1", "isDir": False})


def test_a_number_that_is_not_finite_counts_as_missing() -> None:
    gains = ROOTS["song"].shape
    song = {"id": "tr-1", "isDir": False, "title": "x", "averageRating": float("nan")}
    assert "averageRating" not in json.loads(json_writer(gains, "full")(song))


def test_a_time_without_a_zone_is_refused() -> None:
    with pytest.raises(ValueError, match="zone"):
        json_writer(CHILD, "full")({"id": "1", "isDir": False, "title": "", "created": datetime(2026, 1, 1)})


def test_a_time_is_sent_in_utc() -> None:
    song = {"id": "1", "isDir": False, "title": "", "created": datetime.fromisoformat("2026-01-01T01:00:00+02:00")}
    assert json.loads(json_writer(CHILD, "full")(song))["created"] == "2025-12-31T23:00:00.000Z"


def test_the_classic_dialect_has_nothing_of_opensubsonic() -> None:
    song = {"id": "1", "isDir": False, "title": "x", "genres": [{"name": "Rock"}], "genre": "Rock", "bpm": 120}
    assert json.loads(json_writer(CHILD, "classic")(song)) == {
        "id": "1", "isDir": False, "title": "x", "genre": "Rock", "isVideo": False, "type": "music",
    }  # fmt: skip


def test_the_minimal_dialect_sends_what_the_protocol_requires_of_a_song() -> None:
    song = {"id": "1", "isDir": False, "title": "x", "genre": "Rock"}
    assert json.loads(json_writer(CHILD, "minimal")(song)) == {"id": "1", "isDir": False, "title": "x"}


def test_a_shape_cannot_declare_a_field_twice() -> None:
    with pytest.raises(ValueError, match="twice"):
        shape("Twice", text("id"), text("id"))


def test_a_text_child_comes_after_every_attribute() -> None:
    mixed = shape("Mixed", content(), integer("count", REQUIRED))
    assert xml_root(Root("mixed", mixed), {"value": "a", "count": 1}, "full") == '<mixed count="1">a</mixed>'
