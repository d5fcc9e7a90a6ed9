"""Tests that each fix repairs its error and nothing else, and that text unknown to the checks stays unchanged."""

from __future__ import annotations

from pathlib import Path

import pytest

from bot.desk.editing.repair import are_known, digest, errors_of, read_anyhow, repaired
from bot.desk.editing.text import EntryText, keep_unreadable, text_in
from bot.faq.entries.phrases import phrases_name
from tests.faq_files import agency, written
from tests.rows import each_row

PATH = "calle/bache.md"
SOUND = written("bache", "¿Cómo aviso de un hoyo en la calle?", ["hay un hoyo", "el pavimento está roto"])
TEAMS = agency().teams


@each_row(
    ("code", "right", "wrong"),
    [
        ("tabulacion", "  - hay un hoyo", "\t- hay un hoyo"),
        ("variantes_sin_lista", "  - hay un hoyo", "  -hay un hoyo"),
        ("dos_puntos_sin_espacio", "tema: calle", "tema:calle"),
        ("sin_dos_puntos", "tema: calle", "tema calle"),
        ("dos_puntos_en_texto", 'pregunta: "Bache: ¿cómo aviso?"', "pregunta: Bache: ¿cómo aviso?"),
        ("signo_especial", '  - "@municipio arregla el hoyo"', "  - @municipio arregla el hoyo"),
        ("comillas_abiertas", 'pregunta: "¿Cómo aviso de un hoyo?"', 'pregunta: "¿Cómo aviso de un hoyo?'),
        ("variante_con_dos_puntos", '  - "hoyo: a quién aviso"', "  - hoyo: a quién aviso"),
        ("variante_vacia", "  - hay un hoyo", "  - hay un hoyo\n  - ¿?"),
        ("caracter_de_control", "  - hay un hoyo", "  - hay\x07 un hoyo"),
        ("fecha_mal_escrita", "revisado: 2026-11-01", "revisado: 1/11/2026"),
        ("fuente_sin_https", "fuente: https://www.losaromos.example/bache", "fuente: www.losaromos.example/bache"),
        ("tema_distinto_de_carpeta", "tema: calle", "tema: calles"),
        ("id_distinto_del_archivo", "id: bache", "id: baches"),
        ("equipo_desconocido_parecido", "equipo: transito", "equipo: trancito"),
        ("campo_desconocido_parecido", "responsable: OIRS", "responsables: OIRS"),
        ("campo_sin_valor", "equipo: atencion", "equipo: atencion\nfuente_nombre:"),
        ("falta_campo", "id: bache", ""),
    ],
)
def test_known_fix_writes_what_is_right(code: str, right: str, wrong: str) -> None:
    start = right.partition(":")[0] if ":" in right and not right.startswith(" ") else "  - hay un hoyo"
    line = next(one for one in SOUND.split("\n") if one.startswith(start))
    expected = SOUND.replace(f"{line}\n", f"{right}\n", 1)
    broken = EntryText(SOUND.replace(f"{line}\n", f"{wrong}\n" if wrong else "", 1))
    wrongs = errors_of(broken, PATH, TEAMS)
    assert code in {one.code for one in wrongs} and are_known(wrongs)
    assert repaired(broken, PATH, TEAMS) == EntryText(expected)


@pytest.mark.parametrize(
    ("code", "broken"),
    [
        ("guion_sin_espacio", SOUND.replace("  - hay", "  -hay").replace("tema: calle", "tema:calle")),
        ("variante_unida", SOUND.replace("  - el pav", "    -el pav")),
        ("tres_guiones", SOUND.replace("---\n", "—\n", 1)),
        ("sin_inicio", SOUND.removeprefix("---\n")),
        ("sin_cierre", SOUND.replace("---\nRespuesta", "\nRespuesta")),
    ],
)
def test_lines_that_others_depend_on_are_put_back(code: str, broken: str) -> None:
    assert code in {one.code for one in errors_of(EntryText(broken), PATH, TEAMS) if are_known([one])}
    found = repaired(EntryText(broken), PATH, TEAMS)
    assert errors_of(found, PATH, TEAMS) == [] and found.content.replace("\n\nR", "\nR") == SOUND


def test_several_errors_are_repaired_together_and_phrases_too() -> None:
    broken = SOUND.replace("tema: calle", "tema:calle").replace("  - hay", "  -hay").replace("2026-11-01", "01-11-2026")
    found = repaired(EntryText(broken, "¿?\nhoyo\n"), PATH, TEAMS)
    assert found == EntryText(SOUND, "hoyo\n")


@pytest.mark.parametrize(
    ("right", "wrong"),
    [
        ("revisado: 2026-11-01", "revisado: ayer"),
        ("fuente: https://www.losaromos.example/bache", "fuente: ftp://bache"),
        ("equipo: atencion", "equipo: xyz"),
        ("Respuesta sobre", "<hr> sobre"),
    ],
)
def test_unknown_errors_are_left_to_a_person(right: str, wrong: str) -> None:
    broken = EntryText(SOUND.replace(right, wrong))
    (problem,) = errors_of(broken, PATH, TEAMS)
    assert not are_known([problem])
    assert repaired(broken, PATH, TEAMS) == broken


@pytest.mark.parametrize("listed", ['["", "hay un hoyo", "se hundió"]', '[hoyo: aquí, "se hundió"]'])
def test_list_on_one_line_loses_none_of_its_utterances(listed: str) -> None:
    header, _, rest = SOUND.partition("variantes:\n")
    broken = EntryText(f"{header}variantes: {listed}\n" + rest.partition("roto\n")[2])
    (problem,) = errors_of(broken, PATH, TEAMS)
    assert problem.code in {"variante_vacia", "variante_con_dos_puntos"}
    assert repaired(broken, PATH, TEAMS) == broken


@pytest.mark.parametrize("encoding", ["cp1252", "utf-16", "utf-8-sig"])
def test_files_in_other_encodings_are_read(encoding: str) -> None:
    files = {PATH: SOUND.replace("\n", "\r\n").encode(encoding)}
    assert read_anyhow(files, PATH) == EntryText(SOUND)
    assert digest(files) != digest({PATH: SOUND.encode()})


def test_zero_bytes_are_not_a_text_but_are_repaired(tmp_path: Path) -> None:
    files = {PATH: SOUND.encode("ascii", "ignore").replace(b"\n", b"\n\0\0", 2)}
    assert text_in(files, PATH) is None and text_in({PATH: SOUND.encode(), phrases_name(PATH): b"\0"}, PATH) is None
    (tmp_path / PATH).parent.mkdir()
    (tmp_path / PATH).write_bytes(files[PATH])
    assert keep_unreadable(tmp_path, PATH) and (tmp_path / f"{PATH}.original").read_bytes() == files[PATH]
    assert "\0" not in repaired(read_anyhow(files, PATH), PATH, TEAMS).content
