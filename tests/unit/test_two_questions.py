"""Tests which entry is offered beside the answer to a message whose parts ask for different entries."""

from __future__ import annotations

from dataclasses import replace

import pytest

from bot.core.messages import Candidate
from bot.faq.answering.judgement import Judgement
from bot.faq.answering.two_questions import TwoQuestions
from bot.faq.words.keywords import Keywords
from tests.faq_entry import BASE

QUESTIONS = {
    "nacimiento": "¿Cómo obtengo un certificado de nacimiento?",
    "jardin": "¿Cómo inscribo a mi hijo en un jardín infantil?",
}
TEXT = "necesito el certificado de nacimiento y además inscribirlo en el jardín"


def judged(jardin: float, first: str = "nacimiento") -> TwoQuestions:
    def judge(part: str) -> Judgement:
        id, chance = ("jardin", jardin) if part.startswith("y") else (first, 0.9)
        return Judgement((Candidate(id, f"¿{id}?", chance),), 0.0, None)

    entries = [replace(BASE, id=id, question=question) for id, question in QUESTIONS.items()]
    return TwoQuestions(Keywords(entries), judge, 0.7)


def test_entry_of_the_other_part_is_beside_the_answer() -> None:
    found = judged(0.5).beside(TEXT, "nacimiento", 0.4)
    assert found is not None and found.entry == "jardin"


@pytest.mark.parametrize(
    ("text", "jardin", "first"),
    [
        (TEXT, 0.3, "nacimiento"),
        (TEXT, 0.5, "jardin"),
        (TEXT, 0.5, "matricula"),
        ("el certificado y además el jardín", 0.5, "nacimiento"),
        ("necesito el certificado de nacimiento de mi hijo chico", 0.5, "nacimiento"),
        ("necesito el certificado de nacimiento y además me siento feliz", 0.5, "nacimiento"),
    ],
)
def test_nothing_is_beside_the_answer_if_a_part_is_unlike_it_or_the_text_has_one(
    text: str, jardin: float, first: str
) -> None:
    assert judged(jardin, first).beside(text, "nacimiento", 0.4) is None
