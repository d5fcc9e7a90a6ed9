"""Writes an ONNX model with one operator, MatMulInteger: a matrix of bytes times a constant matrix of signed bytes.

ONNX Runtime repacks the constant once, when it loads the model, for fast multiplication. This module encodes the model
itself, as defined by onnx.proto (https://github.com/onnx/onnx/blob/main/onnx/onnx.proto), since importing the library
``onnx`` would take 12 MB of memory.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from onnxruntime import InferenceSession

IR_VERSION, OPSET = 10, 20
UINT8, INT8, INT32 = 2, 3, 6  # TensorProto.DataType
LEFT, RIGHT, PRODUCT = "left", "right", "product"


def integer_products(right: NDArray[np.int8]) -> InferenceSession:
    """Returns a session on one thread that multiplies ``left`` (uint8, any number of rows) by ``right``, as int32."""
    os.environ["ORT_DISABLE_TELEMETRY"] = "1"  # see bot/faq/encoder/encoder.py
    import onnxruntime  # imported here: the bot process imports this module but never multiplies

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    session = onnxruntime.InferenceSession(_model(right), options, providers=["CPUExecutionProvider"])
    session.disable_fallback()  # it would load the model again after a failure, and hide the error
    session._model_bytes = None  # the library would keep the model, as large as the repacked constant, to load it again
    return session


def _model(right: NDArray[np.int8]) -> bytes:
    rows, columns = right.shape
    node = _text(1, LEFT) + _text(1, RIGHT) + _text(2, PRODUCT) + _text(4, "MatMulInteger")
    constant = _number(1, rows) + _number(1, columns) + _number(2, INT8) + _text(8, RIGHT) + _bytes(9, right.tobytes())
    graph = (
        _bytes(1, node)
        + _text(2, "products")
        + _bytes(5, constant)
        + _bytes(11, _matrix(LEFT, UINT8, rows))
        + _bytes(12, _matrix(PRODUCT, INT32, columns))
    )
    return _number(1, IR_VERSION) + _bytes(7, graph) + _bytes(8, _text(1, "") + _number(2, OPSET))


def _matrix(name: str, kind: int, columns: int) -> bytes:
    """Returns the description (ValueInfoProto) of a matrix with any number of rows."""
    shape = _bytes(1, _text(2, "rows")) + _bytes(1, _number(1, columns))
    return _text(1, name) + _bytes(2, _bytes(1, _number(1, kind) + _bytes(2, shape)))


def _number(field: int, value: int) -> bytes:
    return _varint(field << 3) + _varint(value)


def _text(field: int, value: str) -> bytes:
    return _bytes(field, value.encode())


def _bytes(field: int, value: bytes) -> bytes:
    return b"".join((_varint(field << 3 | 2), _varint(len(value)), value))


def _varint(value: int) -> bytes:
    """Encodes a number in groups of seven bits, the lowest first; each byte but the last has its highest bit set."""
    groups = bytearray()
    while value > 0x7F:
        groups.append(value & 0x7F | 0x80)
        value >>= 7
    return bytes([*groups, value])
