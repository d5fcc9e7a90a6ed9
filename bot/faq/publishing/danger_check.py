"""Checks the sentences of data/danger for `ventanilla check`.

The check reports kinds that have no text in agency.yml, empty files, bytes that are not UTF-8, and sentences that are
repeated or listed under two kinds. The sentences that the agency itself wrote (in a file such as ``gas.propias.txt``,
or in a file for a kind that only this agency has) are also judged like a citizen's message: first by the emergency
phrases, then by the classifier, which has been trained on them. If the classifier still finds another kind or none, the
sentence contradicts others. The agency's own emergency phrases (frases.propias) are checked, too. Messages that the
classifier was not trained on are measured by benchmarks/danger.py, which takes minutes.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from bot.crisis.emergency import PHRASES, project_kinds, word_lists
from bot.crisis.emergency import find as find_emergency
from bot.crisis.own_phrases import OWN, own_phrases
from bot.crisis.phrases import compile_phrases
from bot.faq.entries.problem import Found, Problem
from bot.faq.ranking.risk import Danger
from bot.faq.ranking.sentences import HARMLESS, Sentence, kind_of, read_sentences
from bot.text.emergency_fold import fold

PLACE = "data/danger/"
Judge = Callable[[str], Danger | None]


def danger_problems(folder: Path, kinds: Sequence[str], judge: Judge | None = None) -> list[Problem]:
    """Returns the problems of a folder of danger sentences; ``kinds`` are groups of ``emergencias`` in agency.yml.

    ``judge`` is the trained classifier; if it is None, only the emergency phrases judge the agency's own sentences.
    """
    paths = sorted(folder.glob("*.txt"))
    sentences = [sentence for path in paths for sentence in read_sentences(path)]
    own = [sentence for path in paths if _is_own(path) for sentence in read_sentences(path)]
    return [
        *(problem for path in paths for problem in _of_file(path, kinds)),
        *_repeated(sentences),
        *(problem for sentence in own for problem in _of_sentence(sentence, judge)),
        *_of_own_phrases(folder / OWN.name, kinds, sentences),
        *_phrases_without_text(kinds),
    ]


def _is_own(path: Path) -> bool:
    """Returns whether the agency wrote the file.

    The project's files are named after a kind that has emergency phrases, or HARMLESS, without any addition.
    """
    return path.stem not in {HARMLESS, *project_kinds()}


def _of_file(path: Path, kinds: Sequence[str]) -> list[Problem]:
    found, kind = Found(PLACE + path.name), kind_of(path)
    if kind and kind not in kinds:
        found.add("peligro_sin_texto", 1, escrito=kind, opciones=", ".join((*sorted(kinds), HARMLESS)))
    if not any(read_sentences(path)):
        found.advise("peligro_vacio", 1)
    try:
        path.read_text(encoding="utf-8")
    except UnicodeDecodeError:
        found.add("no_es_utf8", 1)
    return found.problems


def _repeated(sentences: Sequence[Sentence]) -> Iterator[Problem]:
    """Yields an error for a sentence listed under two kinds, advice for a sentence repeated under one kind."""
    first: dict[str, Sentence] = {}
    for sentence in sentences:
        before = first.setdefault(sentence.text.casefold(), sentence)
        if before is sentence:
            continue
        found, place = Found(PLACE + sentence.file), f"{before.file}, línea {before.line}"
        if before.kind == sentence.kind:
            found.advise("peligro_repetido", sentence.line, escrito=sentence.text, donde=place)
        else:
            found.add("peligro_contradicho", sentence.line, escrito=sentence.text, donde=place)
        yield from found.problems


def _of_sentence(sentence: Sentence, judge: Judge | None) -> list[Problem]:
    """Returns advice if the kind recognized in the sentence differs from its file's; «harmless» counts as a kind."""
    found = Found(PLACE + sentence.file)
    words = {"escrito": sentence.text, "tipo": sentence.kind or HARMLESS}
    if by_phrase := find_emergency(sentence.text):
        if by_phrase != sentence.kind:
            found.advise("peligro_por_frase", sentence.line, otro=by_phrase, **words)
        return found.problems
    danger = judge(sentence.text) if judge else None
    judged = danger.kind if danger and danger.possible(despite_answer=False) else ""
    if judge is None or judged == sentence.kind:
        return []
    code = "peligro_no_aprendido" if not judged else "peligro_aprendido_otro"
    found.advise(code, sentence.line, otro=judged, **words)
    return found.problems


def _of_own_phrases(path: Path, kinds: Sequence[str], sentences: Sequence[Sentence]) -> list[Problem]:
    """Returns the problems of the agency's own emergency phrases.

    These are invalid lines, kinds that have no text in agency.yml, and phrases that match a harmless sentence.
    """
    found, lists = Found(PLACE + path.name), word_lists()
    harmless = [one.text for one in sentences if not one.kind]
    for one in own_phrases(lists, path):
        if not one.kind:
            found.add("frase_propia_invalida", one.line, escrito=one.phrase)
            continue
        if one.kind not in kinds:
            found.add("frase_propia_sin_grupo", one.line, escrito=one.kind, opciones=", ".join(sorted(kinds)))
        pattern = compile_phrases([one.phrase], lists)
        if same := next((text for text in harmless if pattern.search(fold(text))), ""):
            found.advise("frase_propia_inofensiva", one.line, escrito=one.phrase, otra=same)
    return found.problems


def _phrases_without_text(kinds: Sequence[str]) -> list[Problem]:
    found = Found("agency.yml")
    for kind in sorted(project_kinds() - set(kinds)):
        found.advise("frases_sin_texto", 1, "emergencias", escrito=kind, frases=PHRASES.name)
    return found.problems
