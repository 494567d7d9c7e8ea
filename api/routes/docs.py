"""The API's own description, from files that ship with it: nothing is loaded from elsewhere."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from fastapi import APIRouter
from starlette.responses import FileResponse
from starlette.staticfiles import StaticFiles

_STATIC: Final = Path(__file__).parents[1] / "static"
router = APIRouter(include_in_schema=False)
assets: Final = StaticFiles(directory=_STATIC)


@router.get("/docs")
async def read_docs() -> FileResponse:
    return FileResponse(_STATIC / "docs.html", media_type="text/html")
