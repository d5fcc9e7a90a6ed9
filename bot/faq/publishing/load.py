"""Builds the objects of the FAQ from Settings; no other module of ``bot/faq`` reads the settings."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

from threadpoolctl import threadpool_limits

from bot.agency.model import Agency
from bot.core.settings import Settings
from bot.faq.answering.answerer import Answerer
from bot.faq.encoder.encoder import AtOnce, Embedder, Encoder
from bot.faq.encoder.folder import chosen_encoder, have_encoder_built
from bot.faq.encoder.shipped_vectors import ShippedVectors, shipped_file
from bot.faq.encoder.vectors import EmbedProgress, VectorCache
from bot.faq.encoder.verifier import Verifier, load_verifier
from bot.faq.entries.entry import Entry
from bot.faq.entries.folder import Folder, load_folder
from bot.faq.entries.passages import passages
from bot.faq.publishing.agency_tests import MessageFiles
from bot.faq.publishing.watch import LiveFaq, RenewalStopped
from bot.faq.ranking.background import OWN_TOPICS, load_background
from bot.faq.ranking.sentences import Lessons
from bot.faq.ranking.vectorizer import Vectorizer
from bot.faq.words.lexicon import load_lexicon

LARGE = 300  # entries from which calibrating takes longer than a second
SMALL_SHARE = 0.05  # largest share of changed texts with which a calibration is kept


def load_vectorizer(
    settings: Settings, progress: EmbedProgress = lambda share: None, *, threads: int = 1
) -> Vectorizer:
    """Loads the encoder, the background and the lexicon. Raises EncoderMissing if the encoder is not prepared.

    ``progress`` is called with the share of new texts embedded so far (0 to 1); up to ``threads`` texts are embedded in
    parallel. Limits BLAS to one thread in this process.
    """
    threadpool_limits(limits=1, user_api="blas")  # with more threads, a single message takes longer
    folder = chosen_encoder(settings)
    encoder = Encoder(folder, threads=threads)
    cached = VectorCache(ShippedVectors(encoder, shipped_file(folder)), settings.answers_home, progress)
    return vectorizer_with(cached, AtOnce(encoder), settings, load_verifier(encoder, folder))


def vectorizer_with(
    cached: Embedder, uncached: Embedder, settings: Settings, verifier: Verifier | None = None
) -> Vectorizer:
    """Builds a Vectorizer on two embedders, one with a cache and one without.

    Reads the project's background, lexicon and training sentences, and the FAQ folder's own topics.
    """
    data = settings.project_root / "data"
    background, lessons = load_background(data, faq_dir=settings.faq_dir), Lessons.from_folder(data)
    return Vectorizer(cached, uncached, background, load_lexicon(data), lessons, settings.answers_home, verifier)


def embed_entries(vectorizer: Vectorizer, entries: Sequence[Entry]) -> None:
    """Embeds all texts of the entries that the index contains, so that the vectorizer's cache holds their vectors."""
    texts = ((*entry.utterances, *passages(entry), *entry.counterexamples) for entry in entries)
    vectorizer.embed_ahead([text for some in texts for text in some])


def load_answerer(settings: Settings, agency: Agency, folder: Folder | None = None) -> Answerer:
    """Builds an Answerer from ``folder``, by default from the current FAQ folder. Raises EncoderMissing."""
    folder = folder or load_folder(settings.faq_dir, agency.teams)
    return Answerer(folder.entries, load_vectorizer(settings), agency)


def live_faq(settings: Settings, agency: Agency) -> LiveFaq:
    """Builds the LiveFaq of the action server, which loads the encoder at its start and again for each new adapter."""
    publisher = _Publisher(settings, agency)
    home, files = settings.answers_home, MessageFiles(settings.tests_dir, settings.benchmark_file)
    return LiveFaq(settings.faq_dir, agency, home=home, publish=publisher, renew=publisher.renew, tests=files)


class _Publisher:
    """A builder of Answerers for LiveFaq; its first call also loads the encoder, the background and the classifiers.

    After a small change of a large FAQ the new Answerer keeps the calibration of the Answerer before it, so that the
    change is live sooner; LiveFaq calibrates it afterwards. Changes are counted from the entries for which that
    calibration was made, so many small edits count like one large edit.
    """

    def __init__(self, settings: Settings, agency: Agency) -> None:
        self._settings, self._agency = settings, agency
        self._vectorizer: Vectorizer | None = None
        self._tried = Path()  # folder of the encoder in use, or of a newer encoder that failed
        self._topics = b""  # contents of the agency's file of own topics, as in use
        self._before: tuple[Sequence[Entry], Answerer] | None = None
        self._calibrated: Sequence[Entry] = ()  # entries for which the calibration in use was made

    def __call__(self, entries: Sequence[Entry]) -> Answerer:
        if self._vectorizer is None:
            self._tried, self._topics = chosen_encoder(self._settings), _own_topics(self._settings)
            self._vectorizer = load_vectorizer(self._settings)
            self._vectorizer.load_classifiers()  # now, not at the first message
        before = self._before
        if before and before[1].is_calibrated:
            self._calibrated = before[0]
        if before and before[1].vectorizer is self._vectorizer and is_small_change(self._calibrated, entries):
            answerer = before[1].changed(entries)
        else:
            answerer = Answerer(entries, self._vectorizer, self._agency)
        index, _ = answerer.ranked
        index.prepare()
        self._before = entries, answerer
        return answerer

    def renew(self, entries: Sequence[Entry], stopped: Callable[[], bool]) -> bool:
        """Switches to the current encoder and the agency's current topics; returns False if both are already in use.

        First builds the encoder and embeds the entries. That is quick if `ventanilla train` has already done so; if
        not, it takes minutes, during which reloads use the old encoder. Raises EncoderMissing once per encoder, and
        RenewalStopped when ``stopped`` returns True.
        """
        folder, topics = chosen_encoder(self._settings), _own_topics(self._settings)
        if self._vectorizer is None or (folder == self._tried and topics == self._topics):
            return False
        self._tried, self._topics = folder, topics
        if not self._settings.faq_encoder:
            have_encoder_built(self._settings.answers_home)

        def check_stopped(_: float) -> None:
            if stopped():
                raise RenewalStopped

        vectorizer = load_vectorizer(self._settings, check_stopped)
        embed_entries(vectorizer, entries)
        vectorizer.load_classifiers()
        self._vectorizer = vectorizer
        return True


def is_small_change(before: Sequence[Entry], after: Sequence[Entry]) -> bool:
    """Returns whether the FAQ is large and few of its texts differ, so that its calibration may be kept."""
    if min(len(before), len(after)) < LARGE:
        return False
    differ = set(before) ^ set(after)
    return sum(map(_texts, differ)) <= SMALL_SHARE * sum(map(_texts, before))


def _texts(entry: Entry) -> int:
    return 1 + len(entry.variants) + len(entry.counterexamples)


def _own_topics(settings: Settings) -> bytes:
    path = settings.faq_dir / OWN_TOPICS
    return path.read_bytes() if path.is_file() else b""
