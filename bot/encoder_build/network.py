"""Adds the layers of a BERT network to an ONNX graph, with ONNX's own helper functions.

Neither torch nor transformers is needed. The encoder's weights are rounded to 4 bits in blocks of 32, like those that
are downloaded (for tuned weights, more bits gave worse results). Matrices are multiplied as 8-bit integers, which is
fastest on a CPU. For some matrices (UNEVEN), each input token is first divided by its largest value, so that an outlier
in one token does not reduce the precision of the others.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import helper, numpy_helper

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


class Network:
    """The nodes and constants of a graph; each method adds a constant or an operation and returns its name.

    With ``exact``, the layers' matrices are not quantized but remain float32. If not ``rounded``, they are not rounded
    to 4 bits first.
    """

    def __init__(self, *, exact: bool, rounded: bool = True) -> None:
        self.nodes: list[onnx.NodeProto] = []
        self.constants: list[onnx.TensorProto] = []
        self._exact, self._rounded = exact, rounded

    def constant(self, name: str, value: NDArray[np.generic]) -> str:
        self.constants.append(numpy_helper.from_array(value, name))
        return name

    def add(self, operator: str, inputs: list[str], output: str, *, domain: str = "", **attributes: object) -> str:
        self.nodes.append(helper.make_node(operator, inputs, [output], name=output, domain=domain, **attributes))
        return output

    def linear(self, source: str, name: str, weight: Floats, bias: Floats) -> str:
        """Adds a linear layer: ``source`` times the transpose of ``weight`` (a row per output), plus ``bias``."""
        if self._exact:
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
        numbers, scales = whole(blockwise(weight) if self._rounded else weight)
        names = [source, self.constant(f"{name}.w", numbers), self.constant(f"{name}.scales", scales)]
        return self.add("DynamicQuantizeMatMul", names, f"{name}.whole", domain=CONTRIB)

    def norm(self, source: str, name: str, weight: Floats, bias: Floats, *, epsilon: float) -> str:
        names = [source, self.constant(f"{name}.w", weight), self.constant(f"{name}.b", bias)]
        return self.add("LayerNormalization", names, f"{name}.out", axis=-1, epsilon=epsilon)

    def layer(self, weights: Weights, number: int, hidden: str, padding: str = "") -> str:
        """Adds a layer of BERT to the tokens ``hidden``; returns the output's name.

        ``padding`` is the mask of the tokens (int32, 1 or 0), if there are tokens to ignore.
        """
        tensors, shape = weights.tensors, weights.shape

        def linear(source: str, part: str) -> str:
            name = f"l{number}.{part}"
            return self.linear(source, name, tensors[f"{name}.w"], tensors[f"{name}.b"])

        def added(old: str, new: str, part: str) -> str:
            name = f"l{number}.{part}"
            total = self.add("Add", [old, new], f"{name}.sum")
            return self.norm(total, name, tensors[f"{name}.w"], tensors[f"{name}.b"], epsilon=shape.epsilon)

        attended = self.add(
            "MultiHeadAttention",
            [linear(hidden, "q"), linear(hidden, "k"), linear(hidden, "v"), *(["", padding] if padding else [])],
            f"l{number}.attended",
            domain=CONTRIB,
            num_heads=shape.heads,
            mask_filter_value=MASKED,
        )
        hidden = added(hidden, linear(attended, "ao"), "aln")
        inner = self.add("Gelu", [linear(hidden, "fi")], f"l{number}.gelu")
        return added(hidden, linear(inner, "fo"), "oln")

    def save(
        self, name: str, inputs: list[onnx.ValueInfoProto], outputs: list[onnx.ValueInfoProto], path: Path
    ) -> None:
        made = helper.make_graph(self.nodes, name, inputs, outputs, self.constants)
        opsets = [helper.make_opsetid("", OPSET), helper.make_opsetid(CONTRIB, 1)]
        onnx.save(helper.make_model(made, opset_imports=opsets, ir_version=IR_VERSION), path)


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
