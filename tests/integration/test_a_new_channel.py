"""Tests that a new channel needs only its folder and a member of ``Channel``.

The channel ``tests/new_channel/letter`` (letters by post) and its member are added to a copy of the code.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from bot.core.channels import ChannelTraits, traits_of
from bot.core.messages import Channel
from bot.core.texts import CHANNELS, area, areas
from tests.conftest import ROOT

NEW = ROOT / "tests" / "new_channel"
ABOVE = '    WHATSAPP = "whatsapp"\n'
LINE = '    LETTER = "letter"\n'


@pytest.fixture(scope="module")
def copy(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Copies our code and adds the channel: its folder, and its member of ``Channel``."""
    home = tmp_path_factory.mktemp("copy")
    shutil.copytree(ROOT / "bot", home / "bot", ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copytree(NEW / "letter", home / "bot" / "channels" / "letter", ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(ROOT / "agency.yml", home)
    messages = home / "bot" / "core" / "messages.py"
    text = messages.read_text(encoding="utf-8")
    assert text.count(ABOVE) == 1
    messages.write_text(text.replace(ABOVE, ABOVE + LINE), encoding="utf-8")
    return home


def run(copy: Path, *command: str, **environment: str) -> str:
    given = os.environ | {"PYTHONPATH": str(copy), "VENTANILLA_HOME": str(copy / "home")} | environment
    done = subprocess.run([sys.executable, *command], cwd=copy, env=given, capture_output=True, text=True, timeout=300)
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.fixture(scope="module")
def told(copy: Path) -> dict[str, Any]:
    """Returns what each part of the code knows of the channel while the channel is switched on."""
    return dict(json.loads(run(copy, str(NEW / "report.py"), LETTER_BOX="120")))


def test_new_channel_needs_no_debounce_time_in_agency_yml(told: dict[str, Any]) -> None:
    assert told["debounce"] == 4000


def test_new_channel_is_built_and_served_if_its_settings_are_set(told: dict[str, Any], copy: Path) -> None:
    assert (told["senders"], told["routes"], told["previews"]) == (1, ["/channels/letter"], ["letter"])
    off = json.loads(run(copy, str(NEW / "report.py"), LETTER_BOX=""))
    assert (off["senders"], off["routes"], off["previews"]) == (0, [], [])


def test_public_notice_counts_as_shown_if_one_message_has_all_of_it(told: dict[str, Any]) -> None:
    assert told["notices"] == [True, False]


def test_desk_shows_the_new_channels_name_icon_and_limit(told: dict[str, Any]) -> None:
    assert (told["desk"]["name"], told["desk"]["text_limit"]) == ("Carta", 500)
    assert '<symbol id="i-letter"' in told["desk"]["icons"]


def test_new_channels_reply_window_applies_to_the_desk_files_and_scripts(told: dict[str, Any]) -> None:
    two_hours = (2 * 60 - 1) * 60_000
    assert (told["desk"]["window_ms"], told["desk"]["previews"]) == (two_hours, False)
    assert f"letter = {two_hours}" in told["lua"]
    assert told["files"]["words"].startswith("Pasaron 2 horas") and "Carta no deja" in told["files"]["words"]


def test_new_channels_file_limits_apply(told: dict[str, Any]) -> None:
    assert (told["files"]["picture"], told["files"]["document"] > 1000) == (1000, True)
    assert told["files"]["hindrances"] == ["sin_direccion", "ventana_cerrada"]


def test_new_channels_own_failure_has_its_text(told: dict[str, Any]) -> None:
    words = told["desk"]["failure"]
    assert words.startswith("La persona ya no tiene esa casilla") and "«Dinos tu casilla nueva.»" in words


def test_new_channels_commands_are_registered(copy: Path) -> None:
    assert "El canal de cartas" in run(copy, "-m", "bot.cli.main", "--help")
    status = run(copy, "-m", "bot.cli.main", "letter", "status", LETTER_BOX="120")
    assert status.strip() == "Casilla: 120"


@pytest.mark.parametrize("channel", Channel)
def test_each_channel_has_a_description_a_name_and_an_icon(channel: Channel) -> None:
    assert isinstance(traits_of(channel), ChannelTraits)
    assert area(channel)["nombre"]
    assert f'<symbol id="i-{channel}"' in (CHANNELS / channel / "icon.svg").read_text(encoding="utf-8")


def test_no_channel_has_the_name_of_an_area_of_texts() -> None:
    assert len(areas()) == len(set(areas()))


def test_descriptions_have_the_values_of_each_provider() -> None:
    web, telegram, whatsapp = (traits_of(one) for one in (Channel.WEB, Channel.TELEGRAM, Channel.WHATSAPP))
    assert [one.debounce_ms for one in (web, telegram, whatsapp)] == [350, 900, 900]
    assert [one.text_limit for one in (web, telegram, whatsapp)] == [0, 4096, 1600]
    assert [one.picture_bytes for one in (web, telegram, whatsapp)] == [0, 0, 5_000_000]
    assert [one.reply_window and one.reply_window.hours for one in (web, telegram, whatsapp)] == [None, None, 24]
