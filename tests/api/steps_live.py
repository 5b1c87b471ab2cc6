"""Live music as somebody would come to ask for it: from the archive to a track that plays; an emulator is the archive."""

from __future__ import annotations

import asyncio
import shutil
import wave
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from segue.core.clock import utc_now
from segue.core.db import Database
from segue.core.outside import Outside
from segue.emulator.archive import Archive
from segue.emulator.serving import running
from segue.live.alignment import repository as alignments
from segue.live.alignment.records import VERSION
from segue.live.archive import ArchiveClient
from segue.live.mirror import Intake, regroup_marked
from segue.live.records import Item
from tests.api.in_process import House
from tests.e2e.running import wait_until

BAND = "LanternParade"


def steps(ask: Any, house: House) -> None:
    """Mirror a band, look around, and listen to what is not here."""
    with the_archive(house) as archive:
        mirror(ask)
        steps_browse(ask, house)
        steps_archive(ask, archive)
        steps_songs(ask)
        steps_keeping(ask, house, archive)
        steps_downloads(ask, archive)
        ask("live_mirrors_delete", id=ask.client.get("/api/v1/live/mirrors").json()["items"][0]["id"])


@contextmanager
def the_archive(house: House) -> Iterator[Archive]:
    """Has this Segue ask the emulator's archive while the block runs."""
    client, outside = house.segue.services.get(ArchiveClient), house.segue.services.get(Outside)
    usual, contact = client._settings, outside.contact
    with running() as (emulator, url):
        settings = usual()
        live = settings.live.model_copy(update={"base_url": f"{url}/archive", "requests_per_second": 5.0})
        changed = settings.model_copy(update={"live": live})
        client._settings, outside.contact = lambda: changed, "keeper@segue.example"
        try:
            yield emulator.archive
        finally:
            client._settings, outside.contact = usual, contact


def mirror(ask: Any) -> None:
    """Have the list of one band here, with its concerts."""
    added = ask("live_mirrors_add", {"collection": BAND})["id"]

    def whole() -> bool:
        mirrors = ask.client.get("/api/v1/live/mirrors").json()["items"]
        return next(one["state"] for one in mirrors if one["id"] == added) == "whole"

    wait_until(whole)
    wait_until(lambda: ask.client.get("/api/v1/live/status").json()["waiting"] == 0)


def steps_browse(ask: Any, house: House) -> None:
    """Find a band, a year, an evening and its recordings; say what is wrong with one, and take it back."""
    band = ask("live_artists_list", limit=2)["items"][0]["id"]
    year = ask("live_artists_get", id=band)["years"][0]["year"]
    ask("live_years_list")
    ask("live_years_days_list", year=year, artist=band)
    ask("live_concerts_list", artist=band, source="SBD,MTX", sort="-rating", limit=2)
    ask("live_concerts_recent_list", limit=2)
    ask("live_anniversaries_list", on="05-08", limit=2)
    ask("live_concerts_random_list")
    shows = ask.client.get("/api/v1/live/concerts", params={"sort": "-recordings", "limit": 1}).json()["items"]
    evening = ask("live_concerts_get", id=shows[0]["id"], fetch=True)
    first, second = (one["id"] for one in evening["sources_held"][:2])
    ask("live_concerts_pin_set", {"recording": second}, id=evening["id"])
    ask("live_concerts_pin_delete", id=evening["id"])
    ask("live_recordings_list", artist=band, limit=2)
    ask("live_recordings_get", id=first)
    ask("live_venues_list", sort="concerts", limit=2)
    ask("live_venues_get", id=evening["venue"]["id"])
    taper = ask("live_tapers_list", limit=2)["items"][0]["key"]
    ask("live_tapers_get", key=taper)
    ask("live_search", q=evening["artist"]["name"][:5], limit=2)
    ask("live_words_set", {"value": "AUD"}, scope="recording", id=first, field="source_type")
    ask("live_words_list", limit=2)
    ask("live_words_delete", scope="recording", id=first, field="source_type")
    asyncio.run(_doubtful(house))
    doubts = ask("live_doubts_list", limit=2)["items"]
    ask("live_doubts_decide", {"accept": False}, id=doubts[0]["id"])
    added = ask.client.get("/api/v1/live/mirrors").json()["items"][0]["id"]
    ask("live_mirrors_list")
    ask("live_mirrors_start", {"whole": True}, id=added)
    ask("live_status_get")
    wait_until(lambda: ask.client.get("/api/v1/live/status").json()["job"] is None)


async def _doubtful(house: House) -> None:
    """Have a recording here whose identifier and date say different days."""
    db = house.segue.db.twin()
    said = Item(
        "lp1977-06-01.aud.dunn", creators=("Lantern Parade",), date="1977-06-10", collections=("LanternParade",)
    )
    try:
        async with db.write() as tx:
            await Intake().take_in(tx, [said])
        await regroup_marked(db)
    finally:
        await db.close()


