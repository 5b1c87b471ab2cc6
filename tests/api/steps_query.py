"""The query language, as an editor of queries and a program that asks by them would come to it."""

from __future__ import annotations

from typing import Any


def steps(ask: Any) -> None:
    """See what can be asked, write a query with help, have it explained, and ask lists with it."""
    fields = ask("query_fields", entity="tracks")
    assert any(item["name"] == "year" for item in fields["items"])
    assert ask("query_suggest", {"entity": "tracks", "query": "ye", "cursor": 2})["items"][0]["text"] == "year:"
    wrong = ask("query_parse", {"entity": "tracks", "query": "yaer:1970"})
    assert wrong["error"]["suggestions"][0] == "year"
    read = ask("query_parse", {"entity": "songs", "query": "year:1900.. NOT rating:<3 OR plays:0 sort:-added limit:20"})
    assert read["valid"]
    written = ask("query_write", {"entity": "tracks", "ast": read["ast"], "sort": read["sort"], "limit": read["limit"]})
    assert written["normalized"] == read["normalized"]
    assert ask("query_explain", {"entity": "tracks", "query": read["normalized"]})["conditions"]
