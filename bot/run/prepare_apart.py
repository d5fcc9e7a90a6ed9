"""Prepares the FAQ in a process of its own, so that the launcher does not keep the encoder's 300 MB."""

from __future__ import annotations

import multiprocessing
import signal
from collections.abc import Callable
from multiprocessing.connection import Connection

from bot.core.errors import PreparationKilled, VentanillaError
from bot.core.process import die_with_parent
from bot.core.settings import Settings


def prepare_apart(settings: Settings, report: Callable[[float, str], None]) -> None:
    """Prepares the encoder and the vectors of the FAQ; calls ``report(share, step)`` only if something was missing.

    Raises EncoderMissing or another VentanillaError of ``prepare_faq``; PreparationKilled if the process was.
    """
    context = multiprocessing.get_context("spawn")
    receiver, sender = context.Pipe(duplex=False)
    child = context.Process(target=_prepare, args=(settings, sender))
    child.start()
    sender.close()
    try:
        _follow(receiver, report)
        child.join()
    finally:
        child.kill()
        child.join()
    if child.exitcode:
        raise PreparationKilled(exit=child.exitcode)


def _follow(receiver: Connection, report: Callable[[float, str], None]) -> None:
    """Passes the child's reports on until it closes its end; raises the error that it sends."""
    while True:
        try:
            told = receiver.recv()
        except EOFError:
            return
        if isinstance(told, VentanillaError):
            raise told
        report(*told)


def _prepare(settings: Settings, sender: Connection) -> None:
    die_with_parent(signal.SIGKILL)
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C reaches the launcher, which ends this process
    from bot.agency.model import load_agency
    from bot.run.preparation import prepare_faq

    try:
        prepare_faq(settings, load_agency(settings.agency_file), lambda share, step: sender.send((share, step)))
    except VentanillaError as error:
        sender.send(error)
    sender.close()
