"""Tests that the lexicon maps colloquial names to usual ones and tolerates its editors' spreadsheets."""

from __future__ import annotations

from pathlib import Path

import pytest

from bot.faq.words.lexicon import Lexicon, load_lexicon
from bot.faq.words.lexicon_sheet import MAX_WORDS, Sheets
from bot.faq.words.lexicon_words import form_key

ROOT = Path(__file__).resolve().parents[2]
ROWS = """termino,formas
cédula de identidad,carnet | CI | documento de identidad
licencia de conducir,carnet de manejar | brevete
permiso de circulación,patente del auto
vehículo,auto
trabajo,la pega
agresión física,me pega
"""


def lexicon(folder: Path, written: str | bytes, name: str = "a.csv") -> Lexicon:
    """Loads a data folder with this spreadsheet."""
    (folder / "lexicon").mkdir(exist_ok=True)
    (folder / "lexicon" / name).write_bytes(written if isinstance(written, bytes) else written.encode())
    return load_lexicon(folder)


@pytest.mark.parametrize(
    ("text", "terms"),
    [
        ("se me perdió el carnet", "cédula de identidad"),
        ("kiero renobar el KARNET xfa", "cédula de identidad"),
        ("¿cuánto valen los carnets?", "cédula de identidad"),
        ("me piden el CI", "cédula de identidad"),
        ("si, gracias", ""),
        ("saqué carnet de manejar", "licencia de conducir"),
        ("el karné de manejar", ""),
        ("donde pago la patente de mi auto", "permiso de circulación"),
        ("patente auto 2027", "permiso de circulación"),
        ("vendí el auto y el otro auto", "vehículo"),
        ("brevete, carnet", "licencia de conducir cédula de identidad"),
        ("renovar mi sédula de identidad, el carnet", ""),
        ("perdí la pega", "trabajo"),
        ("mi marido me pega", "agresión física"),
        ("", ""),
        ("🙂 ¿?", ""),
    ],
)
def test_terms_are_found_by_their_forms(tmp_path: Path, text: str, terms: str) -> None:
    assert lexicon(tmp_path, ROWS).usual(text) == terms


def test_lexicon_without_files_is_empty(tmp_path: Path) -> None:
    known = load_lexicon(tmp_path)
    assert (len(known), known.usual("carnet"), known.problems) == (0, "", ())


def test_several_spreadsheets_are_merged(tmp_path: Path) -> None:
    lexicon(tmp_path, ROWS)
    assert lexicon(tmp_path, "termino,formas\nbebé,guagua\n", "b.csv").usual("guagua, carnet") == (
        "bebé cédula de identidad"
    )


@pytest.mark.parametrize(
    "written",
    [
        "\ufefftermino,formas\ncédula,carnet\n",
        "Término;Formas;nota\ncédula;carnet;x\n",
        "nota,formas,termino\nx,carnet,cédula\n",
        "termino;formas\r\ncédula;carnet\r\n".encode("cp1252"),
        'termino,formas\n"cédula","carnet | ""papelito"""\n',
    ],
)
def test_files_are_read_as_spreadsheets_write_them(tmp_path: Path, written: str | bytes) -> None:
    known = lexicon(tmp_path, written)
    assert (known.usual("mi carnet"), known.problems) == ("cédula", ())


@pytest.mark.parametrize(
    ("written", "line", "column", "message"),
    [
        (b"\0\0", 1, "", "Esta planilla del léxico no se puede leer como texto."),
        (b"", 1, "", "La planilla del léxico no tiene las columnas «termino» y «formas»."),
        ("termino,variantes\na,b\n", 1, "", "La planilla del léxico no tiene las columnas «termino» y «formas»."),
        ("termino,formas\n\n,carnet\n", 3, "termino", "Esta fila del léxico no tiene término."),
        ("termino,formas\ncédula,\n", 2, "formas", "El término «cédula» no tiene otras formas."),
        ("termino,formas\ncédula\n", 2, "formas", "El término «cédula» no tiene otras formas."),
        ("termino,formas\nluz,foco\nLuz,farol\n", 3, "termino", "El término «Luz» ya tiene otra fila."),
        ("termino,formas\nluz,foco\nfarol,foco | faro\n", 3, "formas", "«foco» ya nombra a «luz»."),
        ("termino,formas\nluz,farol | foco\nfarol,faro\n", 2, "formas", "«farol» ya nombra a «farol»."),
    ],
)
def test_bad_row_is_reported_and_left_out(
    tmp_path: Path, written: str | bytes, line: int, column: str, message: str
) -> None:
    problems = lexicon(tmp_path, written).problems
    assert [(one.file, one.line, one.field, one.message) for one in problems] == [
        ("lexicon/a.csv", line, column, message)
    ]


def test_rest_of_a_bad_file_is_used(tmp_path: Path) -> None:
    known = lexicon(tmp_path, "termino,formas\n,x\nluz,a | uno dos tres cuatro cinco seis | foco\n")
    assert [problem.line for problem in known.problems] == [2, 3, 3]
    assert known.usual("el foco de la esquina") == "luz"


def test_shipped_lexicon_is_valid() -> None:
    known = load_lexicon(ROOT / "data")
    assert known.problems == ()
    assert 250 <= len(known) <= 350


@pytest.mark.parametrize(
    ("text", "term"),
    [
        ("me robaron el carné", "cédula de identidad"),
        ("donde saco ora en el consultorio", "CESFAM"),
        ("quiero la ficha de proteccion social", "Registro Social de Hogares"),
        ("cuando pagan el bono marso", "Aporte Familiar Permanente"),
        ("pa cuando el subsidio ds 49", "subsidio DS49"),
        ("ando buscando pega", "buscar trabajo"),
        ("el TNE de mi hijo", "Tarjeta Nacional Estudiantil"),
        ("carné de inválido", "credencial de discapacidad"),
    ],
)
def test_chilean_names_are_known(text: str, term: str) -> None:
    assert term in load_lexicon(ROOT / "data").usual(text)


@pytest.mark.parametrize(
    ("text", "wrong"),
    [
        ("cuando cae la plata del verano", "Crédito con Aval del Estado"),
        ("pasé por la plaza", "contraseña"),
        ("abierto sab y dom", "Dirección de Obras Municipales"),
        ("si, sigo esperando", "cédula de identidad"),
        ("se me pega la página", "agresión física"),
    ],
)
def test_everyday_words_are_not_taken_for_terms(text: str, wrong: str) -> None:
    assert wrong not in load_lexicon(ROOT / "data").usual(text)


def test_length_of_a_form_counts_content_words_only() -> None:
    assert form_key("la patente de mi auto") == ("la", "patent", "auto")
    assert len(form_key("oficina municipal de intermediación laboral")) < MAX_WORDS
    assert Lexicon(Sheets()).usual("la patente") == ""
