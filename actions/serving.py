"""Builds the action server from the settings and runs it.

Reads ACTIONS_HOST, ACTIONS_PORT and ACTIONS_TOKEN in addition to the settings of bot/core/settings.py.
"""

from __future__ import annotations

import logging
import sys
import tempfile
import warnings
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pydantic import Field, SecretStr
from sanic import Sanic

from actions.server import build_server
from bot.agency.model import load_agency
from bot.core.disk import Disk
from bot.core.log_stream import log_in_background
from bot.core.logs import configure, log
from bot.core.settings import LEAST_SECRET, ROOT, Environment, Settings
from bot.core.texts import read_all
from bot.faq.publishing.load import live_faq
from bot.metrics.page import Page
from bot.metrics.process_state import disk_source, log_source
from bot.metrics.serving import exposed
from bot.rasa.confinement import DEVICES, SYSTEM, confine
from bot.text.masking.learned.model import load as load_masking
from bot.text.masking.masking import masked_log

MACHINE = ("/sys/bus/pci", "/sys/devices")  # ONNX Runtime looks for processors here; if it may not, it logs a warning

LINKED = ("encoder", "good")  # folders in ``answers_home`` that may be links to another disk


class ActionsAddress(Environment):
    """The address of the action server, loopback by default, and the token that Rasa and the bot send."""

    host: str = Field(default="127.0.0.1", alias="ACTIONS_HOST")
    port: int = Field(alias="ACTIONS_PORT", ge=1, le=65535)
    token: SecretStr = Field(alias="ACTIONS_TOKEN", min_length=LEAST_SECRET)


@dataclass(frozen=True)
class Serving:
    """The action server and its address."""

    server: Sanic[Any, Any]
    address: ActionsAddress

    @classmethod
    def from_settings(cls) -> Serving:
        """Starts the logs, reads the texts and agency.yml, and builds the server, which loads the FAQ when it starts.

        Raises ValidationError if a setting is invalid, and InvalidAgency if agency.yml is invalid.
        """
        settings, address = Settings(), ActionsAddress()
        restrictions, refused = confined_if_possible(settings, address)  # before the first thread starts
        log_in_background()
        configure(settings.log_level, masked_log)
        load_masking()
        log.info("actions: confined", confined=restrictions)
        if refused:
            log.warning("actions: not confined", problem=refused)
        read_all()
        logging.basicConfig(level=logging.WARNING)
        warnings.filterwarnings("ignore", message=".*rasa version.*")  # rasa-sdk 3.21 supports Rasa 3.6's protocol
        agency = load_agency(settings.agency_file)
        page = Page({"disk": disk_source(Disk(settings.answers_home, settings.disk_floor_mb)), "log": log_source})
        metrics = exposed(page, settings.metrics_host, settings.actions_metrics_port)
        return cls(build_server(agency, live_faq(settings, agency), address.token.get_secret_value(), metrics), address)

    def run(self) -> None:
        host, port = self.address.host, self.address.port
        self.server.run(host=host, port=port, single_process=True, access_log=False, motd=False)


def confined_if_possible(settings: Settings, address: ActionsAddress) -> tuple[str, str]:
    """Calls ``confined``; returns the restrictions in effect, separated by commas, and the kernel's error or ''."""
    try:
        return ", ".join(confined(settings, address)), ""
    except OSError as error:
        return "", str(error)


def confined(settings: Settings, address: ActionsAddress) -> list[str]:
    """Restricts this process: it opens no connections, and reads only its part of the home folder.

    Returns the names of the restrictions in effect; [] without Landlock. Raises OSError if Landlock refuses.
    """
    for folder in (settings.faq_dir, settings.tests_dir, settings.answers_home):
        with suppress(OSError):
            folder.mkdir(parents=True, exist_ok=True)
    answers = [settings.answers_home, *(settings.answers_home / name for name in LINKED)]
    return confine(
        reads=map(str, _read(settings)),
        writes=[*DEVICES, *_outside(settings, *map(str, answers), tempfile.gettempdir())],
        listens=[port for port in (address.port, settings.actions_metrics_port) if port],
        connects=(),
        lists=[str(ROOT)],  # building an encoder imports this project from a new process
    )


def _read(settings: Settings) -> Iterator[str | Path]:
    """Yields the files and folders that the action server reads; none contains the home folder or all of the code."""
    yield from (*SYSTEM, *MACHINE, sys.prefix, sys.base_prefix)
    yield from (ROOT / "actions", ROOT / "bot", ROOT / "requirements")
    yield from (ROOT / "data", settings.project_root / "data", settings.agency_file)
    yield from (settings.tests_dir, settings.faq_dir)
    yield from (path for path in (settings.benchmark_file, settings.faq_encoder) if path)
    # The folders above, so that another FAQ or file may take the place of the one that is there now.
    replaced = [path.parent for path in (settings.faq_dir, settings.benchmark_file) if path]
    yield from _outside(settings, *sys.path, *map(str, replaced))


def _outside(settings: Settings, *folders: str) -> Iterator[str]:
    """Yields the folders in ``folders`` that contain neither the home folder nor the project's root with ``.env``."""
    kept = (settings.home.resolve(), ROOT)
    yield from (one for one in folders if not any(path.is_relative_to(Path(one).resolve()) for path in kept))
