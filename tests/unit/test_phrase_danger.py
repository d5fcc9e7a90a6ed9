"""Tests how the classifier's scores and the emergency phrases together determine how sure a danger is."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from bot.faq.answering.phrase_danger import MOST_CHARACTERS, PhraseDangers
from bot.faq.ranking.risk import Danger

IDIOM, SUICIDE, ENGLISH = "me dio un infarto cuando vi la cuenta", "me quiero morir", "my baby is not breathing"
LOW, HIGH = Danger("gas", 0.1, 0.1), Danger("medica", 0.5, 0.5)
PRICE = "Además quiero saber cuánto cuesta el permiso de circulación."


def phrases(judge: Callable[[str], Danger | None] = lambda _: LOW) -> PhraseDangers:
    """Weighs phrases by a classifier that doubts every sentence by default."""
    return PhraseDangers(judge)


@pytest.mark.parametrize(
    ("text", "danger", "kind"),
    [
        (IDIOM, LOW, None),
        (IDIOM, HIGH, "medica"),
        (IDIOM, None, "medica"),
        (SUICIDE, LOW, "suicidio"),
        (ENGLISH, LOW, "medica"),
        ("hola", HIGH, None),
    ],
)
def test_phrase_is_sure_unless_the_classifier_doubts_it(text: str, danger: Danger | None, kind: str | None) -> None:
    found = phrases().sure(text, danger)
    assert (found and found.kind) == kind
    assert found is None or found.sure


def test_only_the_sentences_with_a_phrase_are_judged_apart() -> None:
    judged: list[str] = []

    def judge(part: str) -> Danger:
        judged.append(part)
        return LOW

    assert phrases(judge).sure(f"Hola. {IDIOM}.\nMuchas gracias", LOW) is None
    assert judged == [IDIOM]


@pytest.mark.parametrize("of_sentence", [HIGH, None])
def test_phrase_is_sure_if_its_own_sentence_is_not_doubted(of_sentence: Danger | None) -> None:
    found = phrases(lambda _: of_sentence).sure(f"mi abuela no respira. {PRICE}", LOW)
    assert found and (found.kind, found.sure) == ("medica", True)


def test_phrase_in_a_sentence_longer_than_the_encoder_reads_is_sure() -> None:
    found = phrases().sure("bla " * (MOST_CHARACTERS // 4) + IDIOM, LOW)
    assert found and found.sure


def test_doubted_phrase_shows_its_number_above_an_answer() -> None:
    found = phrases().with_doubted(IDIOM, LOW)
    assert found and (found.kind, found.sure, found.possible(despite_answer=True)) == ("medica", False, True)


def test_cry_for_help_is_general_unless_a_danger_is_sure() -> None:
    sure = Danger("medica", 0.9, 0.9)
    found = phrases().with_doubted("auxilio", HIGH)
    assert found and (found.kind, found.is_cry, found.sure) == ("general", True, False)
    assert phrases().with_doubted("auxilio", sure) == sure
    assert phrases().with_doubted("hola", LOW) == LOW


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("tengo doce años y mi mamá me castiga con la correa", "ninez"),
        ("mi marido me castiga con la correa", "violencia"),
    ],
)
def test_violence_that_the_classifier_finds_is_of_the_writer(text: str, kind: str) -> None:
    found = phrases().with_doubted(text, Danger("violencia", 0.9, 0.9))
    assert found == Danger(kind, 0.9, 0.9)
