"""Prepares the encoder, the vectors of the FAQ and the classifiers before the parts start."""

from __future__ import annotations

import os
import shutil

from bot.agency.model import Agency
from bot.core.errors.encoder import EncoderDamaged
from bot.core.logs import log
from bot.core.settings import Settings
from bot.core.texts import say
from bot.encoder_build.prepare import Progress, no_progress, prepare_encoder
from bot.faq.encoder.folder import encoder_folder
from bot.faq.encoder.vectors import EmbedProgress
from bot.faq.entries.folder import load_folder
from bot.faq.publishing.load import embed_entries, load_vectorizer
from bot.faq.ranking.vectorizer import Vectorizer


def prepare_faq(settings: Settings, agency: Agency, progress: Progress = no_progress) -> None:
    """Builds the encoder, embeds the texts of the FAQ and of the background, and trains the classifiers.

    All results are stored in the home folder; results that exist there are reused. Without them, this takes about half
    a minute, since the vectors of the project's own sentences are shipped. Raises EncoderMissing and AdapterUnusable.
    """
    if not settings.faq_encoder:
        prepare_encoder(settings.answers_home, lambda share, step: progress(0.4 * share, step))
    step = say("faq.codificador.lee")
    start, width = 0.4, 0.4
    vectorizer = _whole_vectorizer(settings, lambda share: progress(start + width * share, step))
    vectorizer.load_classifiers()
    start, width = 0.8, 0.2
    entries = load_folder(settings.faq_dir, agency.teams).entries
    embed_entries(vectorizer, entries)


def _whole_vectorizer(settings: Settings, report: EmbedProgress) -> Vectorizer:
    """Loads the encoder into a vectorizer; rebuilds a damaged encoder first.

    Raises EncoderDamaged instead if FAQ_ENCODER names the damaged encoder.
    """
    threads = os.cpu_count() or 1
    try:
        return load_vectorizer(settings, report, threads=threads)
    except EncoderDamaged as error:
        if settings.faq_encoder:
            raise
        log.warning("encoder: damaged, rebuilding", problem=str(error))
        shutil.rmtree(encoder_folder(settings.answers_home))
        prepare_encoder(settings.answers_home)
        return load_vectorizer(settings, report, threads=threads)
