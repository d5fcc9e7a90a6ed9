"""Implements ``ventanilla doctor``: shows each part's state and version, and how to fix an unhealthy part."""

from __future__ import annotations

import asyncio
import os
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from importlib.metadata import version
from pathlib import Path

import redis
from rich.console import Console
from rich.table import Table

from bot.agency.model import load_agency
from bot.channels.folders import settings_of_channels
from bot.core.channels import sending_channels
from bot.core.disk import MEGABYTE
from bot.core.errors.base import VentanillaError
from bot.core.network import ActionsEndpoint
from bot.core.outgoing.destinations import destinations
from bot.core.outgoing.private import stays_inside
from bot.core.settings import Settings
from bot.core.texts import area, say
from bot.faq.entries.folder import load_folder
from bot.faq.entries.problem import Severity
from bot.metrics.store_state import UNANSWERED_S, UNRECORDED_S, UNSENT_S, StoreSource, StoreState
from bot.rasa.confinement import VERSIONS
from bot.run.log_files import last_logged
from bot.run.ports import reachable
from bot.run.probes import (
    NOT_WELL,
    TIMEOUT_S,
    Late,
    actions_version,
    bot_version,
    http_version,
    postgres_version,
    redis_version,
)
from bot.run.system import running_system
from bot.store.client import Store
from bot.store.keys import ASIDE
from bot.store.words_keys import with_client

FULL_MEMORY = 0.8  # share of Valkey's maxmemory from which to warn
CONFINED = {"rasa": "confined: ", "actions": '"actions: confined"'}  # the text that each logs when it starts
COLORS = {"bien": "green", "ojo": "yellow", "mal": "red"}  # of the states of a finding


@dataclass(frozen=True)
class Finding:
    """The state of one part: its version (None if the part is unhealthy), and the fix in that case.

    ``warning`` states what to improve although the part is healthy; '' if there is nothing.
    """

    part: str
    version: str | None
    fix: str
    warning: str = ""


def examine(settings: Settings, console: Console) -> bool:
    """Prints a table of all findings; returns whether every part is healthy. Raises InvalidAgency."""
    running = running_system(settings.home) or {}
    findings = [
        *_installed(settings),
        *_disks(settings),
        _content(settings),
        *_repository(settings),
        *_alive(settings, running),
        *_confined(settings, running),
        *_destinations(settings),
        *_in_the_clear(settings),
        *_memory(_redis_url(settings, running)),
        *_tickets(_redis_url(settings, running), settings.home),
        *_waiting(_redis_url(settings, running)),
    ]
    texts = area("cli")["doctor"]
    table = Table(*texts["columnas"])
    for one in findings:
        state = "mal" if one.version is None else "ojo" if one.warning else "bien"
        advice = one.fix if one.version is None else one.warning
        table.add_row(one.part, f"[{COLORS[state]}]{texts[state]}[/]", one.version or "—", advice)
    console.print(table)
    return all(one.version is not None for one in findings)


def _installed(settings: Settings) -> list[Finding]:
    texts = area("cli")["doctor"]
    rasa = next((settings.project_root / ".venv-rasa").glob("lib/*/site-packages/rasa-3*.dist-info"), None)
    folder = Path(settings.faq_encoder) if settings.faq_encoder else settings.answers_home / "encoder"
    encoder = next(folder.glob("**/model.onnx"), None)
    found = [
        Finding("ventanilla", version("ventanilla"), ""),
        Finding(".venv-rasa", rasa.name.split("-")[1].removesuffix(".dist") if rasa else None, texts["instalar"]),
        Finding("codificador", encoder.parent.name if encoder else None, texts["preparar"]),
    ]
    return [one for one in found if one.part != ".venv-rasa" or not settings.rasa_url]  # else it is not built


