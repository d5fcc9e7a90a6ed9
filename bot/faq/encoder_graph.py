"""Writes the encoder as an ONNX graph: token ids in, one vector of length 1 a text out.

Second step of ``encoder_build``. A BERT encoder with mean pooling, written with ONNX's own helper so that neither torch
nor transformers is needed. Matrices are stored in blocks of 32 weights: at 4 bits, exactly as the weights come (nothing
is lost, quantising them again gives the same numbers); at 8 bits for weights that were tuned; at 32 bits plain.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import TensorProto, helper, numpy_helper

from bot.faq.encoder_weights import BLOCK, Floats, Weights

OPSET = 20
CONTRIB = "com.microsoft"
IR_VERSION = 10
PLAIN_BITS = 32
INT8_ACTIVATIONS = 4
MASKED = -1e9


class _Graph:
    """Collects nodes and constants; each method adds one step and returns the name of its output."""

    def __init__(self, bits: int, accuracy: int) -> None:
        self.nodes: list[onnx.NodeProto] = []
        self.constants: list[onnx.TensorProto] = []
        self.bits = bits
        self.accuracy = accuracy

    def constant(self, name: str, value: NDArray[np.generic]) -> str:
        self.constants.append(numpy_helper.from_array(value, name))
        return name

    def add(self, operator: str, inputs: list[str], output: str, *, domain: str = "", **attributes: object) -> str:
        self.nodes.append(helper.make_node(operator, inputs, [output], name=output, domain=domain, **attributes))
        return output

    def linear(self, source: str, name: str, weight: Floats, bias: Floats) -> str:
        """``source`` times the matrix plus the bias."""
        product = self._blocks(source, name, weight) if self.bits < PLAIN_BITS else self._matrix(source, name, weight)
        return self.add("Add", [product, self.constant(f"{name}.b", bias)], f"{name}.out")

    def _matrix(self, source: str, name: str, weight: Floats) -> str:
        matrix = self.constant(f"{name}.w", np.ascontiguousarray(weight.T))
        return self.add("MatMul", [source, matrix], f"{name}.product")

    def _blocks(self, source: str, name: str, weight: Floats) -> str:
        numbers, scales = quantised(weight, self.bits)
        outputs, inputs = weight.shape
        packed = _packed(numbers, self.bits).reshape(outputs, inputs // BLOCK, -1)
        names = [source, self.constant(f"{name}.w", packed), self.constant(f"{name}.scales", scales)]
        return self.add(
            "MatMulNBits",
            names,
            f"{name}.product",
            domain=CONTRIB,
            K=inputs,
            N=outputs,
            bits=self.bits,
            block_size=BLOCK,
            accuracy_level=self.accuracy,
        )

    def norm(self, source: str, name: str, weight: Floats, bias: Floats, *, epsilon: float) -> str:
        names = [source, self.constant(f"{name}.w", weight), self.constant(f"{name}.b", bias)]
        return self.add("LayerNormalization", names, f"{name}.out", axis=-1, epsilon=epsilon)


def quantised(weight: Floats, bits: int) -> tuple[NDArray[np.uint8], Floats]:
    """Numbers 0 .. 2**bits - 1 in blocks along the rows, and one scale a block: weight = (number - half) * scale."""
    half = 2 ** (bits - 1)
    blocks = weight.reshape(-1, BLOCK)
    extreme = np.take_along_axis(blocks, np.abs(blocks).argmax(axis=1)[:, None], axis=1)
    scales = (extreme / -half).astype(np.float32)
    safe = np.where(scales == 0, 1, scales)
    numbers = np.clip(np.rint(blocks / safe) + half, 0, 2 * half - 1).astype(np.uint8)
    return numbers, scales.reshape(weight.shape[0], -1)


def _packed(numbers: NDArray[np.uint8], bits: int) -> NDArray[np.uint8]:
    if bits == 8:
        return numbers
    return np.bitwise_or(numbers[:, 0::2], np.left_shift(numbers[:, 1::2], 4), dtype=np.uint8)


def write_graph(weights: Weights, path: Path, *, bits: int = 4, accuracy: int = INT8_ACTIVATIONS) -> None:
    """Writes the graph with inputs ``input_ids`` and ``attention_mask`` (int64, [texts, tokens]) and output ``vectors``
    (float32, [texts, width], each of length 1).
    """
    graph = _Graph(bits, accuracy)
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
    """Sum of word and place, normalised. The word table stays at 4 bits: its rows are only looked up."""
    tensors, width = weights.tensors, weights.shape.width
    numbers, scales = quantised(tensors["emb.word"], 4)
    signed = _packed(np.bitwise_xor(numbers, 8, dtype=np.uint8), 4)
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
    places = graph.add("Range", [zero, length, one], "places")
    table = graph.constant("place", tensors["emb.pos"] + tensors["emb.type"][0])
    placed = graph.add("Add", [words, graph.add("Gather", [table, places], "placed")], "sum")
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
    """Mean over the tokens of each text, scaled to length 1."""
    mask = graph.add("Cast", ["attention_mask"], "mask", to=TensorProto.FLOAT)
    last = graph.constant("axis.last", np.array([-1], np.int64))
    tokens = graph.constant("axis.tokens", np.array([1], np.int64))
    weighted = graph.add("Mul", [hidden, graph.add("Unsqueeze", [mask, last], "mask.wide")], "weighted")
    total = graph.add("ReduceSum", [weighted, tokens], "total", keepdims=0)
    graph.add("LpNormalization", [total], "vectors", axis=-1, p=2)
