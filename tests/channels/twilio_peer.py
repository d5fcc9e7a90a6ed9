"""Simulates Twilio's API for tests and refuses the calls that Twilio would refuse.

Refused are calls that the published specifications forbid (twilio_api_spec.json, twilio_content_spec.json: reduced from
github.com/twilio/twilio-oai) or that exceed documented limits. Also refused are messages of a shape that is not in
``SHAPES``: test_whatsapp_prism.py sends each of those shapes to Prism.
"""

from __future__ import annotations

import base64
import json
import re
from collections import deque
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl

from jsonschema import Draft202012Validator
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

HERE = Path(__file__).parent
API = json.loads((HERE / "twilio_api_spec.json").read_text(encoding="utf-8"))
CONTENT = json.loads((HERE / "twilio_content_spec.json").read_text(encoding="utf-8"))
SID = "AC" + "1" * 32
TOKEN = "twilio-test-token"
SERVICE = "MG" + "2" * 32
SENDER = "whatsapp:+56225550100"
MESSAGES = "/2010-04-01/Accounts/{AccountSid}/Messages.json"
BABBLE = "<html><title>Bienvenido</title></html>"  # as a proxy might answer
TEXT_LIMIT = 1600
TEMPLATE_TEXT_LIMIT = 1024
MANY = {"MediaUrl", "PersistentAction"}
ANYWAY = {"To", "From", "MessagingServiceSid", "StatusCallback"}
SHAPES = {
    "words": {"Body"},
    "template": {"ContentSid", "ContentVariables"},
    "file": {"MediaUrl"},
    "file with words": {"Body", "MediaUrl"},
}


@dataclass
class TwilioPeer:
    """Simulates Twilio; ``sent`` are the fields of accepted messages, and ``answers`` replace the next usual answers.

    If ``down``, answers 503 to every call; if ``babbling``, answers 201 with a body that is not JSON.
    """

    sent: list[dict[str, Any]] = field(default_factory=list)
    refused: list[str] = field(default_factory=list)
    answers: deque[tuple[int, int, dict[str, str]]] = field(default_factory=deque)
    templates: dict[str, dict[str, Any]] = field(default_factory=dict)
    service: dict[str, Any] = field(default_factory=dict)
    senders: list[dict[str, Any]] = field(default_factory=list)
    files: dict[str, bytes] = field(default_factory=dict)
    down: bool = False
    babbling: bool = False

    def app(self) -> Starlette:
        routes = [
            Route("/2010-04-01/Accounts/{sid}/Messages.json", self._message, methods=["POST"]),
            Route("/2010-04-01/Accounts/{sid}.json", self._account),
            Route("/2010-04-01/Accounts/{sid}/Messages/{message}/Media/{media}", self._media),
            Route("/v1/Content", self._create, methods=["POST"]),
            Route("/v1/Content/{sid}", self._template),
            Route("/v1/Content/{sid}/ApprovalRequests", self._approval),
            Route("/v1/Services/{sid}", self._service),
            Route("/v2/Channels/Senders", self._senders),
        ]
        return Starlette(routes=routes)

    def answer_next(self, status: int, code: int, **headers: str) -> None:
        """Makes the next message fail with this status and error number."""
        self.answers.append((status, code, headers))

    def _stopped(self, request: Request) -> Response | None:
        if self.down:
            return Response(status_code=503)
        if self.babbling:
            return Response(BABBLE, 201)
        given = request.headers.get("authorization", "")
        if given != "Basic " + base64.b64encode(f"{SID}:{TOKEN}".encode()).decode():
            return _error(401, 20003)
        return None

    async def _message(self, request: Request) -> Response:
        if stopped := self._stopped(request):
            return stopped
        if self.answers:
            status, code, headers = self.answers.popleft()
            return _error(status, code, headers)
        fields = _form(await request.body())
        problem, code = broken_rule(fields, self.templates)
        if problem:
            self.refused.append(problem)
            return _error(400, code)
        self.sent.append(fields)
        sid = f"SM{len(self.sent):032x}"
        return JSONResponse({"sid": sid, "status": "queued", "account_sid": SID, "to": fields["To"]}, 201)

    async def _account(self, request: Request) -> Response:
        return self._stopped(request) or JSONResponse({"sid": SID, "status": "active"})

    async def _media(self, request: Request) -> Response:
        content = self.files.get(request.path_params["media"])
        return self._stopped(request) or (Response(content) if content is not None else _error(404, 20404))

    async def _create(self, request: Request) -> Response:
        if stopped := self._stopped(request):
            return stopped
        body = await request.json()
        problems = spec_problems(CONTENT, {"$ref": "#/components/schemas/ContentCreateRequest"}, body)
        if problems:
            self.refused += problems
            return _error(400, 20001)
        sid = f"HX{len(self.templates) + 1:032x}"
        self.templates[sid] = body["types"]
        return JSONResponse({"sid": sid, "types": body["types"]}, 201)

    async def _template(self, request: Request) -> Response:
        types = self.templates.get(request.path_params["sid"])
        stopped = self._stopped(request)
        return stopped or (
            JSONResponse({"sid": request.path_params["sid"], "types": types}) if types else _error(404, 20404)
        )

    async def _approval(self, request: Request) -> Response:
        approved = "twilio/text" in self.templates.get(request.path_params["sid"], {})
        status = {"status": "approved" if approved else "unsubmitted"}
        return self._stopped(request) or JSONResponse({"sid": request.path_params["sid"], "whatsapp": status})

    async def _service(self, request: Request) -> Response:
        return self._stopped(request) or JSONResponse({"sid": SERVICE} | self.service)

    async def _senders(self, request: Request) -> Response:
        meta = {"page": 0, "page_size": 50, "key": "senders", "next_page_url": None}
        return self._stopped(request) or JSONResponse({"senders": self.senders, "meta": meta})


