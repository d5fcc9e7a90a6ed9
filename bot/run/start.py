"""Implements ``ventanilla run`` and ``ventanilla train``: prepares missing files, and runs the system."""

from __future__ import annotations

import os
import signal
import time
from types import FrameType

import httpx
from rich.console import Console

from bot.agency.model import Agency, load_agency
from bot.core.outgoing.private import by_proxy
from bot.core.process import FEW_FILES, die_with_parent, raise_open_files
from bot.core.settings import Settings
from bot.core.texts import say
from bot.desk.auth.permissions import granted_by_role
from bot.run.addresses import print_addresses
from bot.run.ports import require_free
from bot.run.preparation import preparing_answers, train_rasa
from bot.run.system import System, gather, gather_alone, only_one, running_system
from bot.store.words_keys import require_words_keys_at

MODEL_SWAP_TIMEOUT_S = 120.0


def start(settings: Settings, console: Console) -> None:
    """Prepares missing files, starts all parts, and keeps them alive until Ctrl-C, SIGTERM or SIGHUP.

    If the start fails, stops all started parts and raises a VentanillaError whose text names the fix.
    """
    started = time.monotonic()
    os.umask(0o077)  # other users of this machine must not read citizens' messages
    _end_with_make()
    stopping = _stop_on_signals()
    with only_one(settings):
        agency = load_agency(settings.agency_file)
        granted_by_role()  # an invalid roles.yml is reported before anything starts
        require_free(settings.host, settings.port)
        console.print(f"[bold]{say('cli.run.titulo', nombre=agency.name)}[/]")
        if (files := raise_open_files()) < FEW_FILES:
            console.print(say("cli.run.pocos_archivos", cuantos=files, deseable=FEW_FILES), style="yellow")
        system = System(settings, lambda name: console.print(say("cli.run.parte_lista", parte=name), style="green"))
        try:
            _bring_up(system, settings, agency, console)
            _print_addresses(system, settings, console, seconds=round(time.monotonic() - started))
            system.keep_alive(
                stopping,
                died=lambda name: console.print(_died(settings, name), style="yellow", markup=False),
                hung=lambda name: console.print(say("cli.run.parte_sin_respuesta", parte=name), style="yellow"),
            )
            console.print(say("cli.run.deteniendo"))
        except KeyboardInterrupt:
            console.print(say("cli.run.deteniendo"))
        finally:
            system.stop()
    console.print(say("cli.run.adios", carpeta=settings.home))


def train_and_swap(settings: Settings, console: Console) -> None:
    """Trains Rasa if an input has changed, and loads the model into a running Rasa without losing messages.

    Prints a message if Rasa refuses the model or does not answer. Raises PartFailed if the training fails, and
    InvalidAgency.
    """
    agency = load_agency(settings.agency_file)
    gather(settings)
    model = train_rasa(settings, agency, console)
    console.print(say("cli.train.listo", modelo=model.name))
    running = running_system(settings.home)
    if running is None:
        return
    url, wanted = f"{running['RASA_URL']}/model?token={running['RASA_TOKEN']}", {"model_file": str(model)}
    try:
        answer = httpx.put(url, json=wanted, timeout=MODEL_SWAP_TIMEOUT_S, trust_env=by_proxy(url))
        key = "en_uso" if answer.is_success else "no_en_uso"
    except httpx.HTTPError:
        key = "sin_respuesta"
    console.print(say(f"cli.train.{key}", registro=settings.home / "logs" / "rasa.log"))


def _bring_up(system: System, settings: Settings, agency: Agency, console: Console) -> None:
    console.print(say("cli.run.almacenes"))
    system.start_stores()
    require_words_keys_at(system.redis_url, settings.secret.get_secret_value())
    gather_alone(settings)
    with preparing_answers(settings, agency, console) as finish:
        if not settings.rasa_url:
            system.start_rasa(train_rasa(settings, agency, console))
        finish()
    console.print(say("cli.run.servicios"))
    system.start_services()


def _print_addresses(system: System, settings: Settings, console: Console, *, seconds: int) -> None:
    console.print(f"\n[bold green]{say('cli.run.listo', segundos=seconds)}[/]\n")
    print_addresses(settings, system.database_url, console)
    console.print(f"\n  {say('cli.run.salir')}\n")


def _died(settings: Settings, name: str) -> str:
    return say("cli.run.parte_caida", parte=name, registro=settings.home / "logs" / f"{name}.log")


def _stop_on_signals() -> _Flag:
    flag = _Flag()
    signal.signal(signal.SIGINT, flag.raise_)  # set explicitly: shells start background jobs with SIGINT ignored
    signal.signal(signal.SIGTERM, flag.raise_)
    signal.signal(signal.SIGHUP, flag.raise_)
    return flag


def _end_with_make() -> None:
    """Makes this process end when ``make`` ends, if ``make run`` started it; users interrupt ``make``."""
    if os.environ.pop("VENTANILLA_TIED", ""):
        die_with_parent(signal.SIGTERM)


class _Flag:
    """A flag that a signal sets; the signal handler also raises KeyboardInterrupt, to interrupt the start."""

    def __init__(self) -> None:
        self._raised = False

    def __call__(self) -> bool:
        return self._raised

    def raise_(self, _number: int, _frame: FrameType | None) -> None:
        self._raised = True
        raise KeyboardInterrupt
