"""Tests which of several texts are held back because they would lose messages together or alone."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, cast

import pytest

from bot.desk.editing.approving import harmless
from bot.desk.editing.approving.harmless import MOST_MEASUREMENTS, HarmlessTexts, Measured
from bot.desk.editing.measuring.effect import Effect, Effects, Row
from bot.desk.editing.text import EntryText

TEXTS = {f"pagos/cuota-{number}.md": EntryText(f"{number}") for number in range(20)}
Judge = Callable[[Sequence[str]], "Effect | None"]


class Measuring:
    """Measures effects as ``judge`` decides from the paths; counts the measurements."""

    def __init__(self, judge: Judge) -> None:
        self._judge = judge
        self.count = 0

    async def of(self, texts: Mapping[str, EntryText]) -> Effect | None:
        self.count += 1
        return self._judge(list(texts))


def losing(after: str = "", *, before: str = "bache") -> Effect:
    return Effect((Row("hay un hoyo", "test", "lost", "bache", before, after),), {"test": 1})


async def among(judge: Judge, **texts: Any) -> tuple[Measured, int]:
    measuring = Measuring(judge)
    return await HarmlessTexts(cast(Effects, measuring)).among(TEXTS), measuring.count


async def test_texts_that_lose_nothing_are_measured_once() -> None:
    found, count = await among(lambda paths: Effect((), {}))
    assert (sorted(found.harmless), found.losing, count) == (sorted(TEXTS), {}, 1)


async def test_text_that_takes_a_message_is_found_by_its_name() -> None:
    bad = "pagos/cuota-7.md"
    found, count = await among(lambda paths: losing("cuota-7") if bad in paths else Effect((), {}))
    assert (list(found.losing), len(found.harmless), count) == ([bad], 19, 3)


async def test_text_because_of_which_nothing_answers_is_found_in_ever_smaller_groups() -> None:
    bad = "pagos/cuota-7.md"
    found, count = await among(lambda paths: losing() if bad in paths else Effect((), {}))
    assert (list(found.losing), len(found.harmless)) == ([bad], 19) and count <= 12
    assert [row.text for row in found.losing[bad]] == ["hay un hoyo"]


async def test_two_texts_that_lose_a_message_only_together_do_not_both_go_live() -> None:
    pair = {"pagos/cuota-3.md", "pagos/cuota-16.md"}
    found, _ = await among(lambda paths: losing() if pair <= set(paths) else Effect((), {}))
    assert (len(found.losing), len(found.harmless)) == (1, 19) and set(found.losing) < pair


async def test_text_whose_effect_is_unknown_is_not_harmless() -> None:
    found, count = await among(lambda paths: None)
    assert (found.harmless, len(found.unmeasured), count) == ([], 20, 1)


async def test_measuring_ends_although_every_text_loses_messages() -> None:
    found, count = await among(lambda paths: losing())
    assert count == MOST_MEASUREMENTS and found.harmless == []
    assert sorted([*found.losing, *found.unmeasured]) == sorted(TEXTS)


async def test_nothing_to_measure_is_not_measured() -> None:
    measuring = Measuring(lambda paths: None)
    assert await HarmlessTexts(cast(Effects, measuring)).among({}) == Measured() and measuring.count == 0


async def test_no_measurement_begins_after_the_time_is_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(harmless, "MOST_S", -1.0)
    found, count = await among(lambda paths: Effect((), {}))
    assert (found.harmless, sorted(found.unmeasured), count) == ([], sorted(TEXTS), 0)