def _error(status: int, code: int, headers: dict[str, str] | None = None) -> Response:
    told = {
        "code": code,
        "message": "refused",
        "status": status,
        "more_info": f"https://www.twilio.com/docs/errors/{code}",
    }
    return JSONResponse(told, status, headers=headers)


def _form(body: bytes) -> dict[str, Any]:
    fields: dict[str, Any] = {}
    for name, value in parse_qsl(body.decode(), keep_blank_values=True, strict_parsing=True):
        if name in MANY:
            fields.setdefault(name, []).append(value)
        else:
            fields[name] = value
    return fields


def spec_problems(spec: dict[str, Any], schema: dict[str, Any], value: Any) -> list[str]:
    """Returns the rules of the specification that a value breaks."""
    whole = schema | {"components": spec["components"]}
    return [f"{list(one.path)}: {one.message}" for one in Draft202012Validator(whole).iter_errors(value)]


def broken_rule(fields: dict[str, Any], templates: dict[str, dict[str, Any]]) -> tuple[str, int]:
    """Returns the rule of Twilio that a message breaks and the error number; ('', 0) if there is none."""
    schema = API["paths"][MESSAGES]["post"]["requestBody"]["content"]["application/x-www-form-urlencoded"]["schema"]
    if problems := spec_problems(API, schema | {"additionalProperties": False}, fields):
        return problems[0], 20001
    if not re.fullmatch(r"(whatsapp:)?\+[1-9]\d{6,14}", fields["To"]):
        return "invalid To", 21211
    if "From" in fields and fields["From"].startswith("whatsapp:") != fields["To"].startswith("whatsapp:"):
        return "From and To are of different channels", 21910
    if ("From" in fields) == ("MessagingServiceSid" in fields):
        return "From or MessagingServiceSid", 21603
    if not any(fields.get(name) for name in ("Body", "MediaUrl", "ContentSid")):
        return "nothing to say", 21619
    if _length(fields.get("Body", "")) > TEXT_LIMIT:
        return "body too long", 21617
    if fields.keys() - ANYWAY not in SHAPES.values():
        return "of a shape that Prism was not shown", 20001
    return _broken_template(fields, templates) if "ContentSid" in fields else ("", 0)


def _broken_template(fields: dict[str, Any], templates: dict[str, dict[str, Any]]) -> tuple[str, int]:
    types = templates.get(fields["ContentSid"])
    if types is None:
        return "no such template", 21655
    variables = json.loads(fields.get("ContentVariables", "{}"))
    wanted = set(re.findall(r"\{\{(\w+)\}\}", json.dumps(types)))
    if set(variables) != wanted or not all(isinstance(one, str) and one for one in variables.values()):
        return f"variables {sorted(variables)} for {sorted(wanted)}", 21656
    return _too_long(filled(types, variables))


def _too_long(types: dict[str, Any]) -> tuple[str, int]:
    (kind, said), *_ = types.items()
    limits = {"title": 20, "item": 24, "description": 72, "id": 200}
    parts = said.get("actions") or said.get("items") or []
    long = [name for part in parts for name, most in limits.items() if _length(part.get(name, "")) > most]
    most_parts = {"twilio/quick-reply": 3, "twilio/list-picker": 10}.get(kind, 0)
    if long or len(parts) > most_parts or _length(said["body"]) > TEMPLATE_TEXT_LIMIT:
        return f"template too long: {long}", 63021
    return "", 0


def filled(types: dict[str, Any], variables: dict[str, str]) -> dict[str, Any]:
    """Renders a template's content with its variables."""
    text = re.sub(r"\{\{(\w+)\}\}", lambda name: json.dumps(variables[name[1]])[1:-1], json.dumps(types))
    made: dict[str, Any] = json.loads(text)
    return made


def _length(text: str) -> int:
    return len(text.encode("utf-16-le", "surrogatepass")) // 2
