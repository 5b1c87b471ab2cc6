"""Every operation of the API, once each, as a person with a library would come to call it."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx2

from tests.api import (
    steps_analysis,
    steps_catalog,
    steps_duplicates,
    steps_edits,
    steps_exchange,
    steps_genres,
    steps_grouping,
    steps_imports,
    steps_listening,
    steps_live,
    steps_mixing,
    steps_pictures,
    steps_playlists,
    steps_query,
    steps_scrobbling,
    steps_similar,
    steps_steering,
    steps_tag_rules,
    steps_writing,
)
from tests.api.in_process import House, running
from tests.api.operations import Operation, operations
from tests.conformance.house import APP_PASSWORD, PASSWORD, USERNAME
from tests.e2e.running import wait_until

JSON = "application/json"
TELLING_HEADERS = ("ETag", "Cache-Control", "Content-Type", "Content-Length", "Accept-Ranges")
"""What is worth showing of an answer whose body is not text."""


@dataclass(frozen=True)
class Asked:
    """One request and its answer: `answer` is JSON, text, or None where there is none to show."""

    operation: Operation
    parameters: dict[str, Any]
    body: Any
    status: int
    content_type: str
    headers: dict[str, str]
    answer: Any


@dataclass
class Journey:
    """Asks for operations by their ids, and keeps the first answer to each."""

    client: httpx2.Client
    by_id: dict[str, Operation]
    asked: dict[str, Asked] = field(default_factory=dict)

    def __call__(self, id: str, /, body: Any = None, **parameters: Any) -> Any:
        """The answer to operation `id`, which must be as good as the operation promises."""
        operation = self.by_id[id]
        request = self._request(operation, body, parameters)
        if operation.answer_type == "text/event-stream":
            with self.client.stream("GET", request.url) as response:
                text = next(part for part in response.iter_text() if part.strip())
            return self._keep(operation, parameters, body, response, text)
        response = self.client.send(request)
        assert response.status_code == operation.status, (id, response.status_code, response.text)
        kind = response.headers.get("content-type", "")
        answer = response.json() if kind == JSON else response.text if kind.startswith("text/") else None
        return self._keep(operation, parameters, body, response, answer)

    def _request(self, operation: Operation, body: Any, parameters: dict[str, Any]) -> httpx2.Request:
        path = operation.path.format_map(parameters)
        query = {name: value for name, value in parameters.items() if f"{{{name}}}" not in operation.path}
        if isinstance(body, bytes):
            kind = {"Content-Type": "image/png"}
            return self.client.build_request(
                operation.method.upper(), path, params=query or None, content=body, headers=kind
            )
        return self.client.build_request(
            operation.method.upper(), path, params=query or None, json=body if body is not None else None
        )

    def _keep(self, operation: Operation, parameters: Any, body: Any, response: httpx2.Response, answer: Any) -> Any:
        is_opaque = (operation.answer_type not in (None, JSON) and answer is None) or operation.method == "head"
        headers = {name: response.headers[name] for name in TELLING_HEADERS if is_opaque and name in response.headers}
        kind = response.headers.get("content-type", "").partition(";")[0]
        body = None if isinstance(body, bytes) else body
        kept = Asked(operation, parameters, body, response.status_code, kind, headers, answer)
        self.asked.setdefault(operation.id, kept)
        return answer


def travel(house: House, description: dict[str, Any], music: Path, scratch: Path) -> dict[str, Asked]:
    """Call every operation over the golden library; what was asked and answered, by operation id."""
    by_id = {operation.id: operation for operation in operations(description)}
    with house.client() as client:
        journey = Journey(client, by_id)
        _sign_in(journey)
        _look_around(journey)
        _listen(journey)
        _make_playlists(journey)
        steps_listening.steps(journey)
        steps_playlists.steps(journey)
        steps_exchange.steps(journey, music, scratch)
        steps_scrobbling.steps(journey, house)
        steps_imports.steps(journey, house)
        steps_live.steps(journey, house)
        steps_analysis.steps(journey, house)
        steps_similar.steps(journey, house.segue.settings.current.data_dir)
        _follow_changes(journey)
        _run_jobs(journey)
        _keep_libraries(journey, music, scratch)
        steps_steering.steps(journey)
        steps_genres.steps(journey)
        steps_query.steps(journey)
        steps_grouping.steps(journey, music, scratch)
        steps_tag_rules.steps(journey)
        steps_duplicates.steps(journey, music)
        steps_edits.steps(journey)
        steps_mixing.steps(journey)
        steps_pictures.steps(journey)
        steps_writing.steps(journey, music, scratch)
        steps_catalog.steps(journey)
        _keep_people(journey)
        _run_the_server(journey)
        journey("auth_logout", {})
    fresh_data = scratch / "fresh"
    fresh_data.mkdir()
    with running(fresh_data) as fresh, fresh.client() as client:
        first = Journey(client, by_id, journey.asked)
        first.asked.pop("setup_get", None)
        first("setup_get")
        first(
            "setup_create",
            {"username": USERNAME, "password": PASSWORD, "app_password": APP_PASSWORD, "display_name": "Ann"},
        )
    return journey.asked


def _sign_in(ask: Journey) -> None:
    signed_in = ask("auth_login", {"username": USERNAME, "password": PASSWORD})
    signed_in = ask("auth_refresh", {"refresh_token": signed_in["refresh_token"]})
    ask.client.headers["Authorization"] = f"Bearer {signed_in['access_token']}"
    ask("auth_me_get")
    ask("auth_me_update", {"display_name": "Ann", "time_zone": "Europe/Prague"})
    made = ask("app_passwords_create", {"name": "Phone"})
    ask("app_passwords_list")
    ask("app_passwords_delete", id=made["id"])
    ask.client.post("/api/v1/auth/login", json={"username": USERNAME, "password": PASSWORD})
    sessions = ask("sessions_list")["items"]
    ask("sessions_delete", id=next(session["id"] for session in sessions if not session["current"]))


def _look_around(ask: Journey) -> None:
    ask("genres_list", sort="-tracks", limit=2)
    label = _first(ask("labels_list"))
    ask("labels_get", id=label)
    album = ask("albums_list", label=label, sort="-year", limit=2)["items"][0]
    ask("albums_get", id=album["id"])
    ask("artists_list", sort="-albums", limit=2)
    ask("artists_get", id=album["artists"][0]["artist"]["id"])
    ask("artists_index")
    track = ask("tracks_list", album=album["id"], sort="position", limit=2)["items"][0]
    ask("tracks_get", id=track["id"])
    ask("tracks_stream_head", id=track["id"])
    ask("tracks_stream_get", id=track["id"])
    ask("artwork_get", id=album["artwork"]["id"], size=320)
    ask("genres_get", id=album["genres"][0]["id"])
    ask("files_list", format="flac", limit=2)
    ask("files_get", id=track["file"]["id"])
    root = _first(ask("folders_list", has="-parent"))
    ask("folders_get", id=root)
    ask("search_get", q="song", limit=2)


def _listen(ask: Journey) -> None:
    tracks = [
        track["id"] for track in ask("tracks_list", artist=_first(ask("artists_list", name="The Walkers")))["items"]
    ]
    ask("stars_set", id=tracks[0])
    ask("stars_delete", id=tracks[0])
    ask("ratings_set", {"rating": 4}, id=tracks[0])
    ask("plays_report", {"track": tracks[0], "client": "Web player", "duration_played_ms": 19_500})
    ask("plays_list", limit=2)
    ask("queue_set", {"tracks": tracks[:2], "current_index": 0, "position_ms": 1200, "client": "Web player"})
    ask("queue_get")


def _make_playlists(ask: Journey) -> None:
    tracks = [track["id"] for track in ask("tracks_list", limit=4)["items"]]
    id = ask("playlists_create", {"name": "Late trains", "tracks": tracks[:2]})["id"]
    ask("playlists_list", limit=2)
    ask("playlists_update", {"comment": "For the way home.", "visibility": "public"}, id=id)
    whole = ask("playlists_rows_add", {"tracks": tracks[2:3]}, id=id)
    rows = [row["id"] for row in whole["rows"]]
    whole = ask("playlists_rows_order_set", {"rows": rows[::-1], "revision": whole["revision"]}, id=id)
    ask("playlists_rows_delete", id=id, row=rows[0])
    ask("playlists_get", id=id)
    ask("playlists_delete", id=id)


def _follow_changes(ask: Journey) -> None:
    head = ask.client.get("/api/v1/changes").json()
    ask("changes_list", since=0, epoch=head["epoch"], kinds="album,track", limit=2)
    ask("events_get")


def _run_jobs(ask: Journey) -> None:
    ask("jobs_queues_list")
    ask("jobs_queues_update", {"paused": True}, name="default")
    ask("jobs_workers_list")
    ask("jobs_schedules_list")
    ask("jobs_schedules_update", {"cron": "30 4 * * 1"}, name="upkeep")
    job = ask("jobs_schedules_run", name="upkeep")["job"]
    ask("jobs_cancel", id=job)
    ask("jobs_retry", {"from_start": True}, id=job)
    ask.client.patch("/api/v1/jobs/queues/default", json={"paused": False})
    wait_until(lambda: ask.client.get(f"/api/v1/jobs/{job}").json()["state"] == "done")
    ask("jobs_get", id=job)
    ask("jobs_list", state="done,failed", limit=2)


def _keep_libraries(ask: Journey, music: Path, scratch: Path) -> None:
    def is_quiet() -> bool:
        return not ask.client.get("/api/v1/scan").json()["scanning"]

    ask("libraries_list")
    ask("scan_start", {"full": True})
    ask("scan_get")
    more = scratch / "more music"
    shutil.copytree(music / "Far", more / "Far")
    id = ask("libraries_create", {"name": "Second shelf", "path": str(more)})["id"]
    wait_until(is_quiet)
    ask("libraries_update", {"name": "Upper shelf"}, id=id)
    ask("libraries_delete", id=id, confirm="Upper shelf")
    wait_until(lambda: len(ask.client.get("/api/v1/libraries").json()["items"]) == 1)


def _keep_people(ask: Journey) -> None:
    body = {"username": "bo", "password": "a lamp in the window", "display_name": "Bo", "email": "bo@example.org"}
    id = ask("users_create", body)["id"]
    ask("users_list", limit=2)
    ask("users_get", id=id)
    ask("users_update", {"time_zone": "Europe/Oslo", "roles": ["user"]}, id=id)
    library = ask.client.get("/api/v1/libraries").json()["items"][0]["id"]
    group = ask("groups_create", {"name": "Family", "libraries": [library], "members": [id]})["id"]
    ask("groups_list")
    ask("groups_update", {"name": "Household"}, id=group)
    ask("groups_delete", id=group)
    ask("libraries_access_set", {"people": [id]}, id=library)
    ask("libraries_access_get", id=library)
    ask("users_delete", id=id)
    ask("audit_list", limit=2)


def _run_the_server(ask: Journey) -> None:
    ask("settings_list")
    ask("settings_update", {"scan.watch": False})
    ask.client.patch("/api/v1/settings", json={"scan.watch": None})
    ask("health_get")
    ask("health_live_get")
    ask("health_ready_get")
    ask("metrics_get")


def _first(page: dict[str, Any]) -> str:
    return str(page["items"][0]["id"])


def unasked(asked: dict[str, Asked], description: dict[str, Any]) -> Iterator[str]:
    """Ids of the operations that nobody called."""
    return (operation.id for operation in operations(description) if operation.id not in asked)
