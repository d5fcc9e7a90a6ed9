"""The network of the verifier, which reads a message together with an entry, and its training (train_verifier.py).

Each text goes alone through the first LOWER layers of the encoder, so an entry's texts need this only once. The states
of all tokens of the message, and of a few texts of the entry, then go together through copies of the other layers,
which are trained. The result is the log-odds that the entry answers the message. Needs .venv-tune (torch).
"""

from __future__ import annotations

import copy
import random
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from tokenizers import Tokenizer
from torch.nn import functional
from transformers import BertModel

from bot.encoder_build.graph import LOWER
from bot.encoder_build.weights import Floats, Weights
from bot.faq.encoder.verifier import MAX_TOKENS, MESSAGE, QUESTION, SENTENCE, UTTERANCE
from bot.faq.ranking.verifying import UTTERANCES
from bot.tuning.model import MODULES, NORMS, build

LONGEST_UTTERANCE = 32  # tokens; longer utterances are left out
INNER = 128
GROUPS = 6  # of like length, so that little of a batch is padding
BATCH, RATE, NEW_RATE, WARM, CLIP = 48, 1.5e-4, 1.2e-3, 0.06, 1.0
States = NDArray[np.float16]
Joined = list[tuple[States, int]]  # the states of a text, and what the text is


class Reader:
    """Gives the states of texts after the first LOWER layers; keeps those of texts that it has read."""

    def __init__(self, weights: Weights, tokenizer: Tokenizer) -> None:
        """``weights`` are the encoder's, with its adapter merged into them."""
        self.model = build(weights).eval()
        self._tokenizer, self._known = tokenizer, dict[str, States]()
        tokenizer.no_padding()
        tokenizer.enable_truncation(MAX_TOKENS)

    def read(self, prompts: Sequence[str]) -> list[States]:
        """Returns an array for each prompt, with a row of 384 numbers per token."""
        new = sorted({one for one in prompts if one not in self._known}, key=len)
        for start in range(0, len(new), 256):
            self._read_some(new[start : start + 256])
        return [self._known[one] for one in prompts]

    @torch.inference_mode()
    def _read_some(self, prompts: Sequence[str]) -> None:
        ids = [torch.tensor(one.ids) for one in self._tokenizer.encode_batch(list(prompts))]
        padded = torch.nn.utils.rnn.pad_sequence(ids, batch_first=True, padding_value=1)
        mask = torch.nn.utils.rnn.pad_sequence([torch.ones(len(one)) for one in ids], batch_first=True)
        states = _through(self.model.encoder.layer[:LOWER], self.model.embeddings(input_ids=padded), mask)
        for prompt, of, length in zip(prompts, states, map(len, ids), strict=True):
            self._known[prompt] = of[:length].half().numpy()


class Verifier(torch.nn.Module):
    """Copies of the encoder's upper layers, which read a message and an entry's texts together."""

    def __init__(self, model: BertModel) -> None:
        super().__init__()
        self.layers = torch.nn.ModuleList(_without_adapter(layer) for layer in model.encoder.layer[LOWER:])
        self.requires_grad_(True)
        width = model.config.hidden_size
        self.kinds = torch.nn.Parameter(torch.zeros(4, width))
        self.inner, self.out = torch.nn.Linear(3 * width, INNER), torch.nn.Linear(INNER, 1)

    def forward(self, batch: Sequence[Joined]) -> torch.Tensor:
        """Returns the log-odds that the entry answers the message, for each pair of the batch."""
        lengths = np.array([sum(len(states) for states, _ in one) for one in batch])
        order = np.argsort(lengths, kind="stable")
        groups = [group for group in np.array_split(order, GROUPS) if len(group)]
        found = torch.cat([self._some([batch[one] for one in group]) for group in groups])
        return found[torch.from_numpy(np.argsort(np.concatenate(groups)))]

    def _some(self, batch: Sequence[Joined]) -> torch.Tensor:
        def padded(parts: list[torch.Tensor]) -> torch.Tensor:
            return torch.nn.utils.rnn.pad_sequence(parts, batch_first=True)

        states = padded([torch.from_numpy(np.concatenate([one for one, _ in pair])).float() for pair in batch])
        kinds = padded([torch.from_numpy(np.repeat(*_kinds(pair))) for pair in batch])
        mask = padded([torch.ones(sum(len(one) for one, _ in pair)) for pair in batch])
        states = _through(self.layers, states + self.kinds[kinds], mask)
        said, entry = (_mean(states, mask * part) for part in (kinds == MESSAGE, kinds != MESSAGE))
        return self.out(functional.gelu(self.inner(torch.cat([said, entry, said * entry], 1)))).squeeze(-1)


@dataclass(frozen=True)
class Offered:
    """An entry as a message may be compared with it: prompts of its question, utterances and fitting sentences."""

    id: str
    question: str
    utterances: tuple[str, ...]
    sentences: tuple[str, ...]


