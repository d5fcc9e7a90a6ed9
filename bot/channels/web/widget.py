"""Serves the widget without a build step: the loader, which a site's script tag loads, and the chat.

The chat's script is served joined with all its modules, so that it needs one request. Its URL contains a hash of script
and style sheet, so browsers and proxies can cache them for a year and never mix two versions. The loader contains this
hash; the loader is cached as briefly as the pages' other files.
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
MANIFEST = "WIDGET"  # placeholder in loader.js for folder and entry
VERSION_DIGITS = 16
MEDIA_TYPES = {".js": "text/javascript", ".css": "text/css"}
INDENTATION = re.compile(r"^[ \t]+", re.MULTILINE)
IMPORT = re.compile(r"""^import (?:(\{[^}]*\}) from )?["']\./(\w+)\.js["'];$""", re.MULTILINE)
EXPORT = re.compile(r"^export (?=(?:async )?(?:function\*?|class|const) (\w+))", re.MULTILINE)
AWAITS = re.compile(r"^(?:(?:const|let) .*= )?await ", re.MULTILINE)
RENAMED = re.compile(r"\b(\w+) as (\w+)")
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
        scripts = scripts_of(folder)
        files = {
            ENTRY: WidgetFile.from_text(joined(ENTRY, scripts), MEDIA_TYPES[".js"]),
            **{path.name: WidgetFile.from_text(path.read_text(), MEDIA_TYPES[".css"]) for path in folder.glob("*.css")},
        }
        digest = hashlib.sha256()
        for name, file in files.items():
            digest.update(name.encode() + b"\0" + file.content + b"\0")
        version = digest.hexdigest()[:VERSION_DIGITS]
        manifest = json.dumps({"folder": f"widget/{version}/", "entry": ENTRY})
        loader = scripts[LOADER].replace(f"({MANIFEST})", f"({manifest})")
        return cls(files, version, WidgetFile.from_text(loader, MEDIA_TYPES[".js"]))


def widget_router(headers: Mapping[str, str]) -> APIRouter:
    """Builds the routes of the loader and the chat's files; ``headers`` are added to every response."""
    widget = _widget()
    etag = f'"{hashlib.sha256(widget.loader.content).hexdigest()[:32]}"'
    router = APIRouter(include_in_schema=False)

    async def loader(request: Request) -> Response:
        cache_headers = {**headers, "ETag": etag}
        if request.headers.get("if-none-match", "").removeprefix("W/") == etag:
            return Response(status_code=304, headers=cache_headers)
        return widget.loader.response(request, cache_headers)

    async def file(request: Request, version: str, name: str) -> Response:
        """Serves script or style sheet; responds 404 to another version, since two versions must not mix."""
        if ATTEMPT.sub("", version) != widget.version or name not in widget.files:
            raise HTTPException(404, headers=NEVER_KEEP)
        return widget.files[name].response(request, {**headers, **ANY_SITE, **KEEP})

    router.add_api_route("/webchat/widget.js", loader, methods=["GET", "HEAD"])
    router.add_api_route("/webchat/widget/{version}/{name}", file, methods=["GET", "HEAD"])
    return router


@cache
def _widget() -> Widget:
    return Widget.from_folder()


def scripts_of(folder: Path) -> dict[str, str]:
    """Reads the scripts of the widget's folder, keyed by name."""
    return {path.name: smaller(path.read_text(encoding="utf-8")) for path in sorted(folder.glob("*.js"))}


def modules_of(script: str, scripts: Mapping[str, str]) -> list[str]:
    """Returns the names of all modules that ``script`` imports, directly or not, each after those that it imports."""
    found: dict[str, None] = {}

    def follow(name: str) -> None:
        for _, module in IMPORT.findall(scripts[name]):
            if (needed := f"{module}.js") not in found:
                follow(needed)
                found[needed] = None

    follow(script)
    return list(found)


def joined(script: str, scripts: Mapping[str, str]) -> str:
    """Returns ``script`` after all its modules, each as a function that runs at once and returns its exports."""
    parts = [_as_function(name, scripts[name]) for name in modules_of(script, scripts)]
    return "".join((*parts, _with_local_imports(scripts[script])))


def _as_function(name: str, text: str) -> str:
    exported = ", ".join(EXPORT.findall(text))
    start = "await (async () => {" if AWAITS.search(text) else "(() => {"
    body = f"{EXPORT.sub('', _with_local_imports(text))}return {{ {exported} }};"
    return f"/* {name} */ const module_{name[:-3]} = {start}\n{body}\n}})();\n"


def _with_local_imports(text: str) -> str:
    def local(found: re.Match[str]) -> str:
        names, module = RENAMED.sub(r"\1: \2", found[1] or ""), found[2]
        return f"const {names} = module_{module};" if names else ""

    return IMPORT.sub(local, text)


def smaller(source: str) -> str:
    """Removes a script's block comments (about half of its bytes) and indentation; line numbers do not change."""
    return INDENTATION.sub("", BLOCK_COMMENT.sub(lambda comment: "\n" * comment[0].count("\n"), source))
