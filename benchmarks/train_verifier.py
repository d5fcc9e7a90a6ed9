"""Trains the verifier: ``python benchmarks/train_verifier.py --minutes 90 --weights v.pt --out v.safetensors``.

Needs .venv-tune (torch). Trains it on the offices with long answers and the invented agencies of data/encoder, and on
the demo's utterances and counterexamples. Goes on with the weights in the file ``--weights`` if it exists, and keeps
them there. ``--out`` is the file that the encoder's build reads, data/encoder/verifier.safetensors; then raise BUILD in
bot/faq/encoder/folder.py, build the encoder, and fit the coefficients with benchmarks/fit_verifier.py.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import torch
from material import Material
from verifier_lessons import lessons
from verifier_network import Reader, Verifier, tensors_of, trained

from bot.core.settings import Settings
from bot.encoder_build.adapter import Adapter
from bot.encoder_build.prepare import default_weights
from bot.encoder_build.verifier import write_trained
from bot.faq.encoder.folder import ADAPTER, TOKENIZER, adapter_digest, chosen_encoder
from bot.tuning.material import preparation
from bot.tuning.training import read_tokenizer


def main() -> None:
    parser = argparse.ArgumentParser(description="Trains the verifier.")
    parser.add_argument("--minutes", type=float, default=0, help="how long; 0 only writes the file")
    parser.add_argument(
        "--weights", type=Path, required=True, help="torch's file of weights, to go on with and to keep"
    )
    parser.add_argument("--out", type=Path, required=True, help="the file for the encoder's build")
    parser.add_argument("--seed", type=int, default=1)
    arguments = parser.parse_args()
    settings = Settings()
    material = Material.from_settings(settings)
    tokenizer = read_tokenizer(chosen_encoder(settings) / TOKENIZER)
    reader = Reader(Adapter.load(ADAPTER).merged_into(default_weights(settings.answers_home)), tokenizer)
    verifier = Verifier(reader.model).eval()
    if arguments.weights.is_file():
        verifier.load_state_dict(torch.load(arguments.weights))
    if arguments.minutes:
        taught = lessons(material.entries, preparation(material.background))
        verifier = trained(verifier, reader, taught, (arguments.minutes, arguments.seed))
        torch.save(verifier.state_dict(), arguments.weights)
    write_trained(tensors_of(verifier), adapter_digest(ADAPTER), arguments.out)


if __name__ == "__main__":
    main()
