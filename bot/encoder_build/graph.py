"""Writes the encoder as an ONNX graph that maps token ids to one unit vector per text.

The graph is a BERT encoder with mean pooling. It also gives the states of the tokens after the first LOWER layers, from
which the verifier goes on (verifier.py).
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from onnx import TensorProto, helper

from bot.encoder_build.network import CONTRIB, HALF, Network, quantised
from bot.encoder_build.weights import BLOCK, Weights

LOWER = 8  # layers, of twelve, through which a text goes alone before the verifier reads it together with others


def write_graph(weights: Weights, path: Path, *, exact: bool = False) -> None:
    """Writes the graph as an ONNX file.

    With ``exact``, for comparisons, the layers' matrices remain float32; such a graph is three times as slow.

    The inputs are ``input_ids`` and ``attention_mask`` (int64, a row per text, a column per token). The outputs are
    ``vectors`` (float32, a unit vector per text as a row) and ``states`` (float32, a row per token of each text).
    """
    graph = Network(exact=exact)
    hidden = _embeddings(graph, weights)
    padding = graph.add("Cast", ["attention_mask"], "padding", to=TensorProto.INT32)
    for layer in range(weights.shape.layers):
        hidden = graph.layer(weights, layer, hidden, padding)
        if layer == LOWER - 1:
            graph.add("Identity", [hidden], "states")
    _pooled(graph, hidden)
    texts, tokens, width = "texts", "tokens", weights.shape.width
    ids, mask = (
        helper.make_tensor_value_info(name, TensorProto.INT64, [texts, tokens])
        for name in ("input_ids", "attention_mask")
    )
    vectors = helper.make_tensor_value_info("vectors", TensorProto.FLOAT, [texts, width])
    states = helper.make_tensor_value_info("states", TensorProto.FLOAT, [texts, tokens, width])
    graph.save("encoder", [ids, mask], [vectors, states], path)


def _embeddings(graph: Network, weights: Weights) -> str:
    """Adds the sum of the word, position and type embeddings, normalized per token; returns the output's name.

    The word table remains at 4 bits in the file, since its rows are only looked up, not multiplied.
    """
    tensors, width = weights.tensors, weights.shape.width
    numbers, scales = quantised(tensors["emb.word"])
    signed = _packed(np.bitwise_xor(numbers, HALF, dtype=np.uint8))
    rows = len(tensors["emb.word"])
    graph.constants.append(helper.make_tensor("word", TensorProto.INT4, [rows, width], signed.tobytes(), raw=True))
    words = graph.add(
        "GatherBlockQuantized",
        ["word", "input_ids", graph.constant("word.scales", scales)],
        "words",
        domain=CONTRIB,
        block_size=BLOCK,
        gather_axis=0,
        quantize_axis=1,
    )
    zero, one = (graph.constant(f"number.{number}", np.array(number, np.int64)) for number in (0, 1))
    length = graph.add("Gather", [graph.add("Shape", ["input_ids"], "size"), one], "length")
    positions = graph.add("Range", [zero, length, one], "places")
    table = graph.constant("place", tensors["emb.pos"] + tensors["emb.type"][0])
    placed = graph.add("Add", [words, graph.add("Gather", [table, positions], "placed")], "sum")
    return graph.norm(placed, "emb.ln", tensors["emb.ln.w"], tensors["emb.ln.b"], epsilon=weights.shape.epsilon)


def _pooled(graph: Network, hidden: str) -> None:
    """Adds the mean over the tokens of each text, normalized to a unit vector, as the output ``vectors``."""
    mask = graph.add("Cast", ["attention_mask"], "mask", to=TensorProto.FLOAT)
    last = graph.constant("axis.last", np.array([-1], np.int64))
    tokens = graph.constant("axis.tokens", np.array([1], np.int64))
    weighted = graph.add("Mul", [hidden, graph.add("Unsqueeze", [mask, last], "mask.wide")], "weighted")
    total = graph.add("ReduceSum", [weighted, tokens], "total", keepdims=0)
    graph.add("LpNormalization", [total], "vectors", axis=-1, p=2)


def _packed(numbers: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Packs two 4-bit integers into each byte, the first into the lower half."""
    return np.bitwise_or(numbers[:, 0::2], np.left_shift(numbers[:, 1::2], 4), dtype=np.uint8)
