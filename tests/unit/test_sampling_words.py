"""Tests the texts about the sample, and who receives the monthly report."""

from __future__ import annotations

from typing import Any

import pytest
from pydantic import ValidationError

from bot.agency.report_settings import ReportFile
from bot.figures.sampling.estimate import Estimate
from bot.figures.sampling.samples import Pool
from bot.figures.sampling.words import every, in_hundred, inline, promised


def test_result_is_shown_with_its_interval_and_missing_pools_are_named() -> None:
    told = every([Pool(4, 110, 0, Estimate(0.0312, 0.011, 0.08))])
    assert told == [
        "Encontrado en las últimas 4 semanas: **3,1 de cada 100** (entre 1,1 y 8). Se revisaron 110.",
        "De las últimas 13 semanas todavía hay muy pocas revisadas para decir un número.",
    ]
    assert "de otras 2 no se pudo saber" in every([Pool(13, 110, 2, Estimate(0, 0, 0.1))])[1]
    assert every([]) == [told[1]]  # once, not for each number of weeks
    assert "<strong>3,1 de cada 100</strong>" in inline(told[0])


def test_promise_is_shown_as_a_percentage() -> None:
    assert promised(3.0) == "Prometido: a lo más 3 malas de cada 100."
    assert in_hundred(0.0049) == "0,5"


@pytest.mark.parametrize(("raw", "found"), [({}, []), ({"correos": [" alcaldia@x.cl "]}, ["alcaldia@x.cl"])])
def test_recipients_of_the_report(raw: dict[str, Any], found: list[str]) -> None:
    assert ReportFile.model_validate(raw).correos == found


def test_recipient_that_is_no_address_is_an_error() -> None:
    with pytest.raises(ValidationError, match="alcaldia"):
        ReportFile.model_validate({"correos": ["alcaldia"]})
