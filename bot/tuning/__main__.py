"""Trains the adapter on the FAQ, the atlas and invented agencies; writes its card: ``python -m bot.tuning``.

``make tune`` and ``ventanilla train --refine`` run this in the environment .venv-tune. Only half of the utterances of
each entry are used for training (material.py explains why). Training takes about half an hour on two cores. The same
seed gives the same file on the same machine.
"""

from __future__ import annotations

import tempfile
import time
from pathlib import Path
from typing import Annotated

import typer

from bot.agency.model import load_agency
from bot.core.settings import Settings, load_settings
from bot.core.terminal import console, explained
from bot.core.texts import say
from bot.encoder_build.adapter import Adapter
from bot.encoder_build.prepare import build_encoder, default_weights
from bot.faq.encoder.encoder import Encoder
from bot.faq.encoder.folder import TOKENIZER
from bot.faq.entries.folder import load_folder
from bot.faq.ranking.background import load_background
from bot.tuning.card import Origin, write_card
from bot.tuning.material import Material, Prepared, material_of, preparation, similar_topics
from bot.tuning.training import Plan, read_tokenizer, tuned

USUAL = Plan()
# 0 is the original encoder, 1 the fully tuned one. In tests, 0.85 was best at recognizing questions without an entry.
SCALE = 0.85
Help = typer.Option


def main(
    out: Annotated[Path, Help("--out", metavar="ARCHIVO", help=say("tuning.ayuda.out"))],
    steps: Annotated[int, Help("--steps", min=1, help=say("tuning.ayuda.steps"))] = USUAL.steps,
    seed: Annotated[int, Help("--seed", help=say("tuning.ayuda.seed"))] = USUAL.seed,
    scale: Annotated[float, Help("--scale", min=0, max=1, help=say("tuning.ayuda.scale"))] = SCALE,
    rate: Annotated[float, Help("--rate", min=0, help=say("tuning.ayuda.rate"))] = USUAL.rate,
    matters: Annotated[int, Help("--matters", min=2, help=say("tuning.ayuda.matters"))] = USUAL.matters_a_step,
    begin: Annotated[Path | None, Help("--begin", metavar="ARCHIVO", help=say("tuning.ayuda.begin"))] = None,
) -> None:
    """Trains the adapter, and writes it to ``out`` and its card next to it."""
    with explained():
        settings, plan = load_settings(), Plan(steps=steps, matters_a_step=matters, seed=seed, rate=rate)
        base = Adapter.load(begin) if begin else None
        background = load_background(settings.project_root / "data")
        entries = load_folder(settings.faq_dir, load_agency(settings.agency_file).teams).entries
        material, progress = material_of(entries, background), _ProgressPrinter(plan)
        tune(settings, material, preparation(background), plan=plan, base=base, progress=progress).scaled(scale).save(
            out
        )
        card = write_card(out, Origin(material, plan, scale, begin.name if begin else "", progress.loss))
        _report("tuning.listo", archivo=out, minutos=round(progress.seconds / 60), ficha=card)


def tune(
    settings: Settings,
    material: Material,
    prepared: Prepared,
    *,
    plan: Plan,
    base: Adapter | None,
    progress: _ProgressPrinter,
) -> Adapter:
    """Trains the adapter, starting from ``base`` if given, and returns it unscaled; prints the progress.

    Raises EncoderMissing.
    """
    _report("tuning.reune", entradas=len(material.entries), asuntos=len(material.atlas), textos=material.texts)
    weights = default_weights(settings.answers_home)
    with tempfile.TemporaryDirectory() as scratch:
        plain = Path(scratch) / "plain"
        build_encoder(weights, None, plain)
        _report("tuning.vecinos")
        near = similar_topics(material.topics, prepared, Encoder(plain))
        tokenizer = read_tokenizer(plain / TOKENIZER)
    progress.steps_begin()
    return tuned(weights, tokenizer, material, near, prepared=prepared, plan=plan, base=base, progress=progress)


class _ProgressPrinter:
    """A callback that prints the progress of tuning and the estimated remaining time."""

    def __init__(self, plan: Plan) -> None:
        self._steps = plan.steps
        self._started = self._stepping = time.monotonic()
        self.loss = 0.0

    @property
    def seconds(self) -> float:
        return time.monotonic() - self._started

    def steps_begin(self) -> None:
        self._stepping = time.monotonic()

    def __call__(self, step: int, loss: float) -> None:
        self.loss = loss
        left_s = (time.monotonic() - self._stepping) / step * (self._steps - step)
        _report("tuning.paso", paso=step, pasos=self._steps, perdida=loss, minutos=round(left_s / 60))


def _report(key: str, **values: object) -> None:
    console.print(say(key, **values), markup=False, soft_wrap=True)


if __name__ == "__main__":
    typer.run(main)
