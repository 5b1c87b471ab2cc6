"""Ids: what is written can be read back, and nothing else can."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from segue.core.ids import PREFIX_OF_KIND, BadId, ExternalId, TypedId, format_id, parse_id


@given(st.sampled_from(sorted(PREFIX_OF_KIND.values())), st.integers(0, 2**31 - 1))
def test_every_id_survives_being_written_and_read(prefix: str, number: int) -> None:
    assert parse_id(format_id(prefix, number), prefix) == number
    assert str(TypedId.parse(format_id(prefix, number))) == format_id(prefix, number)


@given(st.text())
def test_any_other_text_is_refused_with_a_sentence(text: str) -> None:
    try:
        parsed = TypedId.parse(text)
    except BadId:
        return
    assert parse_id(str(parsed), parsed.prefix) == parsed.number


@pytest.mark.parametrize(
    "text", ["al-1", "tr-", "tr--1", "tr-1.5", "tr-٣", "81", "tr-9223372036854775808", "tr-" + "9" * 400]
)
def test_an_id_of_another_kind_or_shape_is_refused(text: str) -> None:
    with pytest.raises(BadId):
        parse_id(text, "tr")


@pytest.mark.parametrize(
    "text", ["musicbrainz:recording:0f0f", "archive:item:gd1977-05-08", "isrc:GBAYE0601498", "upc:1"]
)
def test_external_ids_keep_their_spelling(text: str) -> None:
    assert str(ExternalId.parse(text)) == text
