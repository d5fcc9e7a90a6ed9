"""Reads, writes and merges the low-rank adapter that tunes the encoder to how Chileans write to public services.

bot/tuning trains it and ``prepare`` merges it when the encoder is built. It replaces a matrix W of the encoder with
W + SCALE x up x down, where up and down are two low-rank matrices (LoRA, Hu et al. 2021). The file is safetensors in
half precision and has a few MB.
"""

from __future__ import annotations

import os
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from safetensors import SafetensorError
from safetensors.numpy import load_file, save_file

from bot.core.errors import AdapterUnusable
from bot.encoder_build.weights import Weights

PARTS = ("q", "k", "v", "ao", "fi", "fo")
SCALE = 2.0  # weight of the product: lora_alpha / rank
Halves = NDArray[np.float16]


@dataclass(frozen=True)
class Adapter:
    """An adapter: ``parts`` maps a matrix such as ``l3.q`` (layer 3, query) to the two factors of its change.

    The first, ``down``, maps the inputs to ``rank`` numbers; the second, ``up``, maps those to the outputs.
    """

    parts: dict[str, tuple[Halves, Halves]]

    def merged_into(self, weights: Weights) -> Weights:
        """Returns the tuned weights (takes a second); raises AdapterUnusable if it was made for another encoder."""
        tensors = dict(weights.tensors)
        for part, (down, up) in self.parts.items():
            product = up.astype(np.float32) @ down.astype(np.float32)
            if f"{part}.w" not in tensors or tensors[f"{part}.w"].shape != product.shape:
                raise AdapterUnusable(part=part)
            tensors[f"{part}.w"] = tensors[f"{part}.w"] + np.float32(SCALE) * product
        return replace(weights, tensors=tensors)

    def scaled(self, share: float) -> Adapter:
        """Returns an adapter with ``share`` (0 to 1) of this one's effect: 0 is the original encoder."""
        return Adapter(
            {
                part: (down, (up.astype(np.float32) * share).astype(np.float16))
                for part, (down, up) in self.parts.items()
            }
        )

    def save(self, path: Path) -> None:
        """Writes the file atomically, replacing an existing one."""
        path.parent.mkdir(parents=True, exist_ok=True)
        tensors: dict[str, Halves] = {}
        for part, (down, up) in self.parts.items():
            tensors |= {f"{part}.down": np.ascontiguousarray(down), f"{part}.up": np.ascontiguousarray(up)}
        fresh = path.with_name(f".{path.name}.{os.getpid()}")
        save_file(tensors, fresh)
        os.replace(fresh, path)

    @classmethod
    def load(cls, path: Path) -> Adapter:
        """Reads a file that ``save`` wrote; raises AdapterUnusable if its format is wrong, OSError if it is missing."""
        try:
            tensors = load_file(path)
            names = dict.fromkeys(name.rsplit(".", 1)[0] for name in tensors)
            return cls({name: (tensors[f"{name}.down"], tensors[f"{name}.up"]) for name in names})
        except (SafetensorError, KeyError) as error:
            raise AdapterUnusable(file=str(path)) from error
