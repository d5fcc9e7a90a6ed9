"""Tests that the bot's HTTP clients connect only to addresses of the settings, also after a redirect."""

from __future__ import annotations

import ast
import re
from functools import cache

import httpx
import pytest
import structlog
from aiohttp import test_utils, web
from pydantic import SecretStr, ValidationError

from bot.channels.telegram.settings import TelegramSettings
from bot.channels.whatsapp.api import Account, Twilio
from bot.channels.whatsapp.settings import WhatsAppSettings
from bot.core.errors.messages import SendRefused
from bot.core.messages import Channel
from bot.core.network import ActionsEndpoint
from bot.core.outgoing import hosts
from bot.core.outgoing.destinations import MORE_HOSTS, TWILIO, DestinationRefused, destinations, only_to
from bot.core.outgoing.private import is_private, stays_inside
from bot.core.settings import Settings
from bot.turns.answers import Answered, Answers
from bot.turns.rasa_client import Asker
from tests.conftest import ROOT
from tests.rows import each_row
from tests.source import syntax_tree

# What makes a connection: each call needs ``event_hooks=only_to(...)``.
CLIENTS = {"AsyncClient", "Client", "AsyncOAuth2Client", "HTTPXRequest"}
VERBS = {"get", "post", "put", "patch", "delete", "head", "options", "request", "stream"}
LIBRARIES = {"httpx", "httpx2", "requests", "aiohttp"}
# Has one address and follows no redirect: each of its requests has ``allow_redirects=False``.
AIOHTTP = "bot/turns/answers.py"
# Connects to the address of its setting by another protocol, which has no redirects.
OTHER_PROTOCOLS = {
    "bot/mail/smtp.py": {"_Timed", "_TimedSecure"},
    "bot/conversation/malware.py": {"open_connection", "open_unix_connection"},
}
OPENERS = CLIENTS | {"SMTP", "SMTP_SSL", "open_connection", "open_unix_connection", "create_connection", "urlopen"}
OPENERS |= {"ClientSession", "_Timed", "_TimedSecure"} | {
    f"{library}.{verb}" for library in LIBRARIES for verb in VERBS
}
# Commands and the launcher, which ask the installation's own parts and follow no redirect.
COMMANDS = ("bot/run/", "bot/backup/", "bot/cli/")
SDK = "bot/channels/whatsapp/api.py Client"  # Twilio's, which uses our HTTP client


@cache
def calls() -> list[tuple[str, ast.Call]]:
    """Returns each call that opens a connection, with ``<file> <name>``; parses only files that name an opener."""
    paths = [path for folder in ("bot", "actions") for path in (ROOT / folder).rglob("*.py")]
    naming = [path for path in paths if any(name in path.read_text(encoding="utf-8") for name in OPENERS)]
    nodes = [(path, node) for path in naming for node in ast.walk(syntax_tree(path)) if isinstance(node, ast.Call)]
    found = [(path, opened(node.func), node) for path, node in nodes]
    return [(f"{path.relative_to(ROOT).as_posix()} {name}", node) for path, name, node in found if name]


def opened(called: ast.expr) -> str:
    """Returns the name in OPENERS of the called function; '' for another function."""
    last = called.attr if isinstance(called, ast.Attribute) else called.id if isinstance(called, ast.Name) else ""
    if last not in VERBS:
        return last if last in OPENERS else ""
    name = ast.unparse(called)
    return name if name in OPENERS else ""


def is_limited(call: ast.Call) -> bool:
    return "only_to(" in ast.unparse(call) or "event_hooks=hooks" in ast.unparse(call)


def test_every_client_that_can_leave_the_machine_is_limited_to_its_destination() -> None:
    found = [(name, call) for name, call in calls() if not name.startswith(COMMANDS) and name != SDK]
    limited = {name for name, call in found if is_limited(call)}
    assert len(limited) >= 9
    others = {f"{file} {name}" for file, names in OTHER_PROTOCOLS.items() for name in names}
    assert {name for name, _ in found} - limited == others | {f"{AIOHTTP} ClientSession"}


def test_commands_and_the_client_without_a_limit_follow_no_redirect() -> None:
    commands = [ast.unparse(call) for name, call in calls() if name.startswith(COMMANDS)]
    assert len(commands) >= 3
    assert not [call for call in commands if "follow_redirects" in call]
    nodes = [node for node in ast.walk(syntax_tree(ROOT / AIOHTTP)) if isinstance(node, ast.Call)]
    asked = [
        text for node in nodes if (text := ast.unparse(node)).startswith(tuple(f"self._client.{v}(" for v in VERBS))
    ]
    assert asked
    assert all("allow_redirects=False" in one for one in asked)


