"""Tests that the index scores a left-out text as if it had never been indexed, without a rebuild."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from bot.faq.encoder.vectors import VectorCache
from bot.faq.entries.entry import Entry
from bot.faq.ranking.background import Background, Group
from bot.faq.ranking.evidence import Evidence
from bot.faq.ranking.index import Index
from bot.faq.ranking.indexing import overlapping
from bot.faq.ranking.sentences import Lessons
from bot.faq.ranking.vectorizer import Vectorizer
from bot.faq.words.lexicon import load_lexicon

TOLERANCE = 1e-3
LEFT_IN_MEAN = 0.05
THEMES = (
    Group("fútbol", ("quién ganó el partido", "a qué hora juega colo colo")),
    Group("saludos", ("hola cómo estás", "buenas tardes", "qué tal")),
)


@pytest.fixture(scope="module")
def lessons() -> Lessons:
    """Returns one sentence in fifty, because the classifiers take seconds to train on all sentences."""
    every = Lessons.from_folder()
    return Lessons(every.dangers[::50], every.commands[::50], every.requests[::50])


@pytest.fixture(scope="module")
def small(vector_cache: VectorCache, lessons: Lessons) -> Vectorizer:
    """Returns a vectorizer that has few sentences and trains quickly."""
    return Vectorizer(vector_cache, vector_cache, Background((), THEMES), lessons=lessons)


def same(actual: Evidence, row: int, expected: Evidence) -> bool:
    """Returns whether message ``row`` of ``actual`` has the same evidence as the only message of ``expected``."""
    pairs = (
        (actual.scores[row], expected.scores[0]),
        (actual.shares[row], expected.shares[0]),
        (actual.nearest[row], expected.nearest[0]),
        (actual.centroid[row], expected.centroid[0]),
        (actual.entries_only[row], expected.entries_only[0]),
        (actual.missed_weight[row], expected.missed_weight[0]),
        (actual.missed_share[row], expected.missed_share[0]),
        (actual.unknown[row], expected.unknown[0]),
        (actual.said[row], expected.said[0]),
        (actual.unusual[row], expected.unusual[0]),
    )
    means = (  # a left-out text still counts in the mean, which moves the similarity to all entries alike
        (actual.nearest_without_mean[row], expected.nearest_without_mean[0]),
        (actual.centroid_without_mean[row], expected.centroid_without_mean[0]),
    )
    return all(np.allclose(one, other, atol=TOLERANCE) for one, other in pairs) and all(
        np.allclose(one - one.mean(), other - other.mean(), atol=LEFT_IN_MEAN) for one, other in means
    )


@pytest.mark.parametrize(("number", "variant"), [(0, 0), (1, 1), (2, 0), (3, 1)])
def test_left_out_utterance_scores_as_if_never_indexed(
    few: tuple[Entry, ...], small: Vectorizer, number: int, variant: int
) -> None:
    entry = few[number]
    text = entry.variants[variant]
    rest = tuple(one for one in entry.variants if one != text)
    fresh = Index([replace(one, variants=rest) if one is entry else one for one in few], small)
    index = Index(few, small)
    place = np.flatnonzero(index.class_of == number)[1 + variant]
    assert same(index.without_each(np.array([place])), 0, fresh.evidence(small.rows((text,))))


@pytest.mark.parametrize("number", range(4))
def test_left_out_entry_scores_as_if_never_written(few: tuple[Entry, ...], space: Vectorizer, number: int) -> None:
    index = Index(few, space)
    fresh = Index([entry for entry in few if entry is not few[number]], space)
    group = np.flatnonzero(index.class_of == number)
    found = index.without_groups([group[1:2]], [group])
    expected = fresh.evidence(space.rows((few[number].variants[0],)))
    assert np.allclose(np.delete(found.scores[0], number), expected.scores[0], atol=TOLERANCE)
    assert np.allclose(np.delete(found.shares[0], number), expected.shares[0], atol=TOLERANCE)
    assert np.allclose(np.delete(found.nearest[0], number), expected.nearest[0], atol=TOLERANCE)
    assert np.allclose(np.delete(found.centroid[0], number), expected.centroid[0], atol=TOLERANCE)
    assert np.allclose(np.delete(found.entries_only[0], number), expected.entries_only[0], atol=TOLERANCE)
    assert (found.scores[0, number], found.shares[0, number], found.nearest[0, number]) == (0, 0, -1)
    assert (found.entries_only[0, number], found.centroid[0, number]) == (0, -1)
    assert (found.nearest_without_mean[0, number], found.centroid_without_mean[0, number]) == (-1, -1)
    assert np.allclose(np.delete(found.said[0], number), expected.said[0], atol=TOLERANCE)


def test_groups_are_left_out_one_at_a_time(few: tuple[Entry, ...], small: Vectorizer) -> None:
    index = Index(few, small)
    groups = [np.flatnonzero(index.class_of == number) for number in (0, 2)]
    together = index.without_groups(groups, groups)
    alone = [index.without_groups([group], [group]) for group in groups]
    assert np.allclose(together.scores, np.concatenate([one.scores for one in alone]), atol=TOLERANCE)
    assert np.allclose(together.shares, np.concatenate([one.shares for one in alone]), atol=TOLERANCE)


def test_left_out_background_theme_scores_as_unknown(
    few: tuple[Entry, ...], small: Vectorizer, vector_cache: VectorCache
) -> None:
    index = Index(few, small)
    group = np.flatnonzero(index.class_of == len(few))
    found = index.without_groups([group], [group])
    assert (found.scores[:, len(few)] == 0).all() and (found.nearest[:, len(few)] == -1).all()
    assert found.shares.sum(axis=1) == pytest.approx(1)


def test_background_does_not_affect_scores_among_entries(few: tuple[Entry, ...], small: Vectorizer) -> None:
    index = Index(few, small)
    places = np.array([0, len(index.rows) - 1])
    kept = index.evidence(index.rows[places[1:]])
    assert np.allclose(index.without_each(places).entries_only[1], kept.entries_only[0], atol=TOLERANCE)
    assert kept.entries_only.shape == (1, len(few))


def test_message_that_is_an_utterance_is_of_its_entry(few: tuple[Entry, ...], space: Vectorizer) -> None:
    index = Index(few, space)
    places = index.utterances[:5]
    found = index.evidence(index.rows[places])
    assert (found.shares.argmax(axis=1) == index.class_of[places]).all()


def test_shares_are_normalized_and_columns_are_classes(few: tuple[Entry, ...], space: Vectorizer) -> None:
    index = Index(few, space)
    evidence = index.evidence(space.message("renovar licencia"))
    assert evidence.scores.shape == evidence.shares.shape == evidence.nearest.shape == (1, index.classes)
    assert index.classes == len(few) + space.groups
    assert evidence.shares.sum() == pytest.approx(1, abs=TOLERANCE)


DENIED = ("se me rompió la llanta en un hoyo y quiero que la paguen", "trabajo de bachero en la municipalidad")


def denying(few: tuple[Entry, ...], counterexamples: tuple[str, ...]) -> tuple[Entry, ...]:
    """Returns the entries; the first entry has the counterexamples."""
    return (replace(few[0], counterexamples=counterexamples), *few[1:])


def test_counterexamples_are_a_class_between_entries_and_topics(few: tuple[Entry, ...], space: Vectorizer) -> None:
    plain, index = Index(few, space), Index(denying(few, DENIED), space)
    assert index.classes == plain.classes + 1
    assert (index.topics.start, index.themes.stop) == (len(few) + 1, index.classes)
    assert index.denied.tolist() == [len(few), *[index.classes] * (len(few) - 1)]
    assert index.evidence(space.message(DENIED[0])).nearest[0].argmax() == len(few)
    assert np.array_equal(index.sizes[: len(few)], plain.sizes[: len(few)])


def test_left_out_counterexample_scores_as_if_never_indexed(few: tuple[Entry, ...], space: Vectorizer) -> None:
    index, fresh = Index(denying(few, DENIED), space), Index(denying(few, DENIED[1:]), space)
    (place,) = np.flatnonzero(index.class_of == len(few))[:1]
    assert same(index.without_each(np.array([place])), 0, fresh.evidence(space.message(DENIED[0])))


def test_utterance_of_an_entry_is_no_counterexample_of_another(few: tuple[Entry, ...], space: Vectorizer) -> None:
    index = Index(denying(few, (few[1].utterances[0],)), space)
    assert index.classes == Index(few, space).classes


@pytest.fixture
def certificate(few: tuple[Entry, ...]) -> Entry:
    """Returns an entry on *alumno-regular*, a topic that the atlas assigns to every school."""
    asked, variants = "¿Dónde saco un certificado de alumno regular?", ("certificado de alumno regular", "constancia")
    return replace(few[0], id="certificado", question=asked, variants=variants, topic="certificados")


def test_entry_takes_over_the_utterances_of_its_topic(
    few: tuple[Entry, ...], certificate: Entry, space: Vectorizer
) -> None:
    plain = Index((*few, certificate), space)
    overlap = overlapping(plain)
    out_of_scope_topic = next(
        space.out_of_scope_topics[number] for number, id in overlap.items() if id == "certificado"
    )
    assert out_of_scope_topic.name == "alumno-regular"
    index, number = Index((*few, certificate), space, overlap), len(few)
    assert out_of_scope_topic not in index.out_of_scope_topics
    assert index.sizes[number] == plain.sizes[number] + len(out_of_scope_topic.utterances)
    its_own = index.utterances[index.class_of[index.utterances] == number]
    assert len(its_own) == 1 + len(certificate.variants)  # what P is learnt from
    message = space.message("en la pega me exigen acreditar que mi hija sigue estudiando")
    assert index.evidence(message).nearest[0, number] > plain.evidence(message).nearest[0, number] + 0.1


def test_topic_is_taken_over_by_one_entry_only(few: tuple[Entry, ...], certificate: Entry, space: Vectorizer) -> None:
    twin = replace(certificate, id="gemela", question="certificado de alumno regular de este año")
    overlap = overlapping(Index((*few, certificate, twin), space))
    takers = [id for id in overlap.values() if id in {certificate.id, twin.id}]
    assert takers in (["certificado"], ["gemela"])


def test_empty_index_scores_nothing(vector_cache: VectorCache, lessons: Lessons) -> None:
    bare = Vectorizer(vector_cache, vector_cache, Background((), ()), lessons=lessons)
    evidence = Index((), bare).evidence(bare.message("hola"))
    assert evidence.scores.shape == evidence.shares.shape == evidence.nearest.shape == (1, 0)
    assert evidence.centroid.shape == evidence.entries_only.shape == (1, 0)


def test_colloquial_name_shares_the_phonetic_key_of_the_usual_name(
    vector_cache: VectorCache, lessons: Lessons, tmp_path: Path
) -> None:
    (tmp_path / "lexicon").mkdir()
    (tmp_path / "lexicon" / "a.csv").write_text("termino,formas\npermiso de circulación,patente del auto\n")
    background = Background((), THEMES)
    bare = Vectorizer(vector_cache, vector_cache, background, lessons=lessons)
    knowing = Vectorizer(vector_cache, vector_cache, background, load_lexicon(tmp_path), lessons)
    written = ("pago del permiso de circulación",)

    def alike(space: Vectorizer, text: str) -> float:
        return float(space.message(text).letter_similarity(space.rows(written))[0, 0])

    assert alike(knowing, "la patente del auto") > 2 * alike(bare, "la patente del auto")
    assert alike(knowing, "la basura del auto") == alike(bare, "la basura del auto")
