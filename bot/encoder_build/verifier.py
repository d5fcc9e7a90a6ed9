"""Reads the trained weights of the verifier and writes it as an ONNX graph.

The verifier reads a message together with texts of an entry, and says whether the entry answers the message. Each text
has passed through the encoder's first layers alone (LOWER in graph.py). The states of all tokens then pass together
through layers of the same form, which benchmarks/train_verifier.py trained; a small network compares the mean of the
message's tokens with the mean of the entry's. The file is in safetensors format; its matrices have a row per output, of
8-bit integers, each with a scale per row in half precision.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
from onnx import TensorProto, helper
from safetensors import SafetensorError, safe_open
from safetensors.numpy import save

from bot.core.disk import replace_file
from bot.core.errors.encoder import AdapterUnusable
from bot.encoder_build.graph import LOWER
from bot.encoder_build.network import Network
from bot.encoder_build.weights import Floats, Shape, Weights
from bot.faq.encoder.verifier import MESSAGE

MOST = 127  # largest 8-bit weight in the file
SCALE = ".scale"
ADAPTER = "adapter"  # key of the file's metadata
KINDS = "kinds"


def write_trained(tensors: dict[str, Floats], adapter: str, path: Path) -> None:
    """Writes the verifier's tensors to ``path``, the layers' matrices with 8 bits a weight; replaces it atomically.

    ``adapter`` is the digest of the adapter with which the encoder was trained.
    """
    found: dict[str, np.ndarray] = {}
    for name, tensor in tensors.items():
        if not _is_matrix(name, tensor):
            found[name] = tensor.astype(np.float16)
            continue
        scales = (np.abs(tensor).max(axis=1, keepdims=True) / MOST).astype(np.float16)
        found[name] = np.rint(tensor / scales.astype(np.float32)).clip(-MOST, MOST).astype(np.int8)
        found[f"{name}{SCALE}"] = scales
    replace_file(path, save(found, {ADAPTER: adapter}))


def read_trained(path: Path) -> tuple[dict[str, Floats], str]:
    """Reads what ``write_trained`` wrote: the tensors as float32, and the adapter's digest.

    Raises AdapterUnusable if the file is missing or damaged.
    """
    try:
        with safe_open(path, "numpy") as file:
            found = {name: file.get_tensor(name) for name in file.keys()}
            adapter = file.metadata()[ADAPTER]
    except (OSError, SafetensorError, TypeError) as error:  # TypeError: without metadata
        raise AdapterUnusable(file=str(path)) from error
    scales = {name.removesuffix(SCALE): found.pop(name) for name in [*found] if name.endswith(SCALE)}
    return {
        name: tensor.astype(np.float32) * scales.get(name, np.float32(1)) for name, tensor in found.items()
    }, adapter


def write_verifier(tensors: dict[str, Floats], shape: Shape, path: Path, *, exact: bool = False) -> None:
    """Writes the graph as an ONNX file; with ``exact``, the layers' matrices remain float32.

    ``shape`` is the encoder's. The inputs are ``states`` (float32, pairs of equal length with a row per token, as the
    encoder gives them) and ``kinds`` (int64, the kind of text of each token, MESSAGE or another). The output is
    ``log_odds`` (float32, of each pair).
    """
    graph = Network(exact=exact, rounded=False)
    weights = Weights(shape, tensors, (), np.zeros(0, np.float32))
    kinds = graph.add("Gather", [graph.constant("table", tensors[KINDS]), KINDS], "kinds.of")
    hidden = graph.add("Add", ["states", kinds], "kinds.sum")
    for layer in range(LOWER, shape.layers):
        hidden = graph.layer(weights, layer, hidden)
    _compared(graph, tensors, hidden)
    pairs, tokens = "pairs", "tokens"
    states = helper.make_tensor_value_info("states", TensorProto.FLOAT, [pairs, tokens, shape.width])
    of = helper.make_tensor_value_info(KINDS, TensorProto.INT64, [pairs, tokens])
    log_odds = helper.make_tensor_value_info("log_odds", TensorProto.FLOAT, [pairs])
    graph.save("verifier", [states, of], [log_odds], path)


def _compared(graph: Network, tensors: dict[str, Floats], hidden: str) -> None:
    """Adds the network that compares the means of the two sides, with the output ``log_odds``."""
    message = graph.constant("message", np.array(MESSAGE, np.int64))
    is_message = graph.add(
        "Cast", [graph.add("Equal", [KINDS, message], "same")], "message.tokens", to=TensorProto.FLOAT
    )
    is_entry = graph.add("Sub", [graph.constant("one", np.array(1, np.float32)), is_message], "entry.tokens")
    last, along = (graph.constant(f"axis.{axis}", np.array([axis], np.int64)) for axis in (-1, 1))

    def mean(side: str, tokens: str) -> str:
        wide = graph.add("Unsqueeze", [tokens, last], f"{side}.wide")
        total = graph.add(
            "ReduceSum", [graph.add("Mul", [hidden, wide], f"{side}.own"), along], f"{side}.total", keepdims=0
        )
        count = graph.add("ReduceSum", [tokens, along], f"{side}.count", keepdims=1)
        return graph.add("Div", [total, count], f"{side}.mean")

    said, entry = mean("message", is_message), mean("entry", is_entry)
    both = graph.add("Concat", [said, entry, graph.add("Mul", [said, entry], "product")], "both", axis=1)
    inner = graph.add("Gelu", [_dense(graph, tensors, both, "inner")], "inner.gelu")
    graph.add("Squeeze", [_dense(graph, tensors, inner, "out"), last], "log_odds")


def _dense(graph: Network, tensors: dict[str, Floats], source: str, name: str) -> str:
    """Adds a linear layer that is never quantized."""
    names = [source, *(graph.constant(f"{name}.{part}", tensors[f"{name}.{part}"]) for part in ("w", "b"))]
    return graph.add("Gemm", names, f"{name}.out", transB=1)


def _is_matrix(name: str, tensor: Floats) -> bool:
    return name.startswith("l") and tensor.ndim == 2
