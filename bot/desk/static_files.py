"""Serves the desk's scripts and style sheets so that browsers load each of them once, without a build step.

The files' URLs are below a folder named after a hash of all files (STATIC), so browsers keep them for a year. A script
is served joined with all that it imports: the desk's page needs one request for them, not seventy. The files are read
once, at the start, so that the hash remains right while a new release's files are copied over them. The script that
loads failed files again (LOADING) has a folder of its own, so that a release leaves it in the browsers' caches.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from functools import cache
from pathlib import Path

from fastapi import APIRouter, HTTPException, Request
from starlette.responses import Response

from bot.channels.web.site import FOLDER as SITE
from bot.channels.web.widget import KEEP, VERSION_DIGITS, WidgetFile, joined

FOLDER = Path(__file__).parent / "static"
MOUNTED_AT = "/desk/static"
MEDIA_TYPES = {".js": "text/javascript", ".css": "text/css", ".svg": "image/svg+xml"}
ANY_VERSION = re.compile(rf"^[0-9a-f]{{{VERSION_DIGITS}}}(?:-\d+)?/")  # loading.js adds the number of its attempt
CHECK_AGAIN = {"Cache-Control": "no-cache"}
SAFE = {"X-Content-Type-Options": "nosniff"}


def read_files(folder: Path) -> dict[str, WidgetFile]:
    """Returns the scripts, style sheets and pictures of a folder, keyed by name."""
    return {
        file.name: WidgetFile.from_text(file.read_text(), MEDIA_TYPES[file.suffix])
        for file in sorted(folder.iterdir())
        if file.suffix in MEDIA_TYPES
    }


def version_of(files: Mapping[str, WidgetFile]) -> str:
    """Returns a hash of the files' names and contents."""
    digest = hashlib.sha256()
    for name, file in files.items():
        digest.update(name.encode() + b"\0" + file.content + b"\0")
    return digest.hexdigest()[:VERSION_DIGITS]


@cache
def with_modules(script: str) -> WidgetFile:
    """Returns ``script`` joined with all modules that it imports."""
    return WidgetFile.from_text(joined(script, SCRIPTS), MEDIA_TYPES[".js"])


FILES = read_files(FOLDER)
SCRIPTS = {name: file.content.decode() for name, file in FILES.items() if name.endswith(".js")}
VERSION = version_of(FILES | {"desk.js": with_modules("desk.js")})  # another one, too, if scripts are joined otherwise
STATIC = f"{MOUNTED_AT}/{VERSION}"
LOADING_FILES = {"loading.js": WidgetFile.from_text((SITE / "static" / "loading.js").read_text(), MEDIA_TYPES[".js"])}
LOADING_VERSION = version_of(LOADING_FILES)
LOADING = f"{MOUNTED_AT}/{LOADING_VERSION}/loading.js"
SERVED = FILES | LOADING_FILES


def add_static(router: APIRouter) -> None:
    """Adds the routes of the files: browsers cache files below their version for a year and revalidate all others.

    A path with the version of another release gets this release's file, since two releases may run for a moment.
    """

    async def static_file(request: Request) -> Response:
        path = request.path_params["path"]
        name = ANY_VERSION.sub("", path, count=1)
        if name not in SERVED:
            raise HTTPException(404)
        file = with_modules(name) if name in SCRIPTS else SERVED[name]
        is_current = path.startswith((f"{VERSION}/", f"{LOADING_VERSION}/"))
        return file.response(request, SAFE | (KEEP if is_current else CHECK_AGAIN))

    router.add_route(MOUNTED_AT + "/{path:path}", static_file, include_in_schema=False)
