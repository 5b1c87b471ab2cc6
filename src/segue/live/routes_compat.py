"""Older route names under `/compat/live/`: each answers as the route of `/api/v1/live/` that does the same."""

from __future__ import annotations

from segue.core.rest import Access, Router
from segue.live import routes_archive

router = Router(include_in_schema=False)

for _path in ("/music/search", "/browse/search"):
    router.get(_path, access=Access.signed_in)(routes_archive.search)
router.get("/browse/items/{identifier}", access=Access.signed_in)(routes_archive.item)
router.get("/browse/directory/{identifier}", access=Access.signed_in)(routes_archive.directory)
router.get("/browse/cache/stats", access=Access.signed_in)(routes_archive.cache)
router.delete("/browse/cache/clear", access=Access.admin)(routes_archive.clear)
router.post("/browse/cache/clear", access=Access.admin)(routes_archive.clear)