@dataclass(frozen=True)
class Lesson:
    """A message, the entry that it is about, whether that answers it, and similar entries that do not answer it."""

    prompt: str
    about: Offered | None
    is_answered: bool
    similar: tuple[Offered, ...]


def tensors_of(verifier: Verifier) -> dict[str, Floats]:
    """Returns the tensors under the names of bot/encoder_build/verifier.py."""
    found = {name: value.numpy() for name, value in verifier.state_dict().items() if not name.startswith("layers")}
    tensors = {name.replace("weight", "w").replace("bias", "b"): value for name, value in found.items()}
    for number, layer in enumerate(verifier.layers, LOWER):
        for part, name in (MODULES | NORMS).items():
            module = layer.get_submodule(name)
            tensors[f"l{number}.{part}.w"] = module.weight.detach().numpy()
            tensors[f"l{number}.{part}.b"] = module.bias.detach().numpy()
    return tensors


def joined(reader: Reader, prompt: str, entry: Offered, utterances: Sequence[str]) -> Joined:
    """Returns the states of a message and of the texts of an entry, with the given utterances of it."""
    prompts = (prompt, entry.question, *utterances, *entry.sentences)
    kinds = (MESSAGE, QUESTION, *[UTTERANCE] * len(utterances), *[SENTENCE] * len(entry.sentences))
    pairs = zip(reader.read(prompts), kinds, strict=True)
    return [(states, kind) for states, kind in pairs if kind != UTTERANCE or len(states) < LONGEST_UTTERANCE]


def trained(
    verifier: Verifier, reader: Reader, lessons: Sequence[Sequence[Lesson]], plan: tuple[float, int]
) -> Verifier:
    """Trains the verifier and returns it; each group of lessons is drawn from equally often.

    plan: for how many minutes, and the seed.
    """
    minutes, seed = plan
    torch.manual_seed(seed)
    pairs = _pairs(reader, lessons, random.Random(seed))  # noqa: S311 - no secret
    verifier.train()
    own = list(verifier.layers.parameters())
    new = [one for name, one in verifier.named_parameters() if not name.startswith("layers")]
    optimizer = torch.optim.AdamW([{"params": own, "lr": RATE}, {"params": new, "lr": NEW_RATE}], weight_decay=0.01)
    started, highest = time.monotonic(), (RATE, NEW_RATE)
    while (done := (time.monotonic() - started) / (60 * minutes)) < 1:
        for group, rate in zip(optimizer.param_groups, highest, strict=True):
            group["lr"] = rate * max(min(done / WARM, (1 - done) / (1 - WARM)), 0.01)
        batch = [next(pairs) for _ in range(BATCH)]
        wanted = torch.tensor([answered for _, answered in batch])
        loss = functional.binary_cross_entropy_with_logits(verifier([pair for pair, _ in batch]), wanted)
        optimizer.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(verifier.parameters(), CLIP)
        optimizer.step()
    return verifier.eval()


def _pairs(reader: Reader, lessons: Sequence[Sequence[Lesson]], dice: random.Random) -> Iterator[tuple[Joined, float]]:
    """Yields pairs without end: each lesson's own entry, and for most one that is similar."""
    while True:
        lesson = dice.choice(dice.choice(lessons))
        if lesson.about:
            yield _pair(reader, lesson, lesson.about, dice), float(lesson.is_answered)
        if lesson.similar and (lesson.about is None or (lesson.is_answered and dice.random() < 0.8)):
            at = min(int(dice.expovariate(1.0)), len(lesson.similar) - 1)
            yield _pair(reader, lesson, lesson.similar[at], dice), 0.0


def _pair(reader: Reader, lesson: Lesson, entry: Offered, dice: random.Random) -> Joined:
    others = [one for one in entry.utterances if one != lesson.prompt]
    some = dice.sample(others, min(len(others), dice.choice((0, 1, UTTERANCES, UTTERANCES))))
    return joined(reader, lesson.prompt, entry, some)


def _kinds(pair: Joined) -> tuple[list[int], list[int]]:
    return [kind for _, kind in pair], [len(states) for states, _ in pair]


def _through(layers: Sequence[torch.nn.Module], states: torch.Tensor, mask: torch.Tensor) -> torch.Tensor:
    hidden = (1 - mask)[:, None, None, :] * -1e9
    for layer in layers:
        found = layer(states, attention_mask=hidden)
        states = found[0] if isinstance(found, tuple) else found
    return states


def _mean(states: torch.Tensor, mask: torch.Tensor) -> torch.Tensor:
    return (states * mask[..., None]).sum(1) / mask.sum(1, keepdim=True)


def _without_adapter(layer: torch.nn.Module) -> torch.nn.Module:
    """Returns a copy of a layer whose linear modules have no adapter, which ``build`` adds."""
    from peft.tuners.lora import LoraLayer

    bare = copy.deepcopy(layer)
    for name, module in list(bare.named_modules()):
        if isinstance(module, LoraLayer):
            parent, _, last = name.rpartition(".")
            setattr(bare.get_submodule(parent), last, module.get_base_layer())
    return bare