def steps_archive(ask: Any, archive: Archive) -> None:
    """Look into the archive, and play a track from it."""
    ask("live_archive_search", artist="Cold Harbor", limit=2)
    ask("live_archive_bands_list")
    name = next(one for one in archive.items if one.startswith("lp1977-05-08") and ".mtx." in one)
    ask("live_archive_items_get", identifier=name)
    ask("live_archive_files_list", identifier=name)
    found = ask.client.get("/api/v1/live/archive/search", params={"collection": BAND, "date": "1977-05-08"}).json()
    assert found["source"] == "mirrored", found
    recording = next(one["recording"] for one in found["items"] if one["identifier"] == name)
    tracks = ask.client.get(f"/api/v1/live/recordings/{recording}").json()["track_list"]
    ask("live_tracks_stream", id=tracks[0]["id"])
    ask("live_tracks_stream_head", id=tracks[0]["id"])
    ask("live_archive_get")
    ask("live_archive_cache_get")
    ask("live_archive_cache_clear")


def steps_downloads(ask: Any, archive: Archive) -> None:
    """Bring a recording here, hold another back, look at both, and take them away again."""
    client = ask.client
    client.patch("/api/v1/settings", json={"live.downloads.free_gb": 0})
    ask("live_downloads_settings")
    small = next(name for name in archive.items if "soundcheck" in name)
    made = ask("live_downloads_add", {"archive_identifier": small, "formats": ["mp3"]})["items"][0]["id"]
    wait_until(lambda: client.get(f"/api/v1/live/downloads/{made}").json()["in_library"])
    ask("live_downloads_get", id=made)
    ask("live_downloads_verify", {"deep": True}, id=made)
    ask("live_downloads_verify_all", {})
    archive.add("slow1999-12-31", {"t1.flac": b"fLaC" + bytes(100_000)})
    archive._world.faults.add("drip", service="archive", route="file", match="slow1999", bytes=1000, delay_s=0.2)
    other = client.post("/api/v1/live/downloads", json={"archive_identifier": "slow1999-12-31"}).json()["items"][0][
        "id"
    ]
    ask("live_downloads_change", {"paused": True, "position": 0}, id=other)
    ask("live_downloads_list", limit=2)
    ask("live_downloads_delete", id=other)
    ask("live_downloads_retry", id=other)
    for number in (other, made):
        client.delete(f"/api/v1/live/downloads/{number}")
    live = next(one["id"] for one in client.get("/api/v1/libraries").json()["items"] if one["name"] == "Live")
    assert client.delete(f"/api/v1/libraries/{live}", params={"confirm": "Live"}).status_code == 202
    wait_until(lambda: all(one["id"] != live for one in client.get("/api/v1/libraries").json()["items"]))


def steps_songs(ask: Any) -> None:
    """Say what was played on two evenings, ask what songs that makes, and keep that one was there."""
    client = ask.client
    concerts = client.get("/api/v1/live/concerts", params={"limit": 2}).json()["items"]
    band = concerts[0]["artist"]["id"]
    first = [["Set 1", [["Harbor Lights", True, ""], ["Long Way Down", False, ""], ["Tuning", False, ""]]]]
    second = [["Set 1", [["Harbor Lights", False, ""]]], ["Encore", [["HL", False, ""]]]]
    for concert, setlist in zip(concerts, (first, second), strict=True):
        said = client.put(f"/api/v1/live/words/concert/{concert['id']}/setlist", json={"value": setlist})
        assert said.status_code == 200, said.text

    def named(name: str) -> str:
        found = client.get("/api/v1/live/songs", params={"artist": band, "q": name}).json()["items"]
        return str(next(one["id"] for one in found if one["name"] == name))

    lights = named("Harbor Lights")
    ask("live_songs_list", artist=band, limit=2)
    ask("live_artists_songs_list", id=band, sort="name", limit=2)
    ask("live_artists_songs_statistics", id=band, least_gap=2)
    ask("live_songs_get", id=lights)
    ask("live_songs_performances_list", id=lights, limit=2)
    ask("live_songs_transitions_get", id=lights)
    ask("live_setlists_list", q='"Harbor Lights" > "Long Way Down"', note=True)
    ask("live_songs_update", {"name": "Long Way Down the River"}, id=named("Long Way Down"))
    ask("live_songs_merge", {"into": lights}, id=named("HL"))
    ask("live_songs_reject", id=named("Tuning"))
    ask("live_titles_set", {"title": "Harbour Lights", "song": lights}, id=band)
    ask("live_titles_list", id=band)
    ask("live_titles_delete", id=band, title="Harbour Lights")
    ask("live_shows_set", {"note": "Front row."}, id=concerts[0]["id"])
    brought = f"{concerts[1]['artist']['name']}, {concerts[1]['date']}"
    ask("live_shows_import", {"text": brought, "dry_run": False})
    ask("live_shows_list", limit=2)
    ask("live_shows_songs_list", seen=True, limit=2)
    ask("live_shows_statistics_get")
    ask("live_shows_export")
    ask("live_today_get", date=concerts[0]["date"][5:10])
    ask("live_shows_delete", id=concerts[0]["id"])


