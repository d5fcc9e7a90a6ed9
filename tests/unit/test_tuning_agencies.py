"""Tests how the invented agencies for the encoder's tuning are read."""

from __future__ import annotations

from pathlib import Path

import pytest

from bot.tuning.agencies import BORDERS, FOLDER, read_agencies

GAS = """# Gas del Sur
## ¿Cómo contrato el gas?
> En la oficina, con tu carnet.
contratar gas
quiero gas en mi casa
no responde: quiero gas para mi restaurante

## - devolución de un pago doble
pagué dos veces
"""


def test_topic_has_its_utterances_and_the_question_and_answer_as_written(tmp_path: Path) -> None:
    (tmp_path / "gas.txt").write_text(GAS, encoding="utf-8")
    [[contract, refund]] = read_agencies(tmp_path)
    assert contract.said == ("contratar gas", "quiero gas en mi casa")
    assert contract.denied == ("quiero gas para mi restaurante",)
    assert contract.written == ("¿Cómo contrato el gas?", "En la oficina, con tu carnet.")
    assert (refund.said, refund.written, refund.denied) == (("pagué dos veces",), (), ())


@pytest.mark.parametrize(
    ("text", "problem"),
    [("# Gas\ncontratar gas\n", "gas.txt, line 2"), ("# Gas\n## ¿Cómo?\n> Así.\n", "no utterances of gas/## ¿Cómo?")],
)
def test_invalid_file_is_named(tmp_path: Path, text: str, problem: str) -> None:
    (tmp_path / "gas.txt").write_text(text, encoding="utf-8")
    with pytest.raises(ValueError, match="gas") as raised:
        read_agencies(tmp_path)
    assert problem in str(raised.value)


def test_every_shipped_agency_has_questions_and_unanswered_matters() -> None:
    agencies = read_agencies(FOLDER)
    assert len(agencies) >= 290
    for topics in agencies:
        answered = [topic for topic in topics if topic.written]
        sizes = (len(answered), len(topics) - len(answered))
        denied = {len(topic.denied) for topic in answered}
        assert (sizes, denied) in (((16, 14), {0}), ((12, 8), {3})), topics[0].name
        assert all(len(topic.said) >= 2 for topic in topics)


def test_every_office_of_the_borders_says_of_each_answer_what_it_settles_and_what_it_does_not() -> None:
    offices = read_agencies(BORDERS)
    assert len(offices) == 151
    for topics in offices:
        answered = [topic for topic in topics if topic.written]
        ((said, denied),) = {(len(topic.said), len(topic.denied)) for topic in answered}
        (strange,) = {len(topic.said) for topic in topics if not topic.written}
        sizes = (len(answered), len(topics) - len(answered))
        assert (sizes, said, denied, strange) in (((10, 4), 9, 7, 3), ((12, 5), 8, 6, 4)), topics[0].name
