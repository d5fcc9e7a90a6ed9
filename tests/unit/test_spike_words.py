"""Tests the texts of an alarm, and which of its streams names it."""

from __future__ import annotations

import pytest

from bot.record.tables import Spike
from bot.spikes.alarms import leading
from bot.spikes.common_words import common_words
from bot.spikes.detector import Surprise
from bot.spikes.words import headline, others, usual


def spike(*streams: str, expected: float = 3.4) -> Spike:
    return Spike(streams=list(streams), citizens=25, window=15, expected=expected)


@pytest.mark.parametrize("stream", ["total", "unknown", "group", "topic:transito"])
def test_headline_states_how_many_in_how_long(stream: str) -> None:
    told = headline(spike(stream))
    assert "25 personas" in told
    assert "15 minutos" in told


def test_topic_is_named_by_its_title() -> None:
    assert "Tránsito y vehículos" in headline(spike("topic:transito"))
    assert "Riego tecnificado" in headline(spike("topic:riego-tecnificado"))


def test_usual_number_is_rounded_and_is_almost_nobody_below_one() -> None:
    assert "3" in usual(spike("total"))
    assert "casi nadie" in usual(spike("total", expected=0.3))


def test_other_streams_are_named_after_the_first() -> None:
    assert others(spike("total")) == ""
    assert "Tránsito y vehículos" in others(spike("total", "topic:transito"))


def test_a_topic_names_the_alarm_rather_than_the_total() -> None:
    every = [(name, Surprise(9, 0, 15, 20, 2.0, 1e-9)) for name in ("total", "topic:transito", "group")]
    assert [name for name, _ in leading(every)] == ["group", "topic:transito", "total"]


def test_words_of_many_citizens_are_listed_and_rare_or_empty_ones_are_not() -> None:
    texts = [
        "¿Hay clases mañana?",
        "suspendieron clases, soy Ana",
        "la clase se suspende?",
        "hay clases en la escuela 5",
    ]
    assert common_words(texts) == ["clases"]
    assert common_words(["hola", "hola", "hola"]) == []
