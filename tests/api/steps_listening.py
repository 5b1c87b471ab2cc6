"""Listening, as somebody would come to ask who looks back on their year and puts their history right."""

from __future__ import annotations

from typing import Any


def steps(ask: Any) -> None:
    """Report plays, look at what they add up to, take one back, keep tags, searches, bookmarks and queues."""
    tracks = [track["id"] for track in ask("tracks_list", limit=3)["items"]]
    ask("listening_counting_get")
    for minute, track in enumerate(tracks):
        at = f"2026-03-29T18:{10 + 5 * minute}:00Z"
        ask("plays_report", {"track": track, "played_at": at, "client": "Web player", "source": "web"})
    ask("plays_report", {"track": tracks[0], "submission": False, "client": "Web player", "position_ms": 4200})
    ask("now_playing_list")
    ask("now_playing_delete", client="Web player")
    plays = ask("plays_list", limit=3, source="web")["items"]
    ask("plays_sources_list")
    change = ask("plays_update", {"track": tracks[1]}, id=plays[0]["id"])["changes"][0]
    ask("plays_changes_undo", id=change)
    ask("plays_delete", id=plays[1]["id"])
    ask("plays_delete_many", {"plays": [plays[2]["id"]]})
    ask("plays_changes_list", limit=2)
    _look_back(ask, tracks[0])
    _keep(ask, tracks)


def _look_back(ask: Any, track: str) -> None:
    year = {"period": "year", "at": "2026-06-01"}
    ask("listening_top", kind="tracks", compare=True, limit=3, **year)
    ask("listening_totals_get", **year)
    ask("listening_over_time", bucket="month", **year)
    ask("listening_clock_get", **year)
    ask("listening_streaks")
    ask("listening_discoveries_list", kind="artists", limit=3, **year)
    ask("listening_years_list")
    ask("listening_years_get", year=2026)
    ask("listening_of_get", id=track)
    ask("listening_export", format="csv")


def _keep(ask: Any, tracks: list[str]) -> None:
    ask("hates_set", id=tracks[2])
    ask("hates_delete", id=tracks[2])
    ask("bookmarks_set", {"position_ms": 61_000, "comment": "The coda."}, id=tracks[0])
    ask("bookmarks_list")
    ask("bookmarks_delete", id=tracks[0])
    ask("own_tags_add", {"names": ["for the car", "rain"], "things": tracks[:2]})
    car, rain = (tag["id"] for tag in ask("own_tags_list")["items"])
    ask("own_tags_on_list", id=tracks[0])
    ask("own_tags_update", {"name": "On the road"}, id=car)
    ask("own_tags_merge", {"into": car}, id=rain)
    ask("own_tags_remove", {"names": ["on the road"], "things": tracks[:1]})
    ask("own_tags_delete", id=car)
    ask("search_history_choice_set", {"keep": True})
    for words in ("late trains", "harbour"):
        ask("search_history_note", {"box": "all", "query": words, "results": 3})
    kept = ask("search_history_list", limit=2)["items"]
    ask("search_history_delete", id=kept[0]["id"])
    ask("search_history_clear")
    ask("queue_set", {"tracks": tracks[:2], "current_index": 1, "position_ms": 1200}, device="desk")
    ask("queue_set", {"tracks": tracks[2:], "current_index": 0}, device="desk")
    ask("queues_list")
    ask("queue_restore", {"device": "desk"})
    ask("queue_take_over", {"of": "desk", "client": "Web player"})
    ask("queue_delete", device="desk")
