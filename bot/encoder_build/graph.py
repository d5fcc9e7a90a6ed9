"""Writes the encoder as an ONNX graph that maps token ids to one unit vector per text.

The graph is a BERT encoder with mean pooling, built with ONNX's own helper functions, so neither torch nor transformers
is needed. Weights are rounded to 4 bits in blocks of 32, like the downloaded weights (for tuned weights, more bits gave
worse results). Matrices are multiplied as 8-bit integers, which is fastest on a CPU. For some matrices (UNEVEN), each
input token is first divided by its largest value, so that an outlier in one token does not reduce the precision of the
others.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import TensorProto, helper, numpy_helper

from bot.encoder_build.weights import BLOCK, Floats, Weights

OPSET = 20
CONTRIB = "com.microsoft"
IR_VERSION = 10
HALF = 8
# Largest 8-bit weight. Older processors add two products of a weight and an input (up to 255) in 16 bits, which larger
# weights would overflow.
LARGEST = 63
UNEVEN = ("ao", "fi", "fo")  # matrices whose input tokens are scaled; for other matrices, scaling made no difference
MASKED = -1e9
AT_ONCE = 2**14  # blocks quantized at a time: the word table has 1.4 million, each step of which would need 0.2 GB


class _Graph:
    """The nodes and constants of a graph; each method adds a constant or an operation and returns its name.

    With ``exact``, the layers' matrices are not quantized but remain float32.
    """

    def __init__(self, *, exact: bool) -> None:
        self.nodes: list[onnx.NodeProto] = []
        self.constants: list[onnx.TensorProto] = []
        self.exact = exact

    def constant(self, name: str, value: NDArray[np.generic]) -> str:
        self.constants.append(numpy_helper.from_array(value, name))
        return name

    def add(self, operator: str, inputs: list[str], output: str, *, domain: str = "", **attributes: object) -> str:
        self.nodes.append(helper.make_node(operator, inputs, [output], name=output, domain=domain, **attributes))
        return output

    def linear(self, source: str, name: str, weight: Floats, bias: Floats) -> str:
        """Adds a linear layer: ``source`` times the transpose of ``weight`` (a row per output), plus ``bias``."""
        if self.exact:
            matrix = self.constant(f"{name}.w", np.ascontiguousarray(weight.T))
            product = self.add("MatMul", [source, matrix], f"{name}.product")
        elif name.endswith(UNEVEN):
            product = self._scaled(source, name, weight)
        else:
            product = self._whole(source, name, weight)
        return self.add("Add", [product, self.constant(f"{name}.b", bias)], f"{name}.out")

    def _scaled(self, source: str, name: str, weight: Floats) -> str:
        sizes = self.add("Abs", [source], f"{name}.sizes")
        last = self.constant(f"{name}.last", np.array([-1], np.int64))
        largest = self.add("ReduceMax", [sizes, last], f"{name}.largest", keepdims=1)
        normalised = self.add("Div", [source, largest], f"{name}.even")
        return self.add("Mul", [self._whole(normalised, name, weight), largest], f"{name}.product")

    def _whole(self, source: str, name: str, weight: Floats) -> str:
        numbers, scales = whole(blockwise(weight))
        names = [source, self.constant(f"{name}.w", numbers), self.constant(f"{name}.scales", scales)]
        return self.add("DynamicQuantizeMatMul", names, f"{name}.whole", domain=CONTRIB)

    def norm(self, source: str, name: str, weight: Floats, bias: Floats, *, epsilon: float) -> str:
        names = [source, self.constant(f"{name}.w", weight), self.constant(f"{name}.b", bias)]
        return self.add("LayerNormalization", names, f"{name}.out", axis=-1, epsilon=epsilon)


def quantised(weight: Floats) -> tuple[NDArray[np.uint8], Floats]:
    """Quantizes ``weight`` to 4 bits in blocks; returns the integers, from 0 to 15, and the scale of each block.

    A weight is (integer - HALF) * the scale of its block. The integers have a row per block; the scales have a row per
    row of ``weight``.
    """
    blocks = weight.reshape(-1, BLOCK)
    parts = [_quantised(blocks[begin : begin + AT_ONCE]) for begin in range(0, len(blocks), AT_ONCE)]
    numbers, scales = (np.concatenate(part) for part in zip(*parts, strict=True))
    return numbers, scales.reshape(weight.shape[0], -1)


def _quantised(blocks: Floats) -> tuple[NDArray[np.uint8], Floats]:
    extreme = np.take_along_axis(blocks, np.abs(blocks).argmax(axis=1)[:, None], axis=1)
    scales = (extreme / -HALF).astype(np.float32)
    safe = np.where(scales == 0, 1, scales)
    numbers = np.clip(np.rint(blocks / safe) + HALF, 0, 2 * HALF - 1).astype(np.uint8)
    return numbers, scales


def blockwise(weight: Floats) -> Floats:
    """Returns ``weight`` rounded to 4 bits in blocks, as floats; rounding it again changes nothing."""
    numbers, scales = quantised(weight)
    return ((numbers.astype(np.float32) - HALF) * scales.reshape(-1, 1)).reshape(weight.shape)


def whole(weight: Floats) -> tuple[NDArray[np.int8], Floats]:
    """Transposes ``weight`` and rounds it to integers from -LARGEST to LARGEST; returns them and a scale per output."""
    transposed = weight.T
    largest = np.abs(transposed).max(axis=0)
    scales = (np.where(largest == 0, 1, largest) / LARGEST).astype(np.float32)
    return np.ascontiguousarray(np.rint(transposed / scales).astype(np.int8)), scales


def _packed(numbers: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Packs two 4-bit integers into each byte, the first into the lower half."""
    return np.bitwise_or(numbers[:, 0::2], np.left_shift(numbers[:, 1::2], 4), dtype=np.uint8)


