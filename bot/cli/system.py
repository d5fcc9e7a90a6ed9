"""Defines the commands for operators: ``run``, ``train``, ``prepare``, ``serve``, ``ready`` and ``doctor``."""

from __future__ import annotations

from typing import Annotated

import typer

from bot.core.outgoing.stores import checked
from bot.core.settings import Settings
from bot.core.terminal import console, explained, settings, unfailing_console
from bot.core.texts import say
from bot.run.service import Service


def run() -> None:
    from bot.run.start import start

    with explained(), unfailing_console() as lasting:
        start(settings(), lasting)


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


def prepare() -> None:
    from bot.run.preparation import prepare

    with explained():
        prepare(settings(), console)


def serve(service: Annotated[Service, typer.Argument(help=say("cli.ayuda.serve_servicio"))]) -> None:
    from bot.run.serve import serve

    with explained():
        serve(checked(Settings()), service)


def ready() -> None:
    from bot.run.addresses import ready

    with explained():
        ready(settings(), console)


def doctor() -> None:
    from bot.run.doctor import examine

    with explained():
        healthy = examine(settings(), console)
        raise typer.Exit(0 if healthy else 1)