async def test_citizens_words_and_the_token_follow_no_redirect_of_the_action_server() -> None:
    asked: list[str] = []

    async def answer(request: web.Request) -> web.Response:
        asked.append(request.path)
        if request.path == "/elsewhere":
            return web.json_response({"said": [], "command": "/taken"})
        return web.json_response({"command": "/taken", "said": []}, status=307, headers={"location": "/elsewhere"})

    app = web.Application()
    app.router.add_post("/{path}", answer)
    async with test_utils.TestServer(app) as server:
        answers = Answers(ActionsEndpoint(str(server.make_url("")), "t" * 40))
        assert await answers.surely(Asker("c1", Channel.WEB), "soy Ana Soto") == Answered()
        await answers.close()
    assert asked == ["/answer"]


@pytest.mark.parametrize(
    ("address", "url", "goes"),
    [
        ("https://registro.cl/a", "https://registro.cl/b?c", True),
        ("https://registro.cl/a", "https://registro.cl:443/b", True),
        ("https://registro.cl/a", "https://registro.cl.evil.example/a", False),
        ("https://registro.cl/a", "https://registro.cl@evil.example/a", False),
        ("https://registro.cl/a", "http://registro.cl/a", False),
        ("https://registro.cl/a", "https://registro.cl:8443/a", False),
        ("http://127.0.0.1:5005", "http://127.0.0.1:5005/webhooks", True),
        ("http://127.0.0.1:5005", "http://127.0.0.1:6379/", False),
        ("http://127.0.0.1:5005", "http://169.254.169.254/latest/meta-data", False),
        (TWILIO, "https://messaging.twilio.com/v1", True),
        (TWILIO, "https://mms.twiliocdn.com/x", True),
        (TWILIO, "http://messaging.twilio.com/v1", False),
        (TWILIO, "https://twilio.com.evil.example/", False),
        (TWILIO, "https://eviltwilio.com/", False),
        ("https://proxy.losaromos.cl", "https://messaging.twilio.com/v1", False),
        ("https://api.dublin.ie1.twilio.com", "https://mms.twiliocdn.com/x", True),
        ("http://api.twilio.com", "https://mms.twiliocdn.com/x", False),
        ("https://eviltwilio.com", "https://mms.twiliocdn.com/x", False),
        (TWILIO, "https://s3-external-1.amazonaws.com/media.twiliocdn.com/AC1/x", True),
        (TWILIO, "https://s3-external-1.amazonaws.com/another-bucket/x", False),
        (TWILIO, "https://s3-external-1.amazonaws.com/media.twiliocdn.com/%2e%2e/another-bucket/x", False),
        ("https://ñuñoa.cl/a", "https://ñuñoa.cl/a", True),
        ("https://ÑUÑOA.cl./a", "https://xn--uoa-6mab.cl/a", True),
        ("https://xn--uoa-6mab.cl", "https://ñuñoa.cl./a", True),
        ("https://ñuñoa.cl", "https://nunoa.cl/", False),
        ("https://[fe80::1]:8443", "https://[fe80::1]:8443/a", True),
        ("https://[fe80::1]:8443", "https://[fe80::1:8443]/", False),
    ],
)
async def test_request_goes_only_to_its_destination(address: str, url: str, goes: bool) -> None:
    sent: list[str] = []

    def answer(request: httpx.Request) -> httpx.Response:
        sent.append(str(request.url))
        return httpx.Response(200)

    async with httpx.AsyncClient(transport=httpx.MockTransport(answer), event_hooks=only_to(address)) as client:
        if goes:
            await client.get(url)
        else:
            with pytest.raises(DestinationRefused):
                await client.get(url)
    assert sent == [str(httpx.URL(url))] * goes


@pytest.mark.parametrize(
    ("host", "url", "goes"),
    [
        ("Ingreso.Ñuñoa.cl", "https://ingreso.ñuñoa.cl/token", True),
        ("ingreso.losaromos.cl:8443", "https://ingreso.losaromos.cl:8443/token", True),
        ("ingreso.losaromos.cl:8443", "https://ingreso.losaromos.cl/token", False),
        ("ingreso.losaromos.cl:443", "https://ingreso.losaromos.cl/token", True),
        (".ñuñoa.cl", "https://a.b.ñuñoa.cl/token", True),
        (".ñuñoa.cl", "https://otrañuñoa.cl/token", False),
        (".ñuñoa.cl", "http://a.ñuñoa.cl/token", False),
    ],
)
async def test_hosts_of_the_settings_are_reached_too(host: str, url: str, goes: bool) -> None:
    (kept,) = Settings(OIDC_HOSTS=f" {host} ,").oidc_hosts  # type: ignore[arg-type]
    (check,) = only_to("https://proveedor.cl", kept)["request"]
    if goes:
        await check(httpx.Request("GET", url))
    else:
        with pytest.raises(DestinationRefused):
            await check(httpx.Request("GET", url))


