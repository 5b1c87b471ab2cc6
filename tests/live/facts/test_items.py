"""Kind, show, parts, people, lineage and numbers of an item."""

from __future__ import annotations

import pytest

from segue.live.facts import facts_of
from segue.live.records import Item, ItemFile, ItemTrack


@pytest.mark.parametrize(
    ("identifier", "venue", "kind"),
    [
        ("xy1977-05-08.sbd", "Town Hall", "concert"),
        ("xy74-02-22.sndchk.8623", "Town Hall", "soundcheck"),
        ("xy76-05-28.rehearsals.82947", "", "rehearsal"),
        ("xy1975-03-12.163701", "Ann's Studio", "studio"),
        ("xy70-album-outtakes.sbd.7319", "", "studio"),
        ("xy1966-11-00.FM.interview", "KXYZ", "interview"),
        ("xy1966-2001.compilation", "Various", "compilation"),
        ("xy1974-09-09.sbd.liveset-outtakes", "Town Hall", "studio"),
    ],
)
def test_the_kind_follows_from_identifier_and_venue(identifier: str, venue: str, kind: str) -> None:
    assert facts_of(Item(identifier, venue=venue)).kind == kind


@pytest.mark.parametrize(
    ("identifier", "venue", "time", "said"),
    [
        ("xy69-02-07.early.sbd", "Town Hall", "early", "early"),
        ("xy69-02-07.sbd-late.6285", "Town Hall", "late", "late"),
        ("xy69-02-07.late.show.sbd", "Town Hall", "late", "late"),
        ("xy69-02-07.early-late.sbd", "Town Hall", None, "both"),
        ("xy69-02-07.sbd", "Town Hall (Late Show)", "late", "late"),
        ("xy69-02-07.sbd", "Town Hall (Early and Late Shows)", None, "both"),
        ("xy69-02-07.sbd", "Town Hall (Late)", "late", "late"),
        ("xy69-02-07.sbd", "Late Night Cafe", None, None),
        ("xy69-02-07.sbd", "Second Avenue Theatre", None, None),
        ("xy69-02-07.partial-early.sbd", "Town Hall (Late Show)", "early", "early"),
    ],
)
def test_which_show_of_two_is_said_by_the_identifier_before_the_venue(
    identifier: str, venue: str, time: str | None, said: str | None
) -> None:
    fact = facts_of(Item(identifier, venue=venue))
    assert fact.show_time == time
    assert next((one.value for one in fact.evidence if one.code.startswith("show_time.")), None) == said


@pytest.mark.parametrize(
    ("identifier", "source", "partial"),
    [
        ("xy69-05-03.sbd.partial.95138", "", True),
        ("xy74-07-31.set2.sbd", "", True),
        ("xy74-07-31.s1.s2.sbd", "", False),
        ("xy74-07-31.set1aud-set2sbd.23569", "", False),
        ("xy74-07-31.sbd", "Soundboard, set 2 only", True),
        ("xy74-07-31.sbd", "Soundboard", False),
    ],
)
def test_a_recording_says_that_it_is_only_a_part(identifier: str, source: str, partial: bool) -> None:
    assert facts_of(Item(identifier, source=source)).partial is partial


def test_people_are_found_in_fields_texts_and_identifiers_in_that_order() -> None:
    fields = facts_of(Item("xy1990-01-01.aud.other", taper="Ann Taper", transferrer="Bob Deck"))
    assert (fields.taper, fields.transferrer) == ("Ann Taper", "Bob Deck")
    texts = facts_of(
        Item("xy1990-01-01.aud", source="Recorded by Ann Taper", lineage="DAT > CD; Transferred by Bob Deck")
    )
    assert (texts.taper, texts.transferrer) == ("Ann Taper", "Bob Deck")
    names = facts_of(Item("xy1990-01-01.nak700.anntaper.bobdeck.1234.flac16"))
    assert (names.taper, names.transferrer) == ("Anntaper", "Bobdeck")
    board = facts_of(Item("xy1990-01-01.sbd.bobdeck.1234.sbeok.flac16", taper="Unknown"))
    assert (board.taper, board.transferrer) == ("", "Bobdeck")


def test_lineage_is_taken_apart_into_steps_and_devices() -> None:
    fact = facts_of(Item("xy", lineage="AKG 451E -> Sony TC-152; DAT (44.1k) > <b>CD</b> > EAC"))
    assert fact.lineage == ("AKG 451E", "Sony TC-152", "DAT (44.1k)", "CD", "EAC")
    assert fact.equipment == ("AKG 451E", "Sony TC-152", "DAT (44.1k)")


def test_numbers_of_transfers_and_what_they_replace() -> None:
    fact = facts_of(Item("xy1970-02-13.sbd.somebody.fix-97613.97639.sbeok.flac16"))
    assert (fact.shnid, fact.supersedes) == ("97639", ("97613",))
    told = facts_of(Item("xy1990-01-01.128772.sbd", source="Soundboard. Fixed version of shnid 12871."))
    assert (told.shnid, told.supersedes) == ("128772", ("12871",))


def test_formats_are_those_of_the_tracks() -> None:
    files = (ItemFile("a.flac", "Flac"), ItemFile("a.mp3", "VBR MP3"))
    assert facts_of(Item("xy", tracks=(ItemTrack(1, "A", files=files),))).formats == ("Flac", "VBR MP3")


@pytest.mark.parametrize(
    "text", ["", "\x00", "💥" * 50, "<script>alert(1)</script>", "../../etc", "%00#?", "a" * 100_000, "(" * 5_000]
)
def test_no_text_is_too_strange_for_facts(text: str) -> None:
    item = Item(
        text or "x", title=text, creators=(text,), collections=(text,), date=text, venue=text, source=text, lineage=text,
        taper=text, notes=text, description=text, tracks=(ItemTrack(1, text, files=(ItemFile(text, text),)),),
    )  # fmt: skip
    assert facts_of(item).precision == "unknown"
