"""Serves the desk's scripts and style sheets so that browsers load each of them once, without a build step.

Pages name them below a folder whose name is a hash of them all (STATIC), so browsers keep them for a year and never mix
two releases. Scripts import each other by relative paths, hence from the same folder.
"""

from __future__ import annotations

import hashlib
import re
from functools import cache
from pathlib import Path

from fastapi.staticfiles import StaticFiles
from starlette.middleware.gzip import GZipMiddleware
from starlette.responses import Response
from starlette.types import Scope

FOLDER = Path(__file__).parent / "static"
MOUNTED_AT = "/desk/static"
VERSION_DIGITS = 16
ANY_VERSION = re.compile(rf"^[0-9a-f]{{{VERSION_DIGITS}}}/")
IMPORT = re.compile(r'^(?:import|export) (?:[^"]*? from )?"\./([\w.]+)"', re.MULTILINE)
KEEP = "public, max-age=31536000, immutable"


def version_of(folder: Path) -> str:
    """Returns a hash of the names and contents of the folder's files."""
    digest = hashlib.sha256()
    for file in sorted(folder.iterdir()):
        digest.update(file.name.encode() + b"\0" + file.read_bytes() + b"\0")
    return digest.hexdigest()[:VERSION_DIGITS]


VERSION = version_of(FOLDER)
STATIC = f"{MOUNTED_AT}/{VERSION}"


@cache
def modules_of(script: str) -> list[str]:
    """Returns the names of all modules that ``script`` imports, directly or not, without itself."""
    found, todo = {script}, [script]
    while todo:
        imported = set(IMPORT.findall((FOLDER / todo.pop()).read_text()))
        todo += sorted(imported - found)
        found |= imported
    return sorted(found - {script})


class DeskFiles(StaticFiles):
    """Serves the files: below VERSION kept by browsers for a year, else checked again at each request.

    Below the version of another release it serves its own files, since two bots of two releases may run for a moment.
    """

    async def get_response(self, path: str, scope: Scope) -> Response:
        response = await super().get_response(ANY_VERSION.sub("", path, count=1), scope)
        keep = KEEP if path.startswith(f"{VERSION}/") else "no-cache"
        response.headers.update({"Cache-Control": keep, "X-Content-Type-Options": "nosniff"})
        return response


def desk_files() -> GZipMiddleware:
    """Returns the application that serves the desk's files, compressed."""
    return GZipMiddleware(DeskFiles(directory=FOLDER))
