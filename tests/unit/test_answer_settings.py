"""Tests the sections ``respuestas`` and ``alarma`` of agency.yml."""

from __future__ import annotations

import pytest
from pydantic import ValidationError

from bot.agency.alarm_settings import AlarmFile, AlarmSettings
from bot.agency.answer_settings import AnswersFile
from bot.core.channels import traits_of
from bot.core.messages import Channel


def test_debounce_is_that_of_the_file_or_of_the_channel() -> None:
    debounce = AnswersFile.model_validate({"espera_rafaga_ms": {"web": 123}}).read()["debounce_ms"]
    assert debounce == {one: traits_of(one).debounce_ms for one in Channel} | {Channel.WEB: 123}


@pytest.mark.parametrize("given", [{"espera_rafaga_ms": {"fax": 1}}, {"espera_rafaga_ms": {"web": 9000}}, {"otra": 1}])
def test_mistakes_in_the_answers_are_refused(given: dict[str, object]) -> None:
    with pytest.raises(ValidationError):
        AnswersFile.model_validate(given)


def test_alarm_is_read_with_its_numbers_in_one_form() -> None:
    written = {"correos": ["turno@losaromos.example"], "celulares": ["+56 9 8765-4321"], "espera_min": 1.5}
    read = AlarmFile.model_validate(written).read()
    assert read == AlarmSettings(("turno@losaromos.example",), ("+56987654321",), 90)


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ({"correos": ["turno"]}, "«turno» no es un correo"),
        ({"celulares": ["987654321"]}, "«987654321» no es un número"),
    ],
)
def test_mistakes_in_the_alarm_are_explained(given: dict[str, object], expected: str) -> None:
    with pytest.raises(ValidationError, match=expected):
        AlarmFile.model_validate(given)
