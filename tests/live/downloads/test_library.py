"""From wanting a recording to its tracks in the library, called what was played, in a whole Segue."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from websockets.exceptions import ConnectionClosed
from websockets.sync.client import connect

from segue.emulator import Emulator
from tests.api.in_process import House, running
from tests.conformance.house import PASSWORD, USERNAME
from tests.e2e.running import wait_until

RECORDING = "lp1979-01-20.11259.sbd.okafor.flac16"


@pytest.fixture(scope="module")
def house(served: tuple[Emulator, str], tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    given: dict[str, object] = {
        "live.base_url": f"{served[1]}/archive", "outside.contact": "keeper@segue.example",
        "live.downloads.free_gb": 0.0, "scan.watch": False,
    }  # fmt: skip
    with running(tmp_path_factory.mktemp("data"), **given) as made:
        with made.client() as client:
            answer = client.post("/api/v1/setup", json={"username": USERNAME, "password": PASSWORD})
            assert answer.status_code < 300, answer.text
        yield made


@pytest.fixture(scope="module")
def person(house: House) -> Iterator[Any]:
    with house.client(house.token()) as client:
        yield client


@pytest.fixture(scope="module")
def done(person: Any) -> dict[str, Any]:
    """The download of a real recording, once it is in the library."""
    asked = person.post("/api/v1/live/downloads", json={"archive_identifier": RECORDING})
    assert asked.status_code == 202, asked.text
    number = asked.json()["items"][0]["id"]

    def there() -> dict[str, Any] | None:
        row: dict[str, Any] = person.get(f"/api/v1/live/downloads/{number}").json()
        assert row["status"] not in ("failed", "blocked"), row
        return row if row["in_library"] else None

    return dict(wait_until(there))  # type: ignore[call-overload]


def test_the_concert_is_an_album_called_by_its_night(person: Any, done: dict[str, Any]) -> None:
    assert (done["status"], done["verified"]) == ("done", "whole")
    tracks = [file["track"] for file in done["files"] if file["kind"] == "audio"]
    assert all(tracks)
    first = person.get(f"/api/v1/tracks/{tracks[0]}").json()
    album = person.get(f"/api/v1/albums/{first['album']['id']}").json()
    assert album["title"].startswith("1979-01-20 ") and album["track_count"] == len(tracks)
    assert album["date"] == "1979-01-20"
    assert album["artist_display"] == first["artist_display"] == done["artist"]


def test_the_tracks_are_called_what_was_played_in_order(person: Any, done: dict[str, Any]) -> None:
    audio = [file for file in done["files"] if file["kind"] == "audio"]
    shown = [person.get(f"/api/v1/tracks/{file['track']}").json() for file in audio]
    assert [track["position"] for track in shown] == list(range(1, len(audio) + 1))
    assert all(track["title"] and not track["title"].endswith(".flac") for track in shown)
    recording = person.get(f"/api/v1/live/recordings/{done['recording']}").json()
    assert [track["library_track"] for track in recording["track_list"]] == [file["track"] for file in audio]


def test_the_files_stay_as_they_were_verified(done: dict[str, Any]) -> None:
    folder = Path(done["path"])
    for file in done["files"]:
        data = (folder / Path(file["path"]).name).read_bytes()
        assert hashlib.md5(data).hexdigest() == file["md5"], file["name"]
        assert file["doubts"] == []


def test_the_concert_counts_what_is_kept_and_it_can_be_played(person: Any, done: dict[str, Any]) -> None:
    recording = person.get(f"/api/v1/live/recordings/{done['recording']}").json()
    concert = person.get(f"/api/v1/live/concerts/{recording['concerts'][0]['id']}").json()
    assert concert["kept"] == 1
    track = next(file["track"] for file in done["files"] if file["kind"] == "audio")
    played = person.get(f"/api/v1/tracks/{track}/stream")
    assert played.status_code == 200 and played.content[:4] == b"fLaC"


def test_progress_is_told_to_its_person_alone_and_so_is_the_end(house: House, person: Any, served: Any) -> None:
    served[0].world.faults.clear()
    token = house.token()
    me = person.get("/api/v1/auth/me").json()["id"]
    where = house.url.replace("http", "ws") + "/ws/downloads"
    with pytest.raises(ConnectionClosed), connect(where) as stranger:
        stranger.recv(30)
    headers = {"Authorization": f"Bearer {token}"}
    with pytest.raises(ConnectionClosed) as caught:
        with connect(where.replace("/ws/", "/compat/live/ws/") + "/us-999", additional_headers=headers) as other:
            other.recv(30)
    assert caught.value.rcvd is not None and caught.value.rcvd.code == 4403
    with connect(where.replace("/ws/", "/compat/live/ws/") + f"/{me}", additional_headers=headers) as own:
        first = json.loads(own.recv(60))
        assert first["type"] == "downloads"
        asked = person.post("/api/v1/live/downloads", json={"archive_identifier": "lp1979-01-20.nobody"})
        number = asked.json()["items"][0]["id"]
        while True:
            said = json.loads(own.recv(120))
            if said["type"] == "ended":
                break
            assert said["type"] == "progress"
        assert said["item"]["id"] == number and said["item"]["error"]["code"] == "no_such_item"


def test_a_library_that_is_forgotten_and_made_again_has_the_concert_again(person: Any, done: dict[str, Any]) -> None:
    library = done["library"]
    assert person.delete(f"/api/v1/libraries/{library}", params={"confirm": "Live"}).status_code == 202
    here = f"/api/v1/live/downloads/{done['id']}"
    wait_until(lambda: not person.get(here).json()["in_library"])
    recording = person.get(f"/api/v1/live/recordings/{done['recording']}").json()
    assert not any(each["library_track"] for each in recording["track_list"])
    root = str(Path(done["path"]).parents[2])
    wait_until(lambda: person.post("/api/v1/libraries", json={"path": root, "name": "Live"}).status_code == 201)
    wait_until(lambda: person.get(here).json()["in_library"])
    recording = person.get(f"/api/v1/live/recordings/{done['recording']}").json()
    assert all(each["library_track"] for each in recording["track_list"])
    assert Path(done["path"]).is_dir()


def test_what_is_taken_away_leaves_the_library_and_stays_as_history(person: Any, done: dict[str, Any]) -> None:
    gone = person.delete(f"/api/v1/live/downloads/{done['id']}").json()
    assert gone["removed"] and not Path(done["path"]).exists()
    track = next(file["track"] for file in done["files"] if file["kind"] == "audio")
    wait_until(lambda: person.get(f"/api/v1/tracks/{track}/stream").status_code == 404)
    recording = person.get(f"/api/v1/live/recordings/{done['recording']}").json()
    assert not any(each["library_track"] for each in recording["track_list"])
    listed = person.get("/api/v1/live/downloads?active=false").json()
    assert done["id"] in [one["id"] for one in listed["items"]]
