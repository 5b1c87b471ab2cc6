"""What the real API was recorded to answer is what ours answers, from a world made of those answers."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.catalog.ws2.given import Json, answer, ask, ask_xml, mbid, written
from tests.catalog.ws2.recorded import (
    additions,
    artist_of,
    differences,
    recorded,
    recorded_xml,
    recording_of,
    release_of,
    said_in,
)

NEWER = {
    "id", "type", "type-id", "gender", "gender-id", "area", "begin-area", "end-area", "life-span", "ipis", "isnis", "country",
    "first-release-date", "asin", "barcode", "packaging", "packaging-id", "cover-art-archive", "text-representation",
    "artist-credit", "aliases", "tags", "label-code",
}  # fmt: skip
"""Members that the API has and some of the recordings, made over ten years or cut, have not."""

LOOKUPS = [
    ("artist", "artist.json", "aliases"),
    ("artist", "koel-artist-rel-urls.json", "url-rels"),
    ("release-group", "koel-release-group-rel-urls.json", "url-rels"),
    ("release", "koel-recordings.json", "recordings"),
    ("release", "release_multidisc.json", "recordings+release-groups"),
    ("release", "release_djmix.json", "artist-rels"),
    (
        "release",
        "release.json",
        "aliases+annotation+artists+artist-credits+genres+tags+labels+media+recordings+release-groups+artist-rels+url-rels"
        "+series-rels+release-group-level-rels",
    ),
    (
        "recording",
        "recording.json",
        "artists+artist-credits+aliases+isrcs+tags+artist-rels+recording-rels+work-rels+work-level-rels+url-rels",
    ),
    ("recording", "recording_credits.json", "artist-credits+artist-rels"),
    ("recording", "recording_instrumental.json", "work-rels+work-level-rels+artist-rels"),
    ("recording", "recording_multi_artists_1.json", "artist-credits"),
]


def without_people(said: Json) -> Json:
    """Without what belongs to an account; a mirror has none."""
    return {name: value for name, value in said.items() if not name.startswith("user-")}


@pytest.mark.parametrize(("entity", "name", "inc"), LOOKUPS, ids=[name for _, name, _ in LOOKUPS])
def test_a_lookup_says_what_the_real_one_said(
    reference: Path, tmp_path: Path, entity: str, name: str, inc: str
) -> None:
    real = without_people(recorded(reference, name))
    ws2 = written(tmp_path, {entity: [real]}, derived=True)
    ours = ask(ws2, f"/{entity}/{real['id']}?inc={inc}")
    assert list(differences(real, ours)) == []
    assert {place.rsplit(".", 1)[1] for place in additions(real, ours)} <= NEWER


def test_a_release_group_shows_its_releases_as_the_real_one_did(reference: Path, tmp_path: Path) -> None:
    real = without_people(recorded(reference, "release_group.json"))
    group = {name: value for name, value in real.items() if name != "releases"}
    releases = [{**one, "release-group": group} for one in real["releases"]]
    ws2 = written(tmp_path, {"release-group": [group], "release": releases}, derived=True)
    ours = ask(ws2, f"/release-group/{real['id']}?inc=releases+media+tags")
    assert list(differences(real, ours)) == []
    assert list(additions(real, ours)) == []
    browsed = ask(ws2, f"/release?release-group={real['id']}&inc=media&limit=100")
    assert browsed["release-count"] == len(real["releases"])
    assert list(differences(real["releases"], browsed["releases"])) == []


def test_a_pregap_track_and_disc_ids_are_as_the_real_ones(reference: Path, tmp_path: Path) -> None:
    real = recorded(reference, "media_pregap.json")
    document = {"id": mbid("pregap"), "title": "?", "media": [real], "artist-credit": [], "status": "Official"}
    ws2 = written(tmp_path, {"release": [document]})
    ours = ask(ws2, f"/release/{mbid('pregap')}?inc=recordings+discids+artist-credits+aliases+media")
    assert list(differences(real, ours["media"][0])) == []


def test_label_infos_keep_what_is_null_and_what_is_empty(reference: Path, tmp_path: Path) -> None:
    real = recorded(reference, "label_info.json")["releases"]
    documents = [{"id": mbid(f"release {at}"), "title": "?", **one} for at, one in enumerate(real)]
    ws2 = written(tmp_path, {"release": documents})
    ours = [ask(ws2, f"/release/{one['id']}?inc=labels")["label-info"] for one in documents]
    assert ours == [one["label-info"] for one in real]


def test_a_release_that_is_searched_for_looks_as_the_real_hit(reference: Path, tmp_path: Path) -> None:
    real = recorded(reference, "koel-release-search.json")
    hit = json.loads(json.dumps(real["releases"][0]).replace("sample-", mbid("sample")[:-7]))
    for thing in (hit, hit["artist-credit"][0]["artist"], hit["release-group"]):
        thing["id"] = mbid(thing["id"])
    dumped: dict[str, Any] = {**hit, "quality": "normal", "disambiguation": "", "aliases": []}
    dumped["media"] = [{"position": 1, "title": "", "discs": [{"id": f"{mbid('disc')[:27]}-"}], **hit["media"][0]}]
    ws2 = written(tmp_path, {"release": [dumped]})
    ours = ask(ws2, "/release?query=release:slave+AND+artist:skid")
    found = [place for place in differences({**real, "releases": [hit]}, ours) if "artist-credit-id" not in place]
    assert [place for place in found if not place.startswith((".created", ".count"))] == []
    assert list(additions({**real, "releases": [hit]}, ours)) == []


def test_an_artist_that_is_searched_for_looks_as_the_real_hit(reference: Path, tmp_path: Path) -> None:
    real = recorded(reference, "koel-artist-search.json")
    hit = real["artists"][0]
    del hit["tags"]  # the recording has them blacked out
    alias = {**hit["aliases"][0], "begin": None, "end": None, "ended": False, "type-id": None}
    document = {**recorded(reference, "koel-artist-rel-urls.json"), "aliases": [alias]}
    areas = [hit["area"], hit["begin-area"]]
    ws2 = written(tmp_path, {"artist": [document], "area": areas})
    ours = ask(ws2, "/artist?query=skid+row")
    assert [place for place in differences(real, ours) if not place.startswith((".created", ".count"))] == []
    assert list(additions(real, ours)) == []


@pytest.mark.parametrize(
    ("name", "url"),
    [
        ("error-400-invalid-mbid.http.json", "/artist/nope"),
        ("error-404.http.json", "/artist/00000000-0000-0000-0000-000000000000"),
    ],
)
def test_errors_are_the_real_ones(reference: Path, tmp_path: Path, name: str, url: str) -> None:
    real = recorded(reference, name)["response"]
    ours = answer(written(tmp_path, {}), f"{url}?fmt=json")
    assert (ours.status, json.loads(ours.body)) == (real["status"], real["json"])


# XML


def test_a_disc_id_answers_the_real_xml(reference: Path, tmp_path: Path) -> None:
    real = recorded_xml(reference, "discid.xml")
    releases = [release_of(one) for one in real.iter("{*}release")]
    ws2 = written(tmp_path, {"release": releases})
    ours = ask_xml(ws2, "/discid/xp5tz6rE4OHrBafj0bLfDRMGK48-")
    assert set(said_in(real)) - set(said_in(ours)) == set()
    assert {place.split("@")[-1].split("=")[0] for place in set(said_in(ours)) - set(said_in(real))} <= {"id", "count"}


@pytest.mark.parametrize(
    ("entity", "query"),
    [
        ("artist", "dynamo+go"),
        ("release", "affordable+pop+music"),
        ("release-group", "affordable+pop+music"),
        ("recording", "thief+of+hearts+dynamo+go"),
    ],
)
def test_search_results_say_in_xml_what_the_real_ones_said(
    reference: Path, tmp_path: Path, entity: str, query: str
) -> None:
    real = recorded_xml(reference, f"search-{entity}.xml")[0]
    documents: dict[str, list[Json]] = {}
    if entity == "artist":
        documents["artist"] = [artist_of(one) for one in real]
    elif entity == "release":
        documents["release"] = [release_of(one) for one in real]
    elif entity == "recording":
        documents["recording"] = [recording_of(one) for one in real]
        documents["release"] = _merged(
            [release_of(found, one) for one in real for found in one.iter("{*}release") if found.get("id")]
        )
    else:
        for one in real:
            kind = one.get("type")
            secondary = [kind] if kind in ("Compilation", "Soundtrack", "Remix", "Live") else []
            group = {
                **recording_of(one), "primary-type": "Album" if secondary else kind, "secondary-types": secondary,
            }  # fmt: skip
            documents.setdefault("release-group", []).append(group)
            documents.setdefault("release", []).extend(
                {**release_of(found), "release-group": {"id": one.get("id"), "title": group["title"]}}
                for found in one.iter("{*}release")
            )
    ws2 = written(tmp_path, documents, derived=True)
    ours = ask_xml(ws2, f"/{entity}?query={query}&limit=100")[0]
    by_id = {one.get("id"): one for one in ours}
    shared = [one for one in real if one.get("id") in by_id]
    assert len(shared) >= 10
    assert ours[0].get("id") == real[0].get("id")
    score = "{http://musicbrainz.org/ns/ext#-2.0}score"
    assert ours[0].get(score) == "100"
    for one in shared:
        missing = [
            place
            for place in set(said_in(one)) - set(said_in(by_id[one.get("id")]))
            if "score" not in place and not place.endswith(("artist/country", "artist/life-span"))
        ]
        assert missing == []


def _merged(releases: list[Json]) -> list[Json]:
    """One document of a release of which several recordings tell a track each."""
    merged: dict[str, Json] = {}
    for one in releases:
        known = merged.setdefault(one["id"], one)
        for medium, other in zip(known["media"], one["media"], strict=False):
            places = {track["position"]: track for track in medium["tracks"]}
            for track in other["tracks"]:
                if "recording" in track or track["position"] not in places:
                    places[track["position"]] = track
            medium["tracks"] = [places[place] for place in sorted(places)]
    return list(merged.values())
