"""Serves the widget without a build step: the loader, which a site's script tag loads, and the modules.

The URL of the modules contains a hash of them all, so browsers and proxies can cache them for a year and never mix two
versions. The loader contains this hash; the loader is cached as briefly as the pages' other files.
"""

from __future__ import annotations

import gzip
import hashlib
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from fastapi import APIRouter, HTTPException, Request
from fastapi.responses import Response

FOLDER = Path(__file__).parent / "widget"
LOADER, ENTRY = "loader.js", "chat.js"
MANIFEST = "WIDGET"  # placeholder in loader.js for folder, entry and module names
VERSION_DIGITS = 16
MEDIA_TYPES = {".js": "text/javascript", ".css": "text/css"}
INDENTATION = re.compile(r"^[ \t]+", re.MULTILINE)
ATTEMPT = re.compile(r"-\d+$")  # loader.js adds it to the version when it loads the modules again
BLOCK_COMMENT = re.compile(r"^[ \t]*/\*.*?\*/[ \t]*$", re.MULTILINE | re.DOTALL)
ANY_SITE = {"Access-Control-Allow-Origin": "*"}  # modules from another origin need CORS; they contain no secret
KEEP = {"Cache-Control": "public, max-age=31536000, immutable"}
NEVER_KEEP = {"Cache-Control": "no-store"}


@dataclass(frozen=True)
class WidgetFile:
    """A file of the widget, uncompressed and gzipped, since there may be no proxy that compresses it."""

    content: bytes
    compressed: bytes
    media_type: str

    @classmethod
    def from_text(cls, text: str, media_type: str) -> WidgetFile:
        content = text.encode()
        return cls(content, gzip.compress(content, mtime=0), media_type)

    def response(self, request: Request, headers: Mapping[str, str]) -> Response:
        headers = {**headers, "Vary": "Accept-Encoding"}
        if "gzip" not in request.headers.get("accept-encoding", ""):
            return Response(self.content, media_type=self.media_type, headers=headers)
        return Response(self.compressed, media_type=self.media_type, headers=headers | {"Content-Encoding": "gzip"})


@dataclass(frozen=True)
class Widget:
    """The widget: its ``files`` keyed by name, their hash as ``version``, and the ``loader``."""

    files: Mapping[str, WidgetFile]
    version: str
    loader: WidgetFile

    @classmethod
    def from_folder(cls, folder: Path = FOLDER) -> Widget:
        paths = sorted(path for path in folder.iterdir() if path.suffix in MEDIA_TYPES)
        files = {path.name: _read(path) for path in paths}
        loader = files.pop(LOADER).content.decode()
        digest = hashlib.sha256()
        for name, file in files.items():
            digest.update(name.encode() + b"\0" + file.content + b"\0")
        version = digest.hexdigest()[:VERSION_DIGITS]
        modules = [name for name in files if name.endswith(".js")]
        manifest = json.dumps({"folder": f"widget/{version}/", "entry": ENTRY, "modules": modules})
        return cls(
            files, version, WidgetFile.from_text(loader.replace(f"({MANIFEST})", f"({manifest})"), "text/javascript")
        )


def widget_router(headers: Mapping[str, str]) -> APIRouter:
    """Builds the routes of the loader and the modules; ``headers`` are added to every response."""
    widget = _widget()
    etag = f'"{hashlib.sha256(widget.loader.content).hexdigest()[:32]}"'
    router = APIRouter(include_in_schema=False)

    async def loader(request: Request) -> Response:
        cache_headers = {**headers, "ETag": etag}
        if request.headers.get("if-none-match", "").removeprefix("W/") == etag:
            return Response(status_code=304, headers=cache_headers)
        return widget.loader.response(request, cache_headers)

    async def file(request: Request, version: str, name: str) -> Response:
        """Serves a module; responds 404 to another version, since modules of two versions must not mix."""
        if ATTEMPT.sub("", version) != widget.version or name not in widget.files:
            raise HTTPException(404, headers=NEVER_KEEP)
        return widget.files[name].response(request, {**headers, **ANY_SITE, **KEEP})

    router.add_api_route("/webchat/widget.js", loader, methods=["GET", "HEAD"])
    router.add_api_route("/webchat/widget/{version}/{name}", file, methods=["GET", "HEAD"])
    return router


@cache
def _widget() -> Widget:
    return Widget.from_folder()


def _read(path: Path) -> WidgetFile:
    text = path.read_text(encoding="utf-8")
    return WidgetFile.from_text(smaller(text) if path.suffix == ".js" else text, MEDIA_TYPES[path.suffix])


def smaller(source: str) -> str:
    """Removes a script's block comments (about half of its bytes) and indentation; line numbers do not change."""
    return INDENTATION.sub("", BLOCK_COMMENT.sub(lambda comment: "\n" * comment[0].count("\n"), source))
