"""Requests the vectors of texts from the action server, which has loaded the encoder."""

from __future__ import annotations

import base64
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from bot.core.network import ActionsEndpoint

TIMEOUT_S = 20.0
DIGITS = np.dtype("<f2")  # format of vectors in transit and in storage


@dataclass(frozen=True)
class Embedded:
    """A unit vector (float16) for each text as a row, and the fingerprint of the encoder that made them."""

    encoder: str
    vectors: NDArray[np.float16]


class Embedding:
    """A client of the action server."""

    def __init__(self, actions: ActionsEndpoint) -> None:
        self._actions = actions

    async def vectors(self, texts: Sequence[str]) -> Embedded:
        """Requests the vectors of the texts and returns them. Raises httpx.HTTPError."""
        async with self._actions.client(TIMEOUT_S) as client:
            answer = (await client.post("/vectors", json={"texts": list(texts)})).raise_for_status().json()
        made = np.frombuffer(base64.b64decode(answer["vectors"]), DIGITS).reshape(len(texts), -1)
        return Embedded(str(answer["encoder"]), made)