def _disks(settings: Settings) -> list[Finding]:
    """Checks whether the home folder has at least ``disk_floor_mb`` megabytes of free disk space.

    Also checks the folders for files, if they are separate volumes.
    """
    from bot.conversation.files import COMPLAINT_FILES, FILES_FOLDER

    home = settings.home if settings.home.exists() else settings.project_root
    # ``Path.is_mount`` of Python 3.11 raises PermissionError for a folder that this user must not read.
    volumes = [one for name in (FILES_FOLDER, COMPLAINT_FILES) if os.path.ismount(one := settings.home / name)]
    of_files = [_disk(f"disco {one.name}", one, settings.disk_floor_mb, "disco_de_archivos") for one in volumes]
    return [_disk("disco", home, settings.disk_floor_mb, "disco"), *of_files]


def _disk(name: str, folder: Path, floor_mb: int, text: str) -> Finding:
    free_mb = shutil.disk_usage(folder).free // MEGABYTE
    fix = say(f"cli.doctor.{text}", libres=free_mb, piso=floor_mb, carpeta=folder)
    return Finding(name, f"{free_mb} MB" if free_mb >= floor_mb else None, fix)


def _content(settings: Settings) -> Finding:
    folder = load_folder(settings.faq_dir, load_agency(settings.agency_file).teams)
    errors = [problem for problem in folder.problems if problem.severity is Severity.ERROR]
    return Finding("data/faq", None if errors else str(len(folder.entries)), area("cli")["doctor"]["revisar_faq"])


def _repository(settings: Settings) -> list[Finding]:
    """Checks whether publications can be committed; returns no finding if FAQ_COMMITS is not set."""
    if not settings.faq_commits:
        return []
    from bot.desk.editing.commits.repository import branch_of
    from bot.desk.editing.commits.trouble import CannotCommit

    try:
        return [Finding("git", branch_of(settings.faq_dir), "")]
    except CannotCommit as error:
        return [Finding("git", None, say(f"repositorio.motivos.{error.reason}"))]


def _alive(settings: Settings, running: dict[str, str]) -> list[Finding]:
    """Probes each service at its address, from the settings or the running launcher; returns a finding for each."""
    redis_url, secret = _redis_url(settings, running), settings.secret.get_secret_value()
    rasa_url, actions = settings.rasa_url or running.get("RASA_URL", ""), _actions(settings, running)
    probes: list[tuple[str, str, Callable[[str], str]]] = [
        ("valkey", redis_url, lambda url: asyncio.run(with_client(url, secret, redis_version))),
        ("postgres", settings.database_url.get_secret_value() or running.get("DATABASE_URL", ""), postgres_version),
        ("actions", actions.url, partial(actions_version, actions)),
        ("rasa", rasa_url and f"{rasa_url}/version", http_version),
        ("bot", f"http://{reachable(settings.host)}:{running['port']}" if running else "", bot_version),
    ]
    return [_probe(settings, name, address, probe) for name, address, probe in probes]


def _in_the_clear(settings: Settings) -> list[Finding]:
    """Returns a warning for each address of Rasa or the action server to which citizens' messages go unencrypted."""
    addresses = {"RASA_URL": settings.rasa_url, "ACTIONS_URL": settings.actions_url}
    open_ones = [name for name, address in addresses.items() if address and not stays_inside(address)]
    return [Finding(name, "http", "", say("cli.doctor.en_claro", nombre=name)) for name in open_ones]


def _confined(settings: Settings, running: dict[str, str]) -> list[Finding]:
    """Returns findings, from logs, on the confinement of Rasa and the action server; [] if no launcher runs here."""
    texts = area("cli")["doctor"]["confinamiento"]
    found = []
    for part, mark in CONFINED.items() if running else ():
        if (kinds := last_logged(settings.home / "logs" / f"{part}.log", mark)) is not None:
            held = ", ".join(texts[one] for one in VERSIONS if one in kinds) or "—"
            missing = ", ".join(texts[one] for one in VERSIONS if one not in kinds)
            fix = say("cli.doctor.confinamiento.falta", que=missing) if missing else ""
            found.append(Finding(say("cli.doctor.confinamiento.parte", parte=part), held, "", fix))
    return found


