"""Tests which judgements of texts are kept, and that a text with a kept judgement is not judged again."""

from __future__ import annotations

from collections.abc import Sequence

from bot.faq.answering.judgement import Judgement
from bot.faq.answering.judging import KEPT_TEXTS, KeptJudgements


class Judge:
    """Judges texts, and records which."""

    def __init__(self) -> None:
        self.asked: list[str] = []

    def __call__(self, texts: Sequence[str]) -> list[Judgement]:
        self.asked.extend(texts)
        return [Judgement((), chitchat=False, out_of_scope_topic=None) for _ in texts]


def test_text_is_judged_once_however_often_it_is_asked_for() -> None:
    kept, judge = KeptJudgements(), Judge()
    first, same, other = kept.of(["a", "a", "b"], judge)
    assert first is same and kept.of(["b", "a"], judge) == [other, first]
    assert judge.asked == ["a", "b"]


def test_only_the_oldest_judgments_are_dropped() -> None:
    kept, judge = KeptJudgements(), Judge()
    texts = [str(number) for number in range(KEPT_TEXTS + 3)]
    for text in texts:
        kept.of([text], judge)
    judge.asked.clear()
    kept.of(texts[3:], judge)
    assert judge.asked == []
    kept.of(texts[:3], judge)
    assert judge.asked == texts[:3]
