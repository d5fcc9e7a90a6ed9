"""Tests how the desk reads the effect of a change that the action server measured."""

from __future__ import annotations

import pytest

from bot.core.texts import say
from bot.desk.editing.measuring.effect import CHANGES, Effect
from bot.faq.publishing.effect import Change, Origin
from bot.faq.publishing.effect import Effect as Measured
from bot.faq.publishing.effect import Row as MeasuredRow


@pytest.mark.parametrize(("change", "stops"), [(one, one is Change.LOST) for one in Change])
def test_measured_effect_is_read_and_only_lost_tests_stop_a_change(change: Change, stops: bool) -> None:
    row = MeasuredRow("hay un hoyo", Origin.TEST, change, "bache", "bache", "")
    read = Effect.from_data(Measured((row,), {Origin.TEST: 1}).to_json())
    assert [(one.text, one.after) for one in read.of(change)] == [("hay un hoyo", "")]
    assert (read.stops, read.judged) == (stops, {"test": 1})


def test_lost_benchmark_message_stops_nothing_and_test_messages_are_counted_apart() -> None:
    origins = (Origin.BENCHMARK, Origin.TEST, Origin.UTTERANCE)
    rows = tuple(MeasuredRow("hay un hoyo", one, Change.LOST, "bache", "bache", "") for one in origins)
    read = Effect.from_data(Measured(rows, {}).to_json())
    assert ([one.source for one in read.stopping], read.lost_tests) == (["test", "wording"], 1)
    alone = Effect.from_data(Measured(rows[:1], {}).to_json())
    assert (alone.stops, len(alone.of("lost"))) == (False, 1)


def test_lost_utterance_of_a_starter_entry_is_shown_and_stops_nothing() -> None:
    texts = ("Abren en la tarde?", "abren los feriados")
    rows = tuple(MeasuredRow(one, Origin.UTTERANCE, Change.LOST, "horario", "horario", "") for one in texts)
    read = Effect.from_data(Measured(rows, {}).to_json())
    assert ([one.text for one in read.stopping], len(read.of("lost"))) == (["abren los feriados"], 2)
    shown = [say(f"entradas.efecto.fuente.{one.shown_source}") for one in read.rows]
    assert shown == ["forma de preguntar que venía escrita", "forma de preguntar"]


def test_page_shows_every_kind_of_change() -> None:
    assert set(CHANGES) == {one.value for one in Change}
