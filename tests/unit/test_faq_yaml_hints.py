"""Tests hints for broken YAML: on the broken line, with that line corrected."""

from __future__ import annotations

import pytest
import yaml

from bot.core.yaml import read_yaml
from bot.faq.entries.problem import Found
from bot.faq.entries.yaml_hints import explain, quoted
from tests.rows import each_row


def told(*header: str, offset: int = 1, error: Exception | None = None) -> list[tuple[int, str]]:
    found = Found("x.md")
    explain(list(header), offset, error, found)
    return [(problem.line, problem.fix) for problem in found.problems]


@each_row(
    ("line", "fix"),
    [
        ("pregunta:¿Cómo?", "pregunta: ¿Cómo?"),
        ("pregunta ¿Cómo aviso?", "pregunta: ¿Cómo aviso?"),
        ("pregunta: Horario: de 9 a 14", '"Horario: de 9 a 14"'),
        ("pregunta: termina en:", '"termina en:"'),
        ("pregunta: @muni", '"@muni"'),
        ("pregunta: {a", '"{a"'),
        ('pregunta: a: "b\\c"', '"a: \\"b\\\\c\\""'),
        ("  -hay un hoyo", "- hay un hoyo"),
        ("  --hay un hoyo", "- hay un hoyo"),
        ("  - Horario: 9", '"Horario: 9"'),
    ],
)
def test_suspicious_line_is_shown_corrected(line: str, fix: str) -> None:
    ((number, said),) = told("id: bache", line)
    assert number == 3
    assert fix in said


@pytest.mark.parametrize(
    "line", ["\tpregunta: a", "  \t- hay", 'pregunta: "abierta', "pregunta: 'abierta", 'pregunta: "', "sin nada"]
)
def test_line_that_cannot_be_corrected_is_reported(line: str) -> None:
    assert [number for number, _ in told("id: bache", line, offset=4)] == [6]


@each_row(
    "line",
    [
        "",
        "   ",
        "# nota: así: va",
        "pregunta:",
        "pregunta: ¿Cómo?",
        "pregunta: 'a: b'",
        "vence: [a, b]",
        "  sigue aquí: x",
        "-",
        "- a",
    ],
)
def test_line_without_a_fault_leaves_the_position_of_the_parser(line: str) -> None:
    assert [number for number, _ in told("id: bache", line, offset=3)] == [4]


def test_position_of_the_parser_is_the_last_resort() -> None:
    try:
        yaml.compose("id: a\n\n\nvence: [a\n")
    except yaml.YAMLError as error:
        assert next(number for number, _ in told("id: a", offset=1, error=error)) >= 5
    assert [number for number, _ in told(offset=1, error=RecursionError())] == [2]


def test_every_suspicious_line_is_reported_and_long_ones_are_cut() -> None:
    numbers = told("x" * 10_000, "pregunta:a", "ok: b", "y" * 10)
    assert [number for number, _ in numbers] == [2, 3, 5]
    assert all(len(fix) < 1000 for _, fix in numbers)


@pytest.mark.parametrize("value", ['a: "b"', "c:\\temp", "#1", "ñ 🦙", '"', "\\"])
def test_quoted_text_is_read_back_unchanged(value: str) -> None:
    assert read_yaml(quoted(value)) == value
