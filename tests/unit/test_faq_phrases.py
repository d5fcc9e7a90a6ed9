"""Tests the file of an entry's further utterances: reading, problems, and that unchanged lines stay the same."""

from __future__ import annotations

import hypothesis.strategies as st
import pytest
from hypothesis import given

from bot.faq.entries.folder import Folder, load_files
from bot.faq.entries.phrases import Phrase, arranged, changed, clean, entry_name, phrases_name, read
from bot.faq.entries.problem import Found, Severity
from tests.faq_files import GOOD_ENTRY

NAME, BESIDE = "calle/bache.md", "calle/bache.frases.txt"
WRITTEN = """# De la bandeja
hay un evento  # Ana Rojas, desde la bandeja

- se hundió la calle
el #3 de mi cuadra
"""


def folder(phrases: str | bytes, entry: str = GOOD_ENTRY) -> Folder:
    content = phrases if isinstance(phrases, bytes) else phrases.encode()
    return load_files({NAME: entry.encode(), BESIDE: content}, None)


def told(phrases: str | bytes) -> list[tuple[str, int]]:
    return [(problem.file, problem.line) for problem in folder(phrases).problems]


def texts(written: str) -> list[tuple[str, str, int]]:
    return [(one.text, one.comment, one.line) for one in read(written, Found(BESIDE))]


def test_phrase_may_have_a_comment_and_a_bullet() -> None:
    assert texts(WRITTEN) == [
        ("hay un evento", "Ana Rojas, desde la bandeja", 2),
        ("se hundió la calle", "", 4),
        ("el #3 de mi cuadra", "", 5),
    ]


def test_phrases_follow_the_variants_of_the_entry() -> None:
    (entry,) = folder(WRITTEN).entries
    own = ("hay un hoyo en mi calle", "se me reventó la rueda en un evento")
    assert entry.variants == (*own, "hay un evento", "se hundió la calle", "el #3 de mi cuadra")
    assert entry.place_of("se hundió la calle") == (BESIDE, 4)
    assert entry.place_of("hay un hoyo en mi calle") == (NAME, 5)
    assert entry.place_of("ninguna de ellas") == (NAME, 3)


def test_line_may_be_a_counterexample() -> None:
    written = "no responde: quién paga mi rueda  # Ana\nhay un evento\n- No responde : quiero ser bachero\n"
    (entry,) = folder(written).entries
    assert entry.counterexamples == ("quién paga mi rueda", "quiero ser bachero")
    assert entry.variants[-1] == "hay un evento"
    (first,) = read("no responde: quién paga mi rueda  # Ana", Found(BESIDE))
    assert first == Phrase("quién paga mi rueda", "Ana", 1, counterexample=True)
    assert first.written == "no responde: quién paga mi rueda  # Ana"


def test_utterance_that_begins_like_a_counterexample_loses_its_colon() -> None:
    assert clean("- No responde:: el teléfono") == "No responde el teléfono"
    (found,) = read(Phrase(clean("no responde : nadie")).written, Found(BESIDE))
    assert (found.text, found.counterexample) == ("no responde nadie", False)


def test_both_kinds_of_lines_keep_the_order_of_the_file() -> None:
    written = "no responde: a\nuno\nno responde: b\ndos\n"
    before = read(written, Found(BESIDE))
    said, denied = ([one for one in before if one.counterexample is kind] for kind in (False, True))
    assert arranged(written, said, denied) == list(before)
    fresh, other = Phrase("tres"), Phrase("c", counterexample=True)
    assert [one.text for one in arranged(written, [*said, fresh], [denied[0], other])] == [
        "a",
        "c",
        "uno",
        "dos",
        "tres",
    ]
    assert [one.text for one in arranged("uno\n", [Phrase("uno")], [other])] == ["uno", "c"]


def test_counterexample_that_is_an_utterance_counts_as_utterance() -> None:
    written = "hay un evento\nno responde: Hay un EVENTO\nno responde: hay un hoyo en mi calle\n"
    assert folder(written).entries[0].counterexamples == ()
    assert told(written) == [(BESIDE, 2), (BESIDE, 3)]


def test_version_is_that_of_both_files_but_not_of_line_ends() -> None:
    versions = [folder(text).entries[0].version for text in (WRITTEN, WRITTEN.replace("\n", "\r\n"), WRITTEN + "otra")]
    assert versions[0] == versions[1] != versions[2]
    alone = load_files({NAME: GOOD_ENTRY.encode()}, None).entries[0].version
    assert alone == folder("").entries[0].version != versions[0]


