"""Defines the commands for operators: ``run``, ``train`` and ``doctor``."""

from __future__ import annotations

from typing import Annotated

import typer

from bot.core.terminal import console, explained, settings
from bot.core.texts import say


def run() -> None:
    from bot.run.start import start

    with explained():
        start(settings(), console)


def train(
    refine: Annotated[bool, typer.Option("--refine", help=say("cli.ayuda.train_refine"))] = False,
) -> None:
    from bot.run.refine import Refinement
    from bot.run.start import train_and_swap

    with explained():
        refinement = Refinement.of(settings()) if refine else None
        train_and_swap(settings(), console)
        if refinement:
            refinement.run(console)


def doctor() -> None:
    from bot.run.doctor import examine

    with explained():
        healthy = examine(settings(), console)
        raise typer.Exit(0 if healthy else 1)
