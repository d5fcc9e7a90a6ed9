"""Writes the card of a new adapter: a list of the data and settings needed to reproduce the adapter.

The card contains no scores: these are measured later, with messages that were not used in tuning.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING

from bot.tuning.material import Material

if TYPE_CHECKING:  # training.py loads torch, which only .venv-tune has
    from bot.tuning.training import Plan

TOOLS = ("torch", "transformers", "peft")
CARD = """# Adapter {name}

Made by `python -m bot.tuning`. A low-rank adapter for multilingual-e5-small (MIT); see
docs/faq-and-encoder.md for its purpose and data/encoder/CARD.md for the scores of the project's own adapter.

| | |
|---|---|
| begun from | {begun} |
| FAQ entries, atlas topics, invented agencies | {entries}, {topics}, {agencies} |
| training texts | {texts} (every second utterance of each entry, titles and passages, all of the atlas and agencies) |
| steps, topics per step | {steps}, {size} |
| learning rate, seed | {rate}, {seed} |
| scale | {scale} |
| mean loss of the last steps | {loss} |
| tools | {tools} |
| SHA-256 | {sha} |

Not evaluated yet. Evaluate it on messages with known answers that were not used in training:
`ventanilla eval MENSAJES`.
"""


@dataclass(frozen=True)
class Origin:
    """The data and settings of an adapter, and the mean ``loss`` of the last steps.

    ``begun`` is the file name of the adapter from which training started, '' if there was none.
    """

    material: Material
    plan: Plan
    scale: float
    begun: str
    loss: float


def write_card(adapter: Path, origin: Origin) -> Path:
    """Writes the card next to the file ``adapter``, with the suffix .md, and returns the card's path.

    Raises OSError.
    """
    card = adapter.with_suffix(".md")
    text = CARD.format(
        name=adapter.name,
        begun=origin.begun or "the original encoder",
        entries=len(origin.material.entries),
        topics=len(origin.material.atlas),
        agencies=len(origin.material.agencies),
        texts=origin.material.texts,
        steps=origin.plan.steps,
        size=min(origin.plan.matters_a_step, len(origin.material.topics)),
        rate=origin.plan.rate,
        seed=origin.plan.seed,
        scale=origin.scale,
        loss=round(origin.loss, 3),
        tools=", ".join(f"{name} {version(name)}" for name in TOOLS),
        sha=hashlib.sha256(adapter.read_bytes()).hexdigest(),
    )
    card.write_text(text, encoding="utf-8")
    return card
