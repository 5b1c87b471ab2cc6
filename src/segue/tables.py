"""Where the tables are declared: what a migration compares with, and what a test makes."""

from __future__ import annotations

import importlib

MODEL_MODULES = (
    "segue.core.changes",
    "segue.core.health",
    "segue.core.idempotency",
    "segue.core.outside.models",
    "segue.core.settings_store",
    "segue.accounts.models",
    "segue.jobs.models",
    "segue.library.models",
    "segue.library.lyrics.models",
    "segue.library.pictures.models",
    "segue.library.edits.models",
    "segue.library.genres.models",
    "segue.library.duplicates.models",
    "segue.library.overrides.models",
    "segue.library.preview.models",
    "segue.library.journal.models",
    "segue.library.tag_rules.models",
    "segue.library.search",
    "segue.library.inbox.models",
    "segue.library.writing.models",
    "segue.library.measures.models",
    "segue.metadata.models",
    "segue.listening.models",
    "segue.listening.imports.models",
    "segue.listening.scrobbling.models",
    "segue.playlists.models",
    "segue.playlists.exchange.models",
    "segue.live.models",
    "segue.live.alignment.models",
    "segue.live.downloads.models",
    "segue.live.keeping.models",
    "segue.live.tapes.models",
    "segue.live.search.tables",
    "segue.live.shows.models",
    "segue.analysis.models",
    "segue.analysis.similar.models",
)


def import_models() -> None:
    """Import every module with tables, so that `Base.metadata` is whole."""
    for name in MODEL_MODULES:
        importlib.import_module(name)
