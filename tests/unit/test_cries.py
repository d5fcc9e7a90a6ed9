"""Tests the detection of cries for help: only messages without a matter count."""

from __future__ import annotations

from pathlib import Path

from bot.crisis.cries import MAX_WORDS
from bot.crisis.emergency import cries_for_help, find_doubtful, load_net
from tests.rows import each_row


@each_row(
    "text",
    [
        "auxilio",
        "SOCORRO!!!",
        "ayúdenme rápido",
        "urgencia por favor ayuda",
        "ayuda ayuda",
        "manden ayuda ya",
        "socorro, me ajudem",
        "sekou, ede mwen tanpri",
        "au secours!",
        "help! help!",
        "es una emergencia",
    ],
)
def test_cry_for_help_is_recognised(text: str) -> None:
    assert cries_for_help(text)


@each_row(
    "text",
    [
        "ayuda",
        "ayuda por favor",
        "necesito ayuda",
        "ayuda con mi permiso",
        "urgente necesito hora",
        "atención de urgencia dental",
        "curso de primeros auxilios",
        "ayuda social de emergencia",
        "no es una emergencia",
        "ya no necesito ayuda",
        "ayuda " * (MAX_WORDS + 1),
        "",
    ],
)
def test_request_with_a_matter_or_for_the_menu_is_no_cry(text: str) -> None:
    assert not cries_for_help(text)


def test_only_spanish_phrases_of_the_project_may_be_doubted(tmp_path: Path) -> None:
    own = tmp_path / "frases.propias"
    own.write_text("gas: se solto la manguera verde", encoding="utf-8")
    text = "se soltó la manguera verde"
    assert (load_net(own).find(text), load_net(own).find_doubtful(f"{text}, hay olor a gas")) == ("gas", None)
    assert (find_doubtful("hay olor a gas"), find_doubtful("help my house is on fire")) == ("gas", None)
