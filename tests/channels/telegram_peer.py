"""Simulates the Bot API for tests and refuses the calls that Telegram would refuse.

Refused are calls that the published specification forbids (telegram_spec.json, reduced to the methods used here), HTML
that Telegram's parser rejects, texts that are too long, and buttons whose URL has no public host.
"""

from __future__ import annotations

import asyncio
import itertools
import json
import re
from collections import deque
from dataclasses import dataclass, field
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

from starlette.applications import Starlette
from starlette.datastructures import UploadFile
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

TOKEN = "123456:TEST-token"
ME = {"id": 666, "is_bot": True, "first_name": "Aroma", "username": "AromaBot"}
SPEC = json.loads((Path(__file__).parent / "telegram_spec.json").read_text(encoding="utf-8"))
TAGS = {"b", "i", "s", "u", "code", "pre", "a"}
BABBLE = "<html><title>Bienvenido</title></html>"  # as a proxy might answer
TEXT_LIMIT = 4096
CAPTION_LIMIT = 1024
WORDS = {
    "sendMessage": ("text", TEXT_LIMIT),
    "sendPhoto": ("caption", CAPTION_LIMIT),
    "sendDocument": ("caption", CAPTION_LIMIT),
}
MAX_COMMANDS = 100
POLL_S = 0.5


@dataclass(frozen=True)
class Call:
    """A call that the specification allows; ``files`` maps a field to its uploaded file's name and content."""

    method: str
    fields: dict[str, Any]
    files: dict[str, tuple[str, bytes]] = field(default_factory=dict)

    @property
    def words(self) -> str:
        """Returns the text that a person reads, with its markup."""
        return str(self.fields.get(WORDS[self.method][0], ""))


@dataclass
class TelegramPeer:
    """Simulates Telegram; ``calls`` are in order, and ``answers`` maps a method to answers that replace the usual ones.

    If ``down``, answers 502 to every call; if ``babbling``, answers 200 with a body that is not JSON.
    """

    calls: list[Call] = field(default_factory=list)
    refused: list[str] = field(default_factory=list)
    answers: dict[str, deque[tuple[int, dict[str, Any]]]] = field(default_factory=dict)
    updates: list[dict[str, Any]] = field(default_factory=list)
    files: dict[str, bytes] = field(default_factory=dict)
    webhook: dict[str, Any] = field(default_factory=dict)
    down: bool = False
    babbling: bool = False
    hold: asyncio.Event | None = None
    _numbers: itertools.count[int] = field(default_factory=lambda: itertools.count(1))

    def app(self) -> Starlette:
        return Starlette(
            routes=[
                Route("/bot{token}/{method}", self._call, methods=["GET", "POST"]),
                Route("/file/bot{token}/{path:path}", self._file),
            ]
        )

    def answer_next(self, method: str, status: int, description: str, **parameters: Any) -> None:
        """Makes the next call of ``method`` fail with this error."""
        body: dict[str, Any] = {"ok": False, "error_code": status, "description": description}
        if parameters:
            body["parameters"] = parameters
        self.answers.setdefault(method, deque()).append((status, body))

    def sent(self) -> list[Call]:
        return [call for call in self.calls if call.method in WORDS]

    async def _call(self, request: Request) -> Response:
        if self.down:
            return Response(status_code=502)
        if self.babbling:
            return Response(BABBLE)
        if request.path_params["token"] != TOKEN:
            return JSONResponse({"ok": False, "error_code": 401, "description": "Unauthorized"}, 401)
        method = request.path_params["method"]
        fields, files = await _form(request)
        waiting = self.answers.get(method)
        if waiting:
            status, body = waiting.popleft()
            return JSONResponse(body, status)
        problem = broken_rule(method, fields)
        if problem:
            self.refused.append(problem)
            return JSONResponse({"ok": False, "error_code": 400, "description": f"Bad Request: {problem}"}, 400)
        self.calls.append(Call(method, fields, files))
        if self.hold is not None and method in WORDS:
            await self.hold.wait()
        return JSONResponse({"ok": True, "result": await self._result(method, fields)})

    async def _result(self, method: str, fields: dict[str, Any]) -> Any:
        if method == "getMe":
            return ME
        if method in WORDS:
            chat = {"id": int(fields["chat_id"]), "type": "private"}
            told = {name: str(fields[name]) for name in ("text", "caption") if name in fields}
            return {"message_id": next(self._numbers), "date": 1764000000, "chat": chat} | told
        if method == "getUpdates":
            return await self._poll(int(fields.get("offset", 0)))
        if method == "getFile":
            return {"file_id": fields["file_id"], "file_unique_id": "u", "file_path": f"files/{fields['file_id']}"}
        if method == "setWebhook":
            self.webhook = fields
        if method == "deleteWebhook":
            self.webhook = {}
        if method == "getWebhookInfo":
            return {
                "url": self.webhook.get("url", ""),
                "has_custom_certificate": False,
                "pending_update_count": 3,
                "last_error_date": 1764000000,
                "last_error_message": "Connection timed out",
                "allowed_updates": self.webhook.get("allowed_updates", []),
            }
        return True

    async def _poll(self, offset: int) -> list[dict[str, Any]]:
        for _ in range(int(POLL_S / 0.02)):
            self.updates = [one for one in self.updates if one["update_id"] >= offset]
            if self.updates:
                return self.updates
            await asyncio.sleep(0.02)
        return []

    async def _file(self, request: Request) -> Response:
        return Response(self.files[request.path_params["path"].removeprefix("files/")])


