"""Reads, writes and merges the low-rank adapter that tunes the encoder to the way Chileans write to public services.

bot/tuning trains the adapter; ``prepare`` merges it when the encoder is built. Merging replaces a matrix W of the
encoder with W + SCALE x up x down, where up and down are two low-rank matrices (LoRA, Hu et al. 2021). The file is in
safetensors format, in half precision, and takes a few MB.
"""

from __future__ import annotations

import os
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from safetensors import SafetensorError
from safetensors.numpy import load_file, save_file

from bot.core.errors.encoder import AdapterUnusable
from bot.encoder_build.weights import Weights

PARTS = ("q", "k", "v", "ao", "fi", "fo")
SCALE = 2.0  # factor of the product, lora_alpha / rank
Halves = NDArray[np.float16]


@dataclass(frozen=True)
class Adapter:
    """An adapter: ``parts`` maps a matrix's name, such as ``l3.q`` (layer 3, query), to the two factors of its change.

    The first factor, ``down``, maps the inputs to a vector of size rank; the second, ``up``, maps that vector to the
    outputs.
    """

    parts: dict[str, tuple[Halves, Halves]]

    def merged_into(self, weights: Weights) -> Weights:
        """Returns a copy of ``weights`` with this adapter merged; takes a second.

        Raises AdapterUnusable if the adapter was made for another encoder.
        """
        tensors = dict(weights.tensors)
        for part, (down, up) in self.parts.items():
            product = up.astype(np.float32) @ down.astype(np.float32)
            if f"{part}.w" not in tensors or tensors[f"{part}.w"].shape != product.shape:
                raise AdapterUnusable(part=part)
            tensors[f"{part}.w"] = tensors[f"{part}.w"] + np.float32(SCALE) * product
        return replace(weights, tensors=tensors)

    def scaled(self, share: float) -> Adapter:
        """Returns a copy whose effect is multiplied by ``share``: 0 means no effect, 1 the full effect."""
        return Adapter(
            {
                part: (down, (up.astype(np.float32) * share).astype(np.float16))
                for part, (down, up) in self.parts.items()
            }
        )

    def save(self, path: Path) -> None:
        """Writes the adapter to ``path`` atomically; replaces an existing file."""
        path.parent.mkdir(parents=True, exist_ok=True)
        tensors: dict[str, Halves] = {}
        for part, (down, up) in self.parts.items():
            tensors |= {f"{part}.down": np.ascontiguousarray(down), f"{part}.up": np.ascontiguousarray(up)}
        fresh = path.with_name(f".{path.name}.{os.getpid()}")
        save_file(tensors, fresh)
        os.replace(fresh, path)

    @classmethod
    def load(cls, path: Path) -> Adapter:
        """Reads an adapter that ``save`` wrote.

        Raises AdapterUnusable if the format is wrong, OSError if the file is missing.
        """
        try:
            tensors = load_file(path)
            names = dict.fromkeys(name.rsplit(".", 1)[0] for name in tensors)
            return cls({name: (tensors[f"{name}.down"], tensors[f"{name}.up"]) for name in names})
        except (SafetensorError, KeyError) as error:
            raise AdapterUnusable(file=str(path)) from error
