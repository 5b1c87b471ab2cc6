"""What every process forked for a test of faults has loaded (see `forking`): imported, its tables mapped, nothing of it looked
at for garbage."""

from __future__ import annotations

import gc

from sqlalchemy.orm import configure_mappers

from segue.tables import import_models
from tests.faults import (  # noqa: F401
    analysis_worker,
    import_worker,
    removal_worker,
    scan_worker,
    scrobbling_worker,
    undo_worker,
    writing_worker,
)
from tests.library import media  # noqa: F401
from tests.live.downloads import trial  # noqa: F401

import_models()
configure_mappers()
gc.collect()
gc.freeze()
