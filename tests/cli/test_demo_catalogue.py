"""The demonstration has a catalogue, in which its albums are not whole and its people made more than is here."""

from __future__ import annotations

import json
from pathlib import Path

from segue.catalog.snapshot.opening import open_snapshot
from segue.cli.demo_catalogue import make_catalogue
from segue.demo.discography import LACKING
from segue.demo.library import planned
from segue.demo.plan import RECORDS


def test_the_demonstration_knows_what_its_albums_lack_and_what_else_its_people_made(tmp_path: Path) -> None:
    truth = {work.path: {"title": work.piece.title, "duration_s": 60.4} for work in planned()}
    make_catalogue(tmp_path / "catalog", truth)
    manifest = (tmp_path / "catalog" / "manifest.json").read_bytes()
    make_catalogue(tmp_path / "catalog", truth)
    assert (tmp_path / "catalog" / "manifest.json").read_bytes() == manifest
    opened = open_snapshot(tmp_path / "catalog")
    store = opened.store
    counts = store.counts()
    assert counts.albums > len(RECORDS)
    for place, record in enumerate(RECORDS, 1):
        (rank,) = store.ranks("album", [f"album-{place}"])
        assert rank is not None
        titles = [json.loads(one)["name"] for one in store.tracks(store.album_tracks(rank), album=False)]
        own = [piece.title for piece in record.pieces]
        lacking = [title for title, _ in LACKING.get(record.title, ())]
        assert sorted(titles) == sorted(own + lacking)
    store.close()
