"""Trains the adapter, so that texts of one topic move together and different topics apart (multiple negatives ranking).

The loss is the cross-entropy over the cosines of a batch, in both directions: each text must find the other text of its
topic among those of all topics in the batch and the counterexamples. torch uses bfloat16 only on processors that
compute faster with bfloat16; on others, bfloat16 would make training forty times as slow. The same seed gives the same
adapter on the same machine.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np
import torch
from tokenizers import Tokenizer
from transformers import BertModel

from bot.encoder_build.adapter import Adapter
from bot.encoder_build.weights import Weights
from bot.tuning.material import Material, Prepared
from bot.tuning.model import build, learned, vectors
from bot.tuning.sampling import batches

TEMPERATURE = 0.05
CLIP = 1.0
MAX_TOKENS = 64
GROUPS = 5
PROGRESS_EVERY = 10
Progress = Callable[[int, float], None]  # called with the step's number and the mean loss of the latest steps


@dataclass(frozen=True)
class Plan:
    """The hyperparameters of training; the defaults are those of the first run in data/encoder/CARD.md.

    ``matters_a_step`` is the number of topics per batch, ``rate`` the highest learning rate, and ``warm`` the share of
    the steps in which the rate rises.
    """

    steps: int = 320
    matters_a_step: int = 48
    rate: float = 1e-3
    warm: float = 0.1
    seed: int = 20261124


def read_tokenizer(path: Path) -> Tokenizer:
    """Reads the encoder's tokenizer from ``path``, and configures it to truncate at MAX_TOKENS and to pad batches."""
    tokenizer = Tokenizer.from_file(str(path))
    tokenizer.enable_truncation(MAX_TOKENS)
    tokenizer.enable_padding(pad_id=1, pad_token="<pad>")  # noqa: S106 - a token of text
    return tokenizer


def tuned(
    weights: Weights,
    tokenizer: Tokenizer,
    material: Material,
    near: np.ndarray[tuple[int, int], np.dtype[np.int64]],
    *,
    prepared: Prepared,
    plan: Plan,
    base: Adapter | None = None,
    progress: Progress = lambda step, loss: None,
) -> Adapter:
    """Trains and returns the adapter; calls ``progress`` every PROGRESS_EVERY steps and after the last step.

    ``near`` is the result of ``bot.tuning.material.similar_topics``.
    """
    torch.manual_seed(plan.seed)
    model = build(weights, base).train()
    parameters = [parameter for parameter in model.parameters() if parameter.requires_grad]
    optimizer = torch.optim.AdamW(parameters, lr=plan.rate, weight_decay=0.01)
    schedule = torch.optim.lr_scheduler.LambdaLR(optimizer, lambda step: _rate(step, plan))
    size = min(plan.matters_a_step, len(material.topics))
    batch_iterator = batches(material.topics, near, size=size, seed=plan.seed, agencies=material.agencies)
    losses: list[float] = []
    for step in range(plan.steps):
        loss = _loss(model, size, *_tokens(tokenizer, [prepared(text) for text in next(batch_iterator)]))
        optimizer.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(parameters, CLIP)
        optimizer.step()
        schedule.step()
        losses.append(float(loss.detach()))
        if (step + 1) % PROGRESS_EVERY == 0 or step + 1 == plan.steps:
            progress(step + 1, float(np.mean(losses[-PROGRESS_EVERY:])))
    return learned(model)


def _rate(step: int, plan: Plan) -> float:
    warm = max(plan.steps * plan.warm, 1)
    return min((step + 1) / warm, max(plan.steps - step, 1) / max(plan.steps - warm, 1))


def _tokens(tokenizer: Tokenizer, texts: list[str]) -> tuple[torch.Tensor, torch.Tensor]:
    encodings = tokenizer.encode_batch(texts)
    ids = torch.tensor([encoding.ids for encoding in encodings])
    return ids, torch.tensor([encoding.attention_mask for encoding in encodings])


@cache
def _bfloat16_is_faster() -> bool:
    """Returns whether this processor multiplies matrices faster in bfloat16 than in float32; cached."""

    def seconds(precision: torch.dtype) -> float:
        texts, weights = torch.ones(1024, 384, dtype=precision), torch.ones(384, 1536, dtype=precision)
        times = []
        for _ in range(10):  # the shortest, since the first product loads the kernel and other work disturbs some
            started = time.perf_counter()
            texts @ weights
            times.append(time.perf_counter() - started)
        return min(times)

    return seconds(torch.bfloat16) < seconds(torch.float32)


def _by_length(model: BertModel, ids: torch.Tensor, mask: torch.Tensor) -> torch.Tensor:
    """Returns the vectors of the texts, which are computed in GROUPS of like length so that little is padding."""
    order = torch.argsort(mask.sum(1))
    parts = []
    for group in order.chunk(GROUPS):
        longest = int(mask[group].sum(1).max())
        parts.append(vectors(model, ids[group, :longest], mask[group, :longest]))
    return torch.cat(parts)[torch.argsort(order)]


def _loss(model: BertModel, size: int, ids: torch.Tensor, mask: torch.Tensor) -> torch.Tensor:
    """Returns the loss of a batch of ``size`` pairs of texts, followed by counterexamples."""
    with torch.autocast("cpu", dtype=torch.bfloat16, enabled=_bfloat16_is_faster()):
        first, second, denied = _by_length(model, ids, mask).split([size, size, len(ids) - 2 * size])
        targets = torch.arange(size)
        forward = torch.nn.functional.cross_entropy(first @ torch.cat([second, denied]).T / TEMPERATURE, targets)
        backward = torch.nn.functional.cross_entropy(second @ torch.cat([first, denied]).T / TEMPERATURE, targets)
        return (forward + backward) / 2
