"""Estimates whether an entry answers a message from the tokens of both, read together (bot/encoder_build/verifier.py).

Takes about 15 ms per entry on one thread, and for each text of an entry that is not cached as long as embedding it.
"""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import lru_cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from bot.faq.encoder.encoder import Encoder, States, session
from bot.faq.encoder.folder import VERIFIER

MESSAGE, QUESTION, UTTERANCE, SENTENCE = range(4)  # the kinds of text
MAX_TOKENS = 56  # of each text; longer texts were cut in training
KEPT_TEXTS = 1024  # texts of entries, each of which takes 43 KB at most, usually 15
Text = tuple[int, str]  # the kind, and the text as the encoder reads it


class Verifier:
    """A loaded verifier; thread-safe."""

    def __init__(self, encoder: Encoder, folder: Path) -> None:
        """Loads the verifier in the encoder's folder. Raises EncoderDamaged if it cannot be loaded."""
        self._encoder, self._pool = encoder, ThreadPoolExecutor(2)
        self._session = session(folder / VERIFIER)
        self._known = lru_cache(maxsize=KEPT_TEXTS)(self._states)

    def log_odds(self, message: str, entries: Sequence[Sequence[Text]], *, at_once: bool = True) -> NDArray[np.float64]:
        """Returns, for each entry, the log-odds that it answers ``message``, given some of its texts.

        With ``at_once``, reads two entries at a time, since a citizen waits; without, one after the other, so that many
        messages do not take both processors from citizens. Caches the states of the entries' texts, not of the message.
        """
        said, run = self._states(message), self._pool.map if at_once else map
        return np.array(list(run(lambda texts: self._compared(said, texts), entries)), np.float64)

    def _compared(self, said: States, texts: Sequence[Text]) -> float:
        states = [said, *(self._known(text) for _, text in texts)]
        kinds = np.repeat([MESSAGE, *(kind for kind, _ in texts)], list(map(len, states)))
        inputs = {"states": np.concatenate(states).astype(np.float32)[None], "kinds": kinds.astype(np.int64)[None]}
        return float(self._session.run(None, inputs)[0][0])

    def _states(self, text: str) -> States:
        return self._encoder.states(text)[:MAX_TOKENS].copy()


def load_verifier(encoder: Encoder, folder: Path) -> Verifier | None:
    """Returns the verifier of the encoder in ``folder``, if it has one. Raises EncoderDamaged."""
    return Verifier(encoder, folder) if (folder / VERIFIER).is_file() else None
