"""Settings changed while running: stored, announced, refused where another layer counts more."""

import pytest

from segue.core.access import SYSTEM
from segue.core.changes import ChangeFeed
from segue.core.db import Database
from segue.core.settings_store import RESET, SettingsRefused, SettingsService
from segue.settings import Settings, load_settings

pytestmark = pytest.mark.anyio


async def service(db: Database, **environ: str) -> SettingsService[Settings]:
    made = SettingsService(db, load_settings(environ=environ))
    await made.load()
    return made


async def test_a_changed_setting_counts_at_once_and_after_a_restart(db: Database) -> None:
    settings = await service(db)
    heard: list[str] = []
    settings.on_change(lambda new: heard.append(new.log.level))
    await settings.patch({"log.level": "debug", "server.cors_origins": ["https://a.example"], "scan.watch": False})
    assert settings.current.log.level == "debug"
    assert settings.current.layer_of("log.level") == "settings table"
    assert heard == ["debug"]
    again = await service(db)
    assert again.current.server.cors_origins == ("https://a.example",)
    assert again.current.scan.watch is False


async def test_a_setting_goes_back_to_its_default(db: Database) -> None:
    settings = await service(db)
    await settings.patch({"log.level": "debug"})
    await settings.patch({"log.level": RESET})
    assert (settings.current.log.level, settings.current.layer_of("log.level")) == ("info", "default")


async def test_changes_are_all_stored_or_none_and_each_wrong_one_is_named(db: Database) -> None:
    settings = await service(db, SEGUE_JOBS__WORKERS="2")
    with pytest.raises(SettingsRefused) as caught:
        await settings.patch(
            {"log.level": "debug", "log.levle": "debug", "images.workers": 0, "server.port": 80, "jobs.workers": 3}
        )
    assert [(problem.field, problem.code) for problem in caught.value.fields] == [
        ("log.levle", "unknown_setting"),
        ("images.workers", "wrong_value"),
        ("server.port", "not_editable"),
        ("jobs.workers", "not_editable"),
    ]
    assert "set by the environment" in caught.value.fields[3].message
    assert settings.current.log.level == "info"


async def test_a_change_is_in_the_change_feed(db: Database) -> None:
    feed = ChangeFeed(db)
    start = (await feed.head(SYSTEM)).cursor
    settings = await service(db)
    await settings.patch({"log.level": "debug"})
    page = await feed.since(start, SYSTEM)
    assert [(item.kind, item.id, item.op) for item in page.items] == [("setting", "log.level", "upsert")]