async def _form(request: Request) -> tuple[dict[str, Any], dict[str, tuple[str, bytes]]]:
    """Returns the form fields and the files; the field of a file contains its name."""
    async with request.form() as form:
        uploads = {name: value for name, value in form.items() if isinstance(value, UploadFile)}
        files = {name: (str(value.filename), await value.read()) for name, value in uploads.items()}
        fields = {name: files[name][0] if name in files else _decoded(str(value)) for name, value in form.items()}
    return fields, files


def broken_rule(method: str, fields: dict[str, Any]) -> str:
    """Returns the rule of the specification that a call breaks, or ''."""
    known = {one["name"]: one for one in SPEC["methods"].get(method, ())}
    if method not in SPEC["methods"]:
        return f"no method {method}"
    missing = [name for name, one in known.items() if one["required"] and name not in fields]
    if missing:
        return f"{method} needs {missing}"
    for name, value in fields.items():
        if name not in known:
            return f"{method} knows no {name}"
        if not any(_fits(value, kind) for kind in known[name]["types"]):
            return f"{method}.{name} is no {known[name]['types']}"
    return _broken_text(method, fields) if method in WORDS else _broken_limit(method, fields)


def _broken_limit(method: str, fields: dict[str, Any]) -> str:
    """Returns the broken rule among those that the specification states in prose, or ''."""
    if method == "setWebhook" and not re.fullmatch(r"[A-Za-z0-9_-]{1,256}", fields.get("secret_token", "x")):
        return "secret token contains unallowed characters"
    if method == "setWebhook" and fields.get("max_connections", 40) not in range(1, 101):
        return "max_connections out of range"
    if method == "setMyCommands" and len(fields["commands"]) > MAX_COMMANDS:
        return "BOT_COMMANDS_TOO_MUCH"
    named = [(one["command"], one["description"]) for one in fields.get("commands", ())]
    if not all(re.fullmatch(r"[a-z0-9_]{1,32}", name) and 1 <= len(what) <= 256 for name, what in named):
        return "BOT_COMMAND_INVALID"
    return ""


def _fits(value: Any, kind: str) -> bool:
    if kind.startswith("Array of "):
        return isinstance(value, list) and all(_fits(one, kind.removeprefix("Array of ")) for one in value)
    plain = {"Integer": int, "Boolean": bool, "Float": (int, float)}
    if kind == "String":
        return not isinstance(value, (dict, list, bool))
    if kind in plain:
        return isinstance(value, plain[kind])  # type: ignore[arg-type]
    wanted = {one["name"]: one for one in SPEC["types"].get(kind, ())}
    if not wanted or not isinstance(value, dict):
        return False
    known = all(name in wanted and any(_fits(one, k) for k in wanted[name]["types"]) for name, one in value.items())
    return known and all(name in value for name, one in wanted.items() if one["required"])


class _Strict(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.open: list[str] = []
        self.text = ""
        self.broken = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag not in TAGS or (tag != "a" and attrs) or [name for name, _ in attrs] not in ([], ["href"]):
            self.broken = f"unsupported start tag {tag}"
        self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        if not self.open or self.open.pop() != tag:
            self.broken = f"unexpected end tag {tag}"

    def handle_data(self, data: str) -> None:
        self.text += data


def shown(html: str) -> tuple[str, str]:
    """Returns the text that a person sees for Telegram's HTML, and the markup's fault ('' if none)."""
    parser = _Strict()
    parser.feed(html)
    parser.close()
    return parser.text, parser.broken or ("unclosed tag" if parser.open else "")


def _does_one_thing(button: dict[str, str]) -> bool:
    """Returns whether a button either opens an address or sends up to 64 bytes, as Telegram requires."""
    if "url" in button:
        return "callback_data" not in button
    return len(button.get("callback_data", "").encode()) in range(1, 65)


def _opens(url: str) -> bool:
    """Returns whether Telegram accepts this URL for a button: http or https, with a host that contains a dot."""
    return re.fullmatch(r"https?://[^\s/:?#@]+\.[^\s/:?#@.]+([:/?#]\S*)?", url) is not None


def _broken_text(method: str, fields: dict[str, Any]) -> str:
    name, limit = WORDS[method]
    text = str(fields.get(name, ""))
    if fields.get("parse_mode") == "HTML":
        text, broken = shown(text)
        if broken:
            return f"can't parse entities: {broken}"
    if name == "text" and not text.strip():
        return "message text is empty"
    if len(text.encode("utf-16-le")) // 2 > limit:
        return f"message {name} is too long"
    rows = fields.get("reply_markup", {}).get("inline_keyboard", [])
    if not all(_does_one_thing(one) for row in rows for one in row):
        return "BUTTON_DATA_INVALID"
    wrong = [one["url"] for row in rows for one in row if "url" in one and not _opens(one["url"])]
    return f"inline keyboard button URL '{wrong[0]}' is invalid: Wrong HTTP URL" if wrong else ""


def _decoded(value: str) -> Any:
    try:
        found = json.loads(value)
    except ValueError:
        return value
    return found if not isinstance(found, float) else value