def _destinations(settings: Settings) -> list[Finding]:
    """Lists the places outside this machine that the settings let the bot connect to, for a firewall."""
    found = destinations(settings, *settings_of_channels())
    found = {name: at for name, at in found.items() if settings.twilio_account_sid or name != "TWILIO_API_URL"}
    part, unread = partial(say, "cli.doctor.salida"), say("cli.doctor.salida_ilegible")
    return [Finding(part(ajuste=name), at or "—", "", "" if at else unread) for name, at in found.items()]


def _memory(redis_url: str) -> list[Finding]:
    """Returns a warning if Valkey has little memory left of its ``maxmemory``; [] if it has enough or no limit."""
    try:
        with redis.Redis.from_url(redis_url, socket_timeout=TIMEOUT_S, decode_responses=True) as client:
            memory = client.info("memory")
            used, most = int(memory["used_memory"]), int(memory["maxmemory"])
    except (*NOT_WELL, KeyError):
        return []  # reported by the finding on Valkey
    if used < most * FULL_MEMORY or not most:
        return []
    share = f"{100 * used // most} %"
    return [Finding("memoria", share, "", say("cli.doctor.memoria", usada=share, tope=most // MEGABYTE))]


def _actions(settings: Settings, running: dict[str, str]) -> ActionsEndpoint:
    url, token = settings.actions_url, settings.actions_token.get_secret_value()
    return ActionsEndpoint(url or running.get("ACTIONS_URL", ""), token or running.get("ACTIONS_TOKEN", ""))


def _tickets(redis_url: str, home: Path) -> list[Finding]:
    """Returns a finding on tickets that were set aside because they cannot be read; [] if there are none."""
    try:
        with redis.Redis.from_url(redis_url, socket_timeout=TIMEOUT_S, decode_responses=True) as store:
            aside = sorted(map(str, store.hgetall(ASIDE)))
    except NOT_WELL:
        return []  # reported by the finding on Valkey
    fix = say("cli.doctor.apartadas", numeros=", ".join(aside), registro=home / "logs" / "bot.log")
    return [Finding("mesa", None, fix)] if aside else []


def _waiting(redis_url: str) -> list[Finding]:
    """Returns a finding for the oldest unanswered message, unsent reply and unrecorded event, if it is too old."""
    try:
        state = asyncio.run(with_client(redis_url, "", _store_state))
    except NOT_WELL:
        return []  # reported by the finding on Valkey
    found = {
        "sin_respuesta": (state.inbox_oldest_s, UNANSWERED_S),
        "sin_enviar": (state.outbox_oldest_s, UNSENT_S),
        "sin_registrar": (state.recorder.oldest_s, UNRECORDED_S),
    }
    texts = area("cli")["doctor"]["demoras"]
    return [
        Finding(texts[key]["parte"], None, say(f"cli.doctor.demoras.{key}.que", segundos=round(age_s)))
        for key, (age_s, most_s) in found.items()
        if age_s > most_s
    ]


async def _store_state(store: Store) -> StoreState:
    async with asyncio.timeout(TIMEOUT_S):
        return await StoreSource(store, (), sending_channels()).state()


def _redis_url(settings: Settings, running: dict[str, str]) -> str:
    return settings.redis_url.get_secret_value() or running.get("REDIS_URL", "")


def _probe(settings: Settings, name: str, address: str, probe: Callable[[str], str]) -> Finding:
    if not address:
        return Finding(name, None, area("cli")["doctor"]["arrancar"])
    fix = say("cli.doctor.registro", registro=settings.home / "logs" / f"{name}.log")
    try:
        return Finding(name, probe(address), fix)
    except Late as late:
        return Finding(name, None, say("cli.doctor.atrasado", tareas=late, registro=settings.home / "logs"))
    except VentanillaError as error:
        return Finding(name, None, say(error.text_key, **error.facts))
    except NOT_WELL:
        return Finding(name, None, fix)