def write_graph(weights: Weights, path: Path, *, exact: bool = False) -> None:
    """Writes the graph as an ONNX file.

    With ``exact``, for comparisons, the layers' matrices remain float32; such a graph is three times as slow.

    The inputs are ``input_ids`` and ``attention_mask`` (int64, a row per text, a column per token). The output is
    ``vectors`` (float32, a unit vector per text as a row).
    """
    graph = _Graph(exact=exact)
    hidden = _embeddings(graph, weights)
    padding = graph.add("Cast", ["attention_mask"], "padding", to=TensorProto.INT32)
    for layer in range(weights.shape.layers):
        hidden = _layer(graph, weights, layer, hidden=hidden, padding=padding)
    _pooled(graph, hidden)
    ids, mask = (
        helper.make_tensor_value_info(name, TensorProto.INT64, ["texts", "tokens"])
        for name in ("input_ids", "attention_mask")
    )
    vectors = helper.make_tensor_value_info("vectors", TensorProto.FLOAT, ["texts", weights.shape.width])
    made = helper.make_graph(graph.nodes, "encoder", [ids, mask], [vectors], graph.constants)
    opsets = [helper.make_opsetid("", OPSET), helper.make_opsetid(CONTRIB, 1)]
    onnx.save(helper.make_model(made, opset_imports=opsets, ir_version=IR_VERSION), path)


def _embeddings(graph: _Graph, weights: Weights) -> str:
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


def _layer(graph: _Graph, weights: Weights, layer: int, *, hidden: str, padding: str) -> str:
    tensors, shape = weights.tensors, weights.shape

    def linear(source: str, part: str) -> str:
        name = f"l{layer}.{part}"
        return graph.linear(source, name, tensors[f"{name}.w"], tensors[f"{name}.b"])

    def added(old: str, new: str, part: str) -> str:
        name = f"l{layer}.{part}"
        total = graph.add("Add", [old, new], f"{name}.sum")
        return graph.norm(total, name, tensors[f"{name}.w"], tensors[f"{name}.b"], epsilon=shape.epsilon)

    attended = graph.add(
        "MultiHeadAttention",
        [linear(hidden, "q"), linear(hidden, "k"), linear(hidden, "v"), "", padding],
        f"l{layer}.attended",
        domain=CONTRIB,
        num_heads=shape.heads,
        mask_filter_value=MASKED,
    )
    hidden = added(hidden, linear(attended, "ao"), "aln")
    inner = graph.add("Gelu", [linear(hidden, "fi")], f"l{layer}.gelu")
    return added(hidden, linear(inner, "fo"), "oln")


def _pooled(graph: _Graph, hidden: str) -> None:
    """Adds the mean over the tokens of each text, normalized to a unit vector, as the output ``vectors``."""
    mask = graph.add("Cast", ["attention_mask"], "mask", to=TensorProto.FLOAT)
    last = graph.constant("axis.last", np.array([-1], np.int64))
    tokens = graph.constant("axis.tokens", np.array([1], np.int64))
    weighted = graph.add("Mul", [hidden, graph.add("Unsqueeze", [mask, last], "mask.wide")], "weighted")
    total = graph.add("ReduceSum", [weighted, tokens], "total", keepdims=0)
    graph.add("LpNormalization", [total], "vectors", axis=-1, p=2)
