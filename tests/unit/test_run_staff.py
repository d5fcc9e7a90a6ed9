"""Tests that staff options are checked before anything is written, and omitted options change nothing."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretStr

from bot.core.errors.launcher import NotRunning
from bot.core.errors.staff import ChoiceUnknown
from bot.core.settings import Settings
from bot.desk.auth.account_changes import StaffChange
from bot.run.staff import table, wanted
from tests.faq_files import ROOT, agency

NOTHING: dict[str, Any] = {"roles": None, "teams": None, "languages": None, "capacity": None}


def settings(home: Path) -> Settings:
    return Settings(VENTANILLA_HOME=home, AGENCY_FILE=ROOT / "agency.yml", DATABASE_URL=SecretStr(""))


def change(tmp_path: Path, **said: Any) -> StaffChange:
    return wanted(settings(tmp_path), **NOTHING | said)


def test_omitted_options_change_nothing(tmp_path: Path) -> None:
    assert change(tmp_path) == StaffChange()
    assert change(tmp_path, roles=[], teams=[], languages=[]) == StaffChange()


@pytest.mark.parametrize(
    ("said", "chosen"), [(["en", "ht"], ["en", "ht"]), (["en", "en"], ["en"]), ([""], []), (["", "en"], ["en"])]
)
def test_languages_are_unique_and_an_empty_value_clears_them(
    tmp_path: Path, said: Sequence[str], chosen: list[str]
) -> None:
    assert change(tmp_path, languages=said).languages == chosen


def test_capacity_of_zero_is_a_given_value(tmp_path: Path) -> None:
    assert change(tmp_path, capacity=0).capacity == 0


@pytest.mark.parametrize(
    "said", [{"teams": ["nadie"]}, {"teams": ["OBRAS"]}, {"languages": ["es"]}, {"languages": ["en", "xx"]}]
)
def test_unknown_value_is_refused_with_the_known_ones(tmp_path: Path, said: dict[str, Any]) -> None:
    with pytest.raises(ChoiceUnknown) as caught:
        change(tmp_path, **said)
    known = caught.value.facts["conocidos"]
    assert known in {", ".join(agency().teams), "en, pt, ht, fr"}


def test_missing_record_is_reported(tmp_path: Path) -> None:
    with pytest.raises(NotRunning):
        table(settings(tmp_path))
