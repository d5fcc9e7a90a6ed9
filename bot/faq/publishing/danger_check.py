"""Checks the sentences of data/danger for `ventanilla check`.

The check reports kinds that have no text in agency.yml, empty files, bytes that are not UTF-8, and sentences that are
repeated or listed under two kinds. The sentences that the agency itself wrote, in files such as ``gas.propias.txt``,
are also judged like a citizen's message: first by the emergency phrases, then by the classifier, which has been trained
on them. If the classifier still finds another kind or none, the sentence contradicts others. The agency's own emergency
phrases (frases.propias) are checked, too. Messages that the classifier was not trained on are measured by
benchmarks/danger.py, which takes minutes.
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
OWN_ENDING = ".propias.txt"
Judge = Callable[[Sequence[str]], list[Danger | None]]


def danger_problems(folder: Path, kinds: Sequence[str], judge: Judge | None = None) -> list[Problem]:
    """Returns the problems of a folder of danger sentences; ``kinds`` are groups of ``emergencias`` in agency.yml.

    ``judge`` asks the trained classifier about texts; if it is None, only the emergency phrases judge the agency's own
    sentences.
    """
    paths = sorted(folder.glob("*.txt"))
    sentences = [sentence for path in paths for sentence in read_sentences(path)]
    own = [sentence for path in paths if path.name.endswith(OWN_ENDING) for sentence in read_sentences(path)]
    return [
        *(problem for path in paths for problem in _of_file(path, kinds)),
        *_repeated(sentences),
        *_of_sentences(own, judge),
        *_of_own_phrases(folder / OWN.name, kinds, sentences),
        *_phrases_without_text(kinds),
    ]


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


def _of_sentences(sentences: Sequence[Sentence], judge: Judge | None) -> Iterator[Problem]:
    """Yields advice for sentences whose recognized kind differs from their file's; «harmless» counts as a kind."""
    by_phrase = [find_emergency(one.text) for one in sentences]
    rest = [one.text for one, kind in zip(sentences, by_phrase, strict=True) if not kind]
    judged = dict(zip(rest, judge(rest), strict=True)) if judge and rest else {}  # together: one by one takes seconds
    for sentence, kind in zip(sentences, by_phrase, strict=True):
        found = Found(PLACE + sentence.file)
        words = {"escrito": sentence.text, "tipo": sentence.kind or HARMLESS}
        if kind and kind != sentence.kind:
            found.advise("peligro_por_frase", sentence.line, otro=kind, **words)
        elif not kind and judge:
            danger = judged[sentence.text]
            learnt = danger.kind if danger and danger.possible(despite_answer=False) else ""
            if learnt != sentence.kind:
                code = "peligro_aprendido_otro" if learnt else "peligro_no_aprendido"
                found.advise(code, sentence.line, otro=learnt, **words)
        yield from found.problems


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
