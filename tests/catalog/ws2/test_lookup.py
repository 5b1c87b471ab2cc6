"""Looking things up: what each inc brings, from releases alone."""

from __future__ import annotations

from pathlib import Path

from segue.catalog.ws2.reading import Ws2
from tests.catalog.ws2.given import (
    AGAIN,
    ALL_OF_A_RELEASE,
    BAND,
    DISC,
    FIRST,
    GUEST,
    HOME,
    HYMN,
    LIVE,
    MANY,
    RAIN,
    answer,
    artist,
    ask,
    ask_xml,
    mbid,
    written,
)


def test_a_release_without_inc_says_only_what_it_is(ws2: Ws2) -> None:
    said = ask(ws2, f"/release/{FIRST['id']}")
    assert said == {
        name: value
        for name, value in FIRST.items()
        if name not in ("artist-credit", "release-group", "label-info", "media", "aliases", "relations")
    }


def test_a_release_with_everything_is_what_the_dump_said(ws2: Ws2) -> None:
    said = ask(ws2, f"/release/{FIRST['id']}?inc={ALL_OF_A_RELEASE}")
    assert said == {**FIRST, "collections": [], "genres": [], "tags": []}


def test_an_artist_that_only_releases_tell_of_has_the_members_of_a_whole_one(ws2: Ws2) -> None:
    said = ask(ws2, f"/artist/{mbid(BAND)}?inc=aliases+tags+genres+ratings+annotation+url-rels")
    assert said == {
        **artist(BAND),
        "gender": None, "gender-id": None, "area": None, "begin-area": None, "end-area": None, "ipis": [], "isnis": [],
        "life-span": {"begin": None, "end": None, "ended": False}, "aliases": [], "tags": [], "genres": [],
        "rating": {"value": None, "votes-count": 0}, "annotation": None, "relations": [],
    }  # fmt: skip


def test_an_artist_brings_along_what_it_is_linked_to(ws2: Ws2) -> None:
    said = ask(ws2, f"/artist/{mbid(BAND)}?inc=releases+release-groups+recordings+works")
    assert {one["id"] for one in said["releases"]} == {FIRST["id"], AGAIN["id"], LIVE["id"]}
    assert [one["title"] for one in said["release-groups"]] == sorted(
        ["Amber Road", "Road Home"], key=lambda title: mbid(f"group {title}")
    )
    assert {one["id"] for one in said["recordings"]} == {HOME["id"], RAIN["id"]}
    assert said["works"] == []
    assert "asin" not in said["releases"][0]


def test_a_guest_is_on_the_releases_that_only_a_track_credits(ws2: Ws2) -> None:
    said = ask(ws2, f"/artist/{mbid(GUEST)}?inc=releases+various-artists")
    assert {one["id"] for one in said["releases"]} == {FIRST["id"], AGAIN["id"], MANY["id"]}
    assert ask(ws2, f"/artist/{mbid(GUEST)}?inc=releases")["releases"] == []


def test_releases_of_a_lookup_are_those_of_the_status_and_type_that_are_asked_for(ws2: Ws2) -> None:
    def titles(filter: str) -> list[str]:
        said = ask(ws2, f"/artist/{mbid(BAND)}?inc=releases{filter}")
        return sorted(f"{one['title']} {one['date']}" for one in said["releases"])

    assert titles("&status=bootleg") == ["Amber Road 1987"]
    assert titles("&type=live") == ["Road Home 1971-02"]
    assert titles("&type=album|single&status=official") == ["Amber Road 1969-09-26", "Road Home 1971-02"]


def test_a_recording_shows_where_it_stands_on_each_release(ws2: Ws2) -> None:
    said = ask(ws2, f"/recording/{RAIN['id']}?inc=releases+media+artist-credits+isrcs+release-groups")
    assert said["isrcs"] == ["GBAYE6900002"]
    assert [part["name"] for part in said["artist-credit"]] == [BAND, GUEST]
    assert {one["id"] for one in said["releases"]} == {FIRST["id"], AGAIN["id"], MANY["id"]}
    first = next(one for one in said["releases"] if one["id"] == FIRST["id"])
    assert first["release-group"]["title"] == "Amber Road"
    (medium,) = first["media"]
    assert (medium["track-offset"], medium["track-count"]) == (1, 2)
    assert [track["number"] for track in medium["tracks"]] == ["2"]
    assert "recording" not in medium["tracks"][0]


def test_an_isrc_gives_its_recordings_in_any_case(ws2: Ws2) -> None:
    said = ask(ws2, "/isrc/gbaye6900001?inc=artist-credits")
    assert said["isrc"] == "GBAYE6900001"
    assert [one["id"] for one in said["recordings"]] == [HOME["id"]]
    assert said["recordings"][0]["artist-credit"][0]["name"] == BAND
    assert answer(ws2, "/isrc/USXX19999999?fmt=json").status == 404
    assert b"Invalid isrc." in answer(ws2, "/isrc/nonsense?fmt=json").body


