"""Builds the encoder as a torch module with a low-rank adapter, from the same weights as the ONNX graph.

The environment .venv-tune (torch, transformers, peft) is needed. The trained adapter is returned as numpy arrays, which
bot/encoder_build/adapter.py can merge without torch.
"""

from __future__ import annotations

import numpy as np
import torch
from numpy.typing import NDArray
from peft import LoraConfig, inject_adapter_in_model
from transformers import BertConfig, BertModel

from bot.encoder_build.adapter import PARTS, SCALE, Adapter
from bot.encoder_build.weights import Weights

RANK = 16
DROPOUT = 0.05
TARGETS = ("query", "key", "value", "dense")
MODULES = {
    "q": "attention.self.query",
    "k": "attention.self.key",
    "v": "attention.self.value",
    "ao": "attention.output.dense",
    "fi": "intermediate.dense",
    "fo": "output.dense",
}
NORMS = {"aln": "attention.output.LayerNorm", "oln": "output.LayerNorm"}


def build(weights: Weights, adapter: Adapter | None = None) -> BertModel:
    """Returns a BertModel in which only the adapter is trainable; it starts from ``adapter`` or else from a new one."""
    shape = weights.shape
    config = BertConfig(
        vocab_size=len(weights.tensors["emb.word"]),
        hidden_size=shape.width,
        num_hidden_layers=shape.layers,
        num_attention_heads=shape.heads,
        intermediate_size=shape.inner,
        max_position_embeddings=shape.positions,
        layer_norm_eps=shape.epsilon,
        hidden_dropout_prob=0.0,
        attention_probs_dropout_prob=0.0,
    )
    model = BertModel(config, add_pooling_layer=False)
    model.load_state_dict(_state(weights), strict=False)
    lora = LoraConfig(r=RANK, lora_alpha=int(RANK * SCALE), lora_dropout=DROPOUT, target_modules=list(TARGETS))
    model = inject_adapter_in_model(lora, model)
    if adapter is not None:
        _load(model, adapter)
    return model


def learned(model: BertModel) -> Adapter:
    """Returns the trained adapter of ``model``, in half precision."""
    parameters = {name: tensor.detach().numpy() for name, tensor in model.named_parameters() if "lora_" in name}
    down, up = ({_part(name): value for name, value in parameters.items() if side in name} for side in ("_A", "_B"))
    return Adapter({part: (down[part].astype(np.float16), up[part].astype(np.float16)) for part in down})


def vectors(model: BertModel, ids: torch.Tensor, mask: torch.Tensor) -> torch.Tensor:
    """Returns a row for each text: the mean of its token vectors, normalized to unit length."""
    hidden = model(input_ids=ids, attention_mask=mask).last_hidden_state
    expanded = mask.unsqueeze(-1).to(hidden.dtype)
    return torch.nn.functional.normalize((hidden * expanded).sum(1) / expanded.sum(1), dim=-1)


def _part(parameter: str) -> str:
    """Maps the name ``encoder.layer.3.attention.self.query.lora_A.default.weight`` to ``l3.q``."""
    pieces = parameter.split(".lora_")[0].split(".")
    module = ".".join(pieces[3:])
    return f"l{pieces[2]}." + next(part for part, name in MODULES.items() if name == module)


def _load(model: BertModel, adapter: Adapter) -> None:
    for name, parameter in model.named_parameters():
        if "lora_" in name:
            down, up = adapter.parts[_part(name)]
            value: NDArray[np.float16] = down if "_A" in name else up
            parameter.data.copy_(torch.from_numpy(value.astype(np.float32)))


def _state(weights: Weights) -> dict[str, torch.Tensor]:
    tensors = weights.tensors
    state = {
        "embeddings.word_embeddings.weight": tensors["emb.word"],
        "embeddings.position_embeddings.weight": tensors["emb.pos"],
        "embeddings.token_type_embeddings.weight": np.concatenate([tensors["emb.type"], tensors["emb.type"]])[:2],
        "embeddings.LayerNorm.weight": tensors["emb.ln.w"],
        "embeddings.LayerNorm.bias": tensors["emb.ln.b"],
    }
    for layer in range(weights.shape.layers):
        for part, module in (MODULES | NORMS).items():
            for end, written in ((".w", "weight"), (".b", "bias")):
                state[f"encoder.layer.{layer}.{module}.{written}"] = tensors[f"l{layer}.{part}{end}"]
    return {name: torch.from_numpy(np.ascontiguousarray(value)) for name, value in state.items()}


assert set(MODULES) == set(PARTS)  # noqa: S101 - adapter.py and this file must name the same matrices