def test_phrase_that_becomes_a_counterexample_changes_its_line_only() -> None:
    before = "# De la bandeja\nhay un evento  # Ana\nse hundió la calle\n"
    after = changed(before, (Phrase("hay un evento", "Ana", counterexample=True), Phrase("se hundió la calle")))
    assert after == "# De la bandeja\nno responde: hay un evento  # Ana\nse hundió la calle\n"


def test_windows_file_with_a_byte_order_mark_is_read() -> None:
    assert [one for one, _, _ in texts("\ufeffhay un evento\r\nse hundió\r\n")] == ["hay un evento", "se hundió"]


@pytest.mark.parametrize(
    ("written", "line"),
    [("buena\n¿?\n", 2), ("buena\nma\x07la\n", 2), ("buena\nmañana\n".encode("latin-1"), 2), ("x" * 70_000, 1)],
)
def test_error_in_the_phrases_names_their_file_and_stops_the_entry(written: str | bytes, line: int) -> None:
    assert told(written) == [(BESIDE, line)]
    assert folder(written).entries == ()


def test_repeated_and_shared_phrases_are_advice_at_their_line() -> None:
    assert told("Hay un hoyo en mi calle.\n") == [(BESIDE, 1)]
    other = GOOD_ENTRY.replace("id: bache", "id: poste").replace("hay un hoyo en mi calle", "hay un evento")
    files = {NAME: GOOD_ENTRY, BESIDE: "hay un evento\n", "calle/poste.md": other.replace("la rueda", "el farol")}
    problems = load_files({name: text.encode() for name, text in files.items()}, None).problems
    shared = [one for one in problems if "hay un evento" in one.message]
    assert [(one.file, one.severity) for one in shared] == [("calle/poste.md", Severity.ADVICE)]
    assert BESIDE in shared[0].message


def test_more_phrases_than_are_used_is_advice_at_the_first_unused() -> None:
    many = folder("".join(f"hoyo número {number}\n" for number in range(250)))
    assert [(one.file, one.line) for one in many.problems] == [(BESIDE, 199)]
    assert len(many.entries[0].variants) == 200


def test_phrases_without_an_entry_are_an_error() -> None:
    (problem,) = load_files({BESIDE: b"hay un evento\n"}, None).problems
    assert (problem.file, problem.severity) == (BESIDE, Severity.ERROR) and NAME in problem.message


def test_names_of_both_files_lead_to_each_other() -> None:
    assert (phrases_name("calle/a.mayor.md"), entry_name("calle/a.mayor.frases.txt")) == (
        "calle/a.mayor.frases.txt",
        "calle/a.mayor.md",
    )


def test_changed_phrases_leave_the_other_lines_as_they_were() -> None:
    first, second, third = read(WRITTEN, Found(""))
    assert changed(WRITTEN, (first, second, third)) == WRITTEN
    assert changed(WRITTEN, (first, third)) == WRITTEN.replace("- se hundió la calle\n", "")
    fresh = Phrase("nueva", "Ana")
    assert changed(WRITTEN, (first, second, third, fresh)) == WRITTEN + "nueva  # Ana\n"
    assert changed(WRITTEN, (first, fresh, third)) == WRITTEN.replace("- se hundió la calle", "nueva  # Ana")
    assert changed("una\n", ()) == ""


LINES = st.sampled_from(["# nota", "", "  ", "hola", "chao  # Ana", "- hola", "el #3", "ñandú\t# x", "hola", "# otra"])
TEXT = (
    st.text(st.characters(exclude_categories=("Cs",)), max_size=20).map(clean).filter(lambda text: bool(text.strip()))
)


@given(st.lists(LINES).map("\n".join), st.lists(TEXT, max_size=6), st.lists(st.integers(0, 20)))
def test_any_change_is_read_back(before: str, fresh: list[str], removed: list[int]) -> None:
    kept = [one for number, one in enumerate(read(before, Found(""))) if number not in removed]
    wanted = [*kept[: len(kept) // 2], *(Phrase(text) for text in fresh), *kept[len(kept) // 2 :]]
    after = changed(before, wanted)
    assert [(one.text, one.comment) for one in read(after, Found(""))] == [(one.text, one.comment) for one in wanted]
    comments = [line for line in before.splitlines() if line.startswith("#")]
    assert [line for line in after.splitlines() if line.startswith("#")] == comments