@pytest.mark.parametrize(
    "host", ["https://idp.cl", "idp.cl/token", "*.idp.cl", "yo@idp.cl", ".", "idp.cl:port", "idp.cl:"]
)
def test_anything_but_a_host_is_refused_with_its_name(host: str) -> None:
    with pytest.raises(ValidationError, match="OIDC_HOSTS takes names of hosts.*not «" + re.escape(host)):
        Settings(OIDC_HOSTS=f"otro.cl, {host}")  # type: ignore[arg-type]


async def test_redirect_to_elsewhere_is_refused_before_it_is_followed() -> None:
    asked: list[str] = []

    def answer(request: httpx.Request) -> httpx.Response:
        asked.append(request.url.host)
        return httpx.Response(307, headers={"location": "http://169.254.169.254/latest"})

    twilio = Twilio(Account("AC1", SecretStr("t")))
    twilio._wire.http._transport = httpx.MockTransport(answer)
    with pytest.raises(SendRefused), structlog.testing.capture_logs() as logged:  # at once: a retry cannot work
        await twilio.media("https://api.twilio.com/2010/Media/1")
    assert [(line["event"], line["host"]) for line in logged] == [("outgoing: refused", "169.254.169.254")]
    assert asked == ["api.twilio.com"]
    await twilio.close()


def test_destinations_name_every_address_that_is_set() -> None:
    ours = Settings(
        OIDC_ISSUER="https://accounts.google.com",
        OIDC_HOSTS="ingreso.losaromos.cl:8443, .losaromos.cl",  # type: ignore[arg-type]
        PUBLIC_URL="https://chat.losaromos.cl",
        SMTP_URL="smtps://yo:clave@correo.losaromos.cl",  # type: ignore[arg-type]
        CLAMD_URL="unix:///run/clamd.sock",
        REDIS_URL="redis://:clave@valkey/0",  # type: ignore[arg-type]
        DATABASE_URL="postgresql+psycopg://v:clave@pg:5433/v",  # type: ignore[arg-type]
    )
    found = destinations(ours, TelegramSettings(), WhatsAppSettings())
    assert found == {
        "OIDC_ISSUER": ", ".join(("accounts.google.com:443", *MORE_HOSTS["https://accounts.google.com"])),
        "OIDC_HOSTS": "ingreso.losaromos.cl:8443, .losaromos.cl",
        "SMTP_URL": "correo.losaromos.cl:465",
        "CLAMD_URL": "/run/clamd.sock",
        "REDIS_URL": "valkey:6379",
        "DATABASE_URL": "pg:5433",
        "TWILIO_API_URL": "api.twilio.com:443, .twilio.com, .twiliocdn.com, s3-external-1.amazonaws.com",
        "TELEGRAM_API_URL": "api.telegram.org:443",
    }


@each_row(
    ("address", "place"),
    [
        ("smtp://u:cl#ve@mail.muni.cl:587", ""),
        ("smtp://u:12/34@mail.muni.cl", ""),
        ("redis://:12/34@valkey:6379", ""),
        ("redis://:cl?ve@valkey:6379", ""),
        ("https://yo:12/34@registro.cl", ""),
        ("smtp://yo:cl@ve@mail.muni.cl", "mail.muni.cl:587"),
        ("redis://:clave@valkey", "valkey:6379"),
        ("redis://[fe80::1]:7000/0", "[fe80::1]:7000"),
        ("unix:///run/valkey.sock?db=1", "/run/valkey.sock"),
        ("unix://yo:clave@/run/valkey.sock", "/run/valkey.sock"),
        ("postgresql://u:p@/db?host=pg.cl", "pg.cl:5432"),
        ("postgresql+psycopg://u:p@/db?host=pg.cl&port=5433", "pg.cl:5433"),
        ("postgresql://u:p@/db?host=/var/run/postgresql", ""),
        ("https://registro.cl/@muni?clave=x", "registro.cl:443"),
        ("https://ñuñoa.cl/secreto", "xn--uoa-6mab.cl:443"),
        ("valkey:6379/clave", ""),
    ],
)
def test_place_consists_of_host_and_port_only(address: str, place: str) -> None:
    assert hosts.place(address) == place


@pytest.mark.parametrize(
    ("address", "private", "inside"),
    [
        ("https://registro.cl", True, True),
        ("http://127.0.0.1:5005", True, True),
        ("http://rasa:5005", False, True),
        ("http://registro.cl", False, False),
        ("https://[mal", False, False),
    ],
)
def test_unencrypted_destinations_are_known(address: str, private: bool, inside: bool) -> None:
    assert (is_private(address), stays_inside(address)) == (private, inside)
