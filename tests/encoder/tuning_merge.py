"""Compares the vectors of torch, with an adapter, with those of the served graph, where the adapter is merged in.

Prints the lowest cosine, and whether the adapter survives a round trip through torch. Runs in the environment for
tuning, started by test_tuning_run.py. argv[1] is the home folder, argv[2] the adapter.
"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

import numpy as np
import torch

from bot.encoder_build.adapter import Adapter
from bot.encoder_build.graph import write_graph
from bot.encoder_build.prepare import default_weights
from bot.encoder_build.tokenizer import write_tokenizer
from bot.faq.encoder.encoder import Encoder
from bot.faq.encoder.folder import MODEL, TOKENIZER
from bot.tuning.model import build, learned, vectors
from bot.tuning.training import read_tokenizer

TEXTS = ["query: se me venció el carnet", "query: hola", "query: ¿cuándo pasa el camión de la basura por mi calle?"]

weights = default_weights(Path(sys.argv[1]))
adapter = Adapter.load(Path(sys.argv[2]))
with tempfile.TemporaryDirectory() as folder:
    write_tokenizer(weights, Path(folder) / TOKENIZER)
    write_graph(adapter.merged_into(weights), Path(folder) / MODEL, exact=True)
    merged = Encoder(Path(folder)).embed(TEXTS)
    encodings = read_tokenizer(Path(folder) / TOKENIZER).encode_batch(TEXTS)
model = build(weights, adapter).eval()
with torch.no_grad():
    ids, mask = (torch.tensor([getattr(one, name) for one in encodings]) for name in ("ids", "attention_mask"))
    placed = vectors(model, ids, mask).numpy()
again = learned(model).parts
same = all(np.array_equal(again[part][side], adapter.parts[part][side]) for part in adapter.parts for side in (0, 1))
sys.stdout.write(f"{(merged * placed).sum(axis=1).min():.7f} {same}\n")
