"""Settings over REST, for administrators: what is set, where it came from, and changing it."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import Body, Response
from pydantic import BaseModel

from segue.core.rest import Access, Page, Router, json_response, service
from segue.core.settings_store import RESET, SettingsService
from segue.settings import Settings

router = Router(prefix="/settings", tags=["settings"])
SettingsDependency = Annotated[SettingsService[Settings], service(SettingsService)]
Changes = Annotated[
    dict[str, Any],
    Body(
        description="Settings by their key, with their new value; null goes back to the default.",
        examples=[{"scan.watch": False, "auth.access_minutes": None}],
    ),
]


class SettingOut(BaseModel):
    """One setting. `layer` says where its value came from; `restart`, that a change counts from the next start."""

    key: str
    value: Any
    default: Any
    type: str
    choices: list[str]
    layer: str
    description: str
    editable: bool
    restart: bool


@router.get("", access=Access.admin, response_model=Page[SettingOut], summary="Every setting")
async def list_settings(settings: SettingsDependency) -> Response:
    """With its value, its default and what set it. Secrets are masked."""
    return _page(settings.current)


@router.patch("", access=Access.admin, response_model=Page[SettingOut], summary="Change settings")
async def change_settings(changes: Changes, settings: SettingsDependency) -> Response:
    """All or none. One that the environment, the file or a flag has set is refused and says so."""
    return _page(await settings.patch({key: RESET if value is None else value for key, value in changes.items()}))


def _page(settings: Settings) -> Response:
    items = settings.describe()
    return json_response({"items": items, "next": None, "total": len(items)})
