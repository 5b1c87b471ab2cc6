"""Where somebody is writing, and which words of the language fit there."""

from __future__ import annotations

import pytest

from segue.library.fields import ENTITIES
from segue.listening.fields import FIELDS
from segue.query import Entities
from segue.query.language.complete import Place, operators, place_of, words

TRACKS = Entities(ENTITIES).extended(FIELDS)["tracks"]


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("", Place("", 0)),
        ("ye", Place("ye", 0)),
        ("love AND ye", Place("ye", 9)),
        ("-(ye", Place("ye", 2)),
        ("artist:", Place("", 7, "artist", first=True)),
        ("artist : ", Place("", 9, "artist", first=True)),
        ("artist:Bea", Place("Bea", 7, "artist")),
        ('artist:"The B', Place("The B", 7, "artist", quoted=True)),
        ('artist:"The Band"', Place("", 17)),
        ('artist:"The Band" ', Place("", 18)),
        ("genre:Rock,Ja", Place("Ja", 11, "genre")),
        ("year:>=19", Place("19", 7, "year", ">=")),
        ("title:contains lo", Place("lo", 15, "title")),
        ("title:startsWith ", Place("", 17, "title", first=True)),
        ('"open phrase', Place("open phrase", 0, quoted=True)),
        ('"a b" ye', Place("ye", 6)),
        ("sort:-ra", Place("-ra", 5, "sort")),
    ],
)
def test_the_place_is_the_piece_before_the_cursor(text: str, place: Place) -> None:
    assert place_of(text, len(text)) == place
    assert place_of(text + " what comes after", len(text)) == place


def test_fields_that_begin_so_come_before_those_that_hold_it() -> None:
    found = [one.text for one in words(TRACKS, place_of("art", 3))]
    assert found[0] == "artist:"
    assert found.index("artist_plays:") < found.index("album_artist:")
    assert "artist.name:" not in found
    assert [one.text for one in words(TRACKS, place_of("", 0))][:2] == ["id:", "title:"]
    assert "OR" in [one.text for one in words(TRACKS, place_of("a o", 3))]
    assert not list(words(TRACKS, place_of('"ar', 3)))


def test_operators_are_those_that_the_field_takes() -> None:
    assert ">=" in dict(operators(TRACKS.fields["year"]))
    assert "startsWith " in dict(operators(TRACKS.fields["artist"]))
    assert [text for text, _ in operators(TRACKS.fields["starred"])] == ["!="]
    assert operators(TRACKS.fields["search"]) == []