def test_a_disc_id_gives_its_releases_with_their_discs(ws2: Ws2) -> None:
    said = ask(ws2, f"/discid/{DISC}?inc=artist-credits+labels&cdstubs=no")
    assert (said["id"], said["sectors"], said["offsets"]) == (DISC, 212075, [182, 33322])
    assert [one["id"] for one in said["releases"]] == [FIRST["id"]]
    assert said["releases"][0]["media"][0]["discs"][0]["id"] == DISC
    assert said["releases"][0]["label-info"][0]["label"]["name"] == "Harbour"
    assert answer(ws2, "/discid/aaaaaaaaaaaaaaaaaaaaaaaaaaa-?fmt=json").status == 404
    assert b"Invalid discid." in answer(ws2, "/discid/short?fmt=json").body


def test_a_label_has_its_releases(ws2: Ws2) -> None:
    said = ask(ws2, f"/label/{mbid('Harbour')}?inc=releases")
    assert (said["name"], said["label-code"], said["area"], said["ipis"]) == ("Harbour", 1305, None, [])
    assert [one["id"] for one in said["releases"]] == [FIRST["id"]]


def test_a_former_mbid_answers_the_present_one(tmp_path: Path) -> None:
    former = mbid("before it was merged")
    opened = written(tmp_path, {"release": [FIRST]}, redirects=[("release", former, FIRST["id"])])
    assert ask(opened, f"/release/{former}")["id"] == FIRST["id"]
    assert ask(opened, f"/release?query=reid:{former}")["releases"][0]["id"] == FIRST["id"]


def test_the_dump_of_an_entity_adds_what_releases_do_not_tell(tmp_path: Path) -> None:
    whole = {
        **artist(BAND), "isnis": ["0000000122576076"], "life-span": {"begin": "1965", "end": None, "ended": False},
        "aliases": [{"name": "Lanterns", "sort-name": "Lanterns", "locale": None, "primary": None, "type": None,
                     "type-id": None, "begin": None, "end": None, "ended": False}],
        "relations": [
            {"type": "member of band", "type-id": mbid("member"), "direction": "backward", "target-type": "artist",
             "attributes": ["guitar"], "begin": None, "end": None, "ended": False, "artist": artist("Ida Quarry")},
            {"type": "official homepage", "type-id": mbid("home"), "direction": "forward", "target-type": "url",
             "attributes": [], "begin": None, "end": None, "ended": False,
             "url": {"id": mbid("url"), "resource": "https://lanterns.example.org/"}},
        ],
    }  # fmt: skip
    opened = written(tmp_path, {"release": [FIRST], "artist": [whole]})
    said = ask(opened, f"/artist/{mbid(BAND)}?inc=aliases+artist-rels")
    assert (said["isnis"], said["life-span"]["begin"]) == (["0000000122576076"], "1965")
    assert [one["name"] for one in said["aliases"]] == ["Lanterns"]
    assert [one["artist"]["name"] for one in said["relations"]] == ["Ida Quarry"]
    assert ask(opened, f"/artist/{mbid('Ida Quarry')}")["sort-name"] == "Ida Quarry"
    credited = ask(opened, f"/release/{FIRST['id']}?inc=artist-credits+aliases")["artist-credit"][0]["artist"]
    assert [one["name"] for one in credited["aliases"]] == ["Lanterns"]
    assert "isnis" not in credited
    xml = ask_xml(opened, f"/artist/{mbid(BAND)}?inc=url-rels+artist-rels")
    assert [one.get("target-type") for one in xml.iter("{*}relation-list")] == ["artist", "url"]
    assert [one.text for one in xml.iter("{*}target")] == [mbid("Ida Quarry"), "https://lanterns.example.org/"]


def test_tags_genres_and_ratings_are_only_there_where_they_were_asked_for_at_the_build(tmp_path: Path) -> None:
    said = {
        **artist(BAND), "tags": [{"name": "folk", "count": 2}], "genres": [{"name": "folk", "count": 2, "id": mbid("folk")}],
        "rating": {"value": 4.5, "votes-count": 2}, "annotation": "Not the other ones.",
    }  # fmt: skip
    inc = f"/artist/{mbid(BAND)}?inc=tags+genres+ratings+annotation"
    core = ask(written(tmp_path, {"artist": [said]}), inc)
    assert (core["tags"], core["genres"], core["annotation"]) == ([], [], None)
    assert core["rating"] == {"value": None, "votes-count": 0}
    derived = ask(written(tmp_path, {"artist": [said]}, derived=True), inc)
    assert {name: derived[name] for name in ("tags", "genres", "rating", "annotation")} == {
        name: said[name] for name in ("tags", "genres", "rating", "annotation")
    }


def test_what_xml_cannot_carry_is_escaped_or_left_out(tmp_path: Path) -> None:
    odd = {**FIRST, "title": 'A <B> & "C"\x01', "disambiguation": "ünïcode"}
    xml = ask_xml(written(tmp_path, {"release": [odd]}), f"/release/{FIRST['id']}?inc={ALL_OF_A_RELEASE}")
    assert [one.text for one in xml[0].findall("{*}title")] == ['A <B> & "C"']
    assert [one.text for one in xml[0].findall("{*}disambiguation")] == ["ünïcode"]


def test_a_video_and_a_track_without_length_are_said_as_such(ws2: Ws2) -> None:
    said = ask(ws2, f"/recording/{HYMN['id']}")
    assert (said["video"], said["length"]) == (True, None)
    xml = ask_xml(ws2, f"/recording/{HYMN['id']}")[0]
    assert [child.tag.partition("}")[2] for child in xml] == ["title", "video", "first-release-date"]