def steps_keeping(ask: Any, house: House, archive: Archive) -> None:
    """Bring a night here, make it whole, line two of its tracks up; rules from their plan to their history; tapes at home."""
    client = ask.client
    client.patch("/api/v1/settings", json={"live.downloads.free_gb": 0})
    name = next(one for one in archive.items if one.startswith("lp1977-05-08") and ".mtx." in one)
    body = {"archive_identifier": name, "formats": ["mp3"]}
    made = client.post("/api/v1/live/downloads", json=body).json()["items"][0]["id"]
    wait_until(lambda: client.get(f"/api/v1/live/downloads/{made}").json()["in_library"])
    recording = client.get(f"/api/v1/live/downloads/{made}").json()["recording"]
    details = client.get(f"/api/v1/live/recordings/{recording}").json()
    concert = details["concerts"][0]["id"]
    ask("live_concerts_completeness", id=concert)
    ask("live_concerts_composite", id=concert, here=True)
    playlist = ask("live_concerts_composite_playlist", {"name": "A whole night"}, id=concert)["playlist"]
    client.delete(f"/api/v1/playlists/{playlist}")
    tracks = [track["id"] for track in details["track_list"]][:2]
    asyncio.run(_aligned(house, *(int(track.removeprefix("lt-")) for track in tracks)))
    pair = {"from": tracks[0], "to": tracks[1]}
    ask("live_alignments_request", pair)
    ask("live_alignments_get", **pair)
    ask("live_alignments_others", **{"from": tracks[0]})
    ask("live_alignments_position", **pair, position_ms=1500)
    _rules(ask)
    _tapes(ask, house.segue.settings.current.data_dir / "tapes")
    client.delete(f"/api/v1/live/downloads/{made}")


async def _aligned(house: House, first: int, second: int) -> None:
    """Two tracks that were lined up before: what the archive for tests plays is too short to be."""
    db = Database.open(house.segue.db.url)
    async with db.write() as tx:
        tracks = await alignments.tracks(tx.conn, [first, second])
        values = {
            "first_id": first, "second_id": second, "first_track": tracks[first].track_id,
            "second_track": tracks[second].track_id, "state": "aligned", "offset_ms": 812.4, "ratio": 1.0061, "score": 0.93,
            "stretches": [[0, 600_000, 812.4]], "reason": None, "version": VERSION, "found_at": utc_now(),
        }  # fmt: skip
        await alignments.put(tx, values)
    await db.close()


def _rules(ask: Any) -> None:
    rule = {
        "name": "Every 1977 show", "query": "year:1977", "sources": ["AUD", "MTX"], "formats": ["Flac"],
        "completeness": 0.9, "budget_bytes": 400_000_000_000,
    }  # fmt: skip
    ask("live_rules_try", rule, limit=1)
    made = ask("live_rules_create", {**rule, "budget_bytes": 0})["id"]
    ask("live_rules_list")
    ask("live_rules_get", id=made)
    ask("live_rules_change", {"name": "1977", "sources": ["MTX", "AUD"], "prefer": "source"}, id=made)
    ask("live_rules_plan", id=made, limit=1)
    job = ask("live_rules_apply", id=made)["job"]
    wait_until(lambda: ask.client.get(f"/api/v1/jobs/{job}").json()["state"] == "done")
    ask("live_rules_history", id=made)
    ask("live_rules_delete", id=made)


def _tapes(ask: Any, folder: Path) -> None:
    tape = folder / "Lantern Parade 1977-05-08 unknown source"
    tape.mkdir(parents=True)
    with wave.open(str(tape / "01 Lamplighter.wav"), "wb") as sound:
        sound.setnchannels(1)
        sound.setsampwidth(2)
        sound.setframerate(8000)
        sound.writeframes(bytes(16_000))
    job = ask("live_tapes_look", {"folder": str(folder)})["job"]
    wait_until(lambda: ask.client.get(f"/api/v1/jobs/{job}").json()["state"] == "done")
    found = ask("live_tapes_list")["items"][0]["id"]
    ask("live_tapes_get", id=found)
    ask("live_tapes_accept", {"artist": "Lantern Parade", "date": "1977-05-08"}, id=found)
    ask("live_tapes_undecide", id=found)
    ask("live_tapes_refuse", id=found)
    shutil.rmtree(folder)
