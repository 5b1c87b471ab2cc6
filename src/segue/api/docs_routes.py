"""The description of the API for programs (/openapi.json) and for people (/docs)."""

from __future__ import annotations

from fastapi import Request, Response
from fastapi.responses import HTMLResponse
from starlette.concurrency import run_in_threadpool

from segue.api.docs_page import docs_page
from segue.core.rest import Access, Router, json_response

router = Router(tags=["operations"], include_in_schema=False)


@router.get("/openapi.json", access=Access.public, open_query=True)
async def openapi(request: Request) -> Response:
    """The OpenAPI description, with the path that Segue is under as its server."""
    description = await run_in_threadpool(request.app.openapi)
    return json_response({**description, "servers": [{"url": request.scope.get("root_path") or "/"}]})


@router.get("/docs", access=Access.public, open_query=True)
async def docs(request: Request) -> Response:
    description = await run_in_threadpool(request.app.openapi)
    page = await run_in_threadpool(docs_page, description, request.scope.get("root_path", ""))
    return HTMLResponse(page, headers={"Cache-Control": "no-cache"})
