"""Writes the vectors of the project's own sentences: ``python -m scripts.ship_vectors``.

Run it after changing the adapter (takes minutes), or many sentences in data/ (only sentences that are not in the file
are embedded). Sentences missing in the file are embedded at the bot's first start. The file is
``data/encoder/vectors-ENCODER.npy``; files of other encoders are removed.
"""

from __future__ import annotations

import os
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from bot.agency.model import load_agency
from bot.core.settings import ROOT, Settings
from bot.encoder_build.prepare import prepare_encoder
from bot.faq.encoder.encoder import Embedder, Encoder, Vectors
from bot.faq.encoder.shipped_vectors import FOLDER, ShippedVectors, shipped_file, write_shipped
from bot.faq.entries.folder import load_folder
from bot.faq.publishing.load import embed_entries, vectorizer_with


class Recorder:
    """An Embedder that records all vectors it returns."""

    def __init__(self, encoder: Embedder) -> None:
        self._encoder, self.fingerprint = encoder, encoder.fingerprint
        self.seen: dict[str, Vectors] = {}

    def embed(self, texts: Sequence[str]) -> Vectors:
        missing = [text for text in dict.fromkeys(texts) if text not in self.seen]
        self.seen |= dict(zip(missing, self._encoder.embed(missing), strict=True)) if missing else {}
        return np.array([self.seen[text] for text in texts], dtype=np.float32)


def demo_vectors(home: Path) -> tuple[Path, dict[str, Vectors]]:
    """Embeds the texts that the demo embeds at its first start.

    Returns the encoder's folder and the vector of each text.
    """
    folder = prepare_encoder(home)
    recorder = Recorder(ShippedVectors(Encoder(folder, threads=os.cpu_count() or 1), shipped_file(folder)))
    with tempfile.TemporaryDirectory() as empty:  # has no stored classifiers, so they are trained
        settings = Settings(
            VENTANILLA_HOME=Path(empty),
            VENTANILLA_ROOT=ROOT,
            FAQ_DIR=ROOT / "data" / "faq",
            AGENCY_FILE=ROOT / "agency.yml",
        )
        vectorizer = vectorizer_with(recorder, recorder, settings)
        vectorizer.load_classifiers()
        embed_entries(vectorizer, load_folder(settings.faq_dir, load_agency(settings.agency_file).teams).entries)
    return folder, recorder.seen


def main() -> None:
    folder, vectors = demo_vectors(ROOT / ".ventanilla" / "answers")
    file = shipped_file(folder)
    write_shipped(vectors, file)
    for other in FOLDER.glob("vectors-*.npy"):
        if other != file:
            other.unlink()
    sys.stdout.write(f"{file.relative_to(ROOT)}: {len(vectors)} vectors, {file.stat().st_size / 1e6:.1f} MB\n")


if __name__ == "__main__":
    main()
