"""Whose concert it is, whatever the spelling and whoever uploaded it."""

from __future__ import annotations

from segue.live.facts import Bands, artist_key, facts_of
from segue.live.records import Item


def test_spellings_of_one_band_have_one_key() -> None:
    keys = {artist_key(name) for name in ("Gov't Mule", "Govt Mule", "GOV’T MULE", "The Gov't Mule")}
    assert keys == {"govt mule"}
    assert artist_key("Fern & Ivy") == artist_key("Fern and Ivy")
    assert artist_key("The The") == "the"
    assert artist_key("!!!") == "!!!"
    assert artist_key("Sigur Rós") == "sigur ros"


def test_a_collection_of_one_band_says_it_best() -> None:
    bands = Bands(collections={"xylophones": "Xylophones"})
    fact = facts_of(Item("xy2001-01-01", creators=("Some Uploader",), collections=("Xylophones", "etree")), bands=bands)
    assert fact.artist_names[0] == "Xylophones"


def test_without_a_creator_the_title_says_it_and_without_a_title_the_identifier() -> None:
    items = [
        Item(f"xy2001-01-{day:02}.sbd", title=f"The Xylophones Live at Town Hall on 2001-01-{day:02}")
        for day in range(1, 7)
    ]
    bands = Bands.learn(items)
    assert facts_of(items[0], bands=bands).artist_keys == ("xylophones",)
    assert facts_of(Item("xy2001-02-01.sbd"), bands=bands).artist_keys == ("xylophones",)
    assert facts_of(Item("zz2001-02-01.sbd"), bands=bands).artist_names == ("",)


def test_a_taper_who_stands_as_creator_is_not_the_band() -> None:
    named = Item(
        "xy2001-01-01", title="Xylophones Live at Town Hall on 2001-01-01", creators=("Pat Taper",), taper="Pat Taper"
    )
    assert facts_of(named).artist_names == ("Xylophones",)
    items = [
        Item(
            f"{band[:2].lower()}2001-01-0{day}",
            title=f"{band} Live at Town Hall on 2001-01-0{day}",
            creators=("Pat Taper",),
        )
        for day, band in enumerate(("Xylophones", "Marimbas", "Vibraphones", "Bells", "Gongs", "Marimbas"), 1)
    ]
    bands = Bands.learn(items)
    assert facts_of(items[1], bands=bands).artist_names == ("Marimbas",)
    assert not facts_of(items[1], bands=bands).doubts


def test_various_artists_are_nobody() -> None:
    fact = facts_of(
        Item("xy2001-01-01", title="Xylophones Live at Town Hall on 2001-01-01", creators=("Various Artists",))
    )
    assert fact.artist_names == ("Xylophones",)


def test_a_creator_whom_the_title_contradicts_is_a_doubt() -> None:
    fact = facts_of(Item("xy2001-01-01", title="Marimbas Live at Town Hall on 2001-01-01", creators=("Xylophones",)))
    assert fact.artist_names == ("Xylophones",)
    assert [(doubt.kind, doubt.proposal) for doubt in fact.doubts] == [("artist_uncertain", "Marimbas")]


def test_a_shared_bill_is_of_both_bands_and_guests_are_evidence() -> None:
    both = facts_of(Item("xy2001-01-01", creators=("Xylophones; Marimbas",)))
    assert both.artist_keys == ("xylophones", "marimbas")
    for written in ("Xylophones feat. Ann Other", "Xylophones with Ann Other"):
        guest = facts_of(Item("xy2001-01-01", creators=(written,)), bands=Bands(known=frozenset({"xylophones"})))
        assert guest.artist_keys == ("xylophones",)
        assert ("artist.guest", "Ann Other") in {(one.code, one.value) for one in guest.evidence}
    assert facts_of(Item("xy2001-01-01", creators=("Dances with Foxes",))).artist_keys == ("dances with foxes",)
    bands = Bands(prefixes={"xy": "Xylophones", "mm": "Marimbas"})
    assert facts_of(Item("xy_mm70-05-15.sbd"), bands=bands).artist_keys == ("xylophones", "marimbas")


def test_one_spelling_is_shown_where_items_use_several() -> None:
    items = [
        Item(f"xy2001-01-0{day}", creators=("The Xylophones" if day == 1 else "Xylophones",)) for day in range(1, 5)
    ]
    assert facts_of(items[0], bands=Bands.learn(items)).artist_names == ("Xylophones",)
