"""Older route names under `/compat/live/`: each answers as the route of `/api/v1/live/` that does the same."""

from __future__ import annotations

from segue.core.rest import Access, CurrentActor, Cursor, Limit, Page, Router
from segue.live import routes_archive, routes_browse
from segue.live.downloads import routes as downloads
from segue.live.downloads.schemas import DownloadItem

router = Router(include_in_schema=False)

for _path in ("/music/search", "/browse/search"):
    router.get(_path, access=Access.signed_in)(routes_archive.search)
router.get("/browse/items/{identifier}", access=Access.signed_in)(routes_archive.item)
router.get("/browse/directory/{identifier}", access=Access.signed_in)(routes_archive.directory)
router.get("/browse/cache/stats", access=Access.signed_in)(routes_archive.cache)
router.delete("/browse/cache/clear", access=Access.admin)(routes_archive.clear)
router.post("/browse/cache/clear", access=Access.admin)(routes_archive.clear)


async def history(
    actor: CurrentActor, service: downloads.Downloads, limit: Limit = 50, cursor: Cursor = None
) -> Page[DownloadItem]:
    """Downloads that have ended."""
    return await downloads.downloads(actor, service, active=False, limit=limit, cursor=cursor)


async def cancel(id: str, actor: CurrentActor, service: downloads.Downloads) -> DownloadItem:
    """Cancel a download; what came of it is taken away."""
    return await downloads.remove(id, actor, service)


router.get("/downloads", access=Access.signed_in)(downloads.downloads)
router.get("/downloads/history", access=Access.signed_in)(history)
router.post("/downloads", access=Access.signed_in, status_code=202)(downloads.add)
router.get("/downloads/{id}", access=Access.signed_in)(downloads.one)
router.delete("/downloads/{id}", access=Access.signed_in)(downloads.remove)
router.post("/downloads/{id}/cancel", access=Access.signed_in)(cancel)
router.post("/downloads/{id}/retry", access=Access.signed_in, status_code=202)(downloads.retry)
router.get("/concerts", access=Access.signed_in)(routes_browse.list_concerts)
router.get("/concerts/recent", access=Access.signed_in)(routes_browse.recent_concerts)
router.get("/concerts/search", access=Access.signed_in)(routes_browse.search)
router.get("/concerts/{id}", access=Access.signed_in)(routes_browse.one_concert)
