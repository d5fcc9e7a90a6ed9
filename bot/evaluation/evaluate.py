"""Evaluates an FAQ: loads its entries and the messages, sends each message to the answerer, and builds the report.

Neither Rasa nor a running system is needed.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from pathlib import Path

from rich.console import Console
from rich.progress import track

from bot.agency.model import Agency
from bot.core.settings import Settings
from bot.core.texts import say
from bot.evaluation.asking import Setup, ask_all
from bot.evaluation.queries import load
from bot.evaluation.report import Report
from bot.faq.entries.folder import load_folder
from bot.faq.entries.problem import Severity
from bot.faq.publishing.load import load_answerer


@dataclass(frozen=True)
class Evaluated:
    """The result of an evaluation: notices about problems, in Spanish, and the report.

    ``report`` is None if the messages or the FAQ cannot be used.
    """

    notices: tuple[str, ...]
    report: Report | None = None


def evaluated(path: Path, faq_dir: Path | None, settings: Settings, agency: Agency) -> Evaluated:
    """Evaluates the FAQ in ``faq_dir`` with the messages in ``path``. Raises EncoderMissing.

    If ``faq_dir`` is None, evaluates the FAQ of the settings; otherwise its entries may name any team. If a line of
    ``path`` is invalid, sends no message and returns the problems as notices.
    """
    faq = faq_dir or settings.faq_dir
    folder = load_folder(faq, agency.teams if faq_dir is None else None)
    if not folder.entries:
        return Evaluated((say("eval.sin_entradas", carpeta=faq),))
    errors = sum(problem.severity is Severity.ERROR for problem in folder.problems)
    notices = [say("eval.faq_con_problemas", cuantos=errors, carpeta=faq)] if errors else []
    read = load(path, {entry.id for entry in folder.entries})
    if read.problems:
        lines = (problem.words(path.name) for problem in read.problems)
        return Evaluated((*notices, *lines, say("eval.mal", errores=len(read.problems))))
    answerer = load_answerer(settings, agency, folder)
    asked = ask_all(answerer, read.queries, Setup(date.today(), agency.max_choices))
    shown = Console(stderr=True)
    step = say("eval.midiendo")
    outcomes = track(asked, step, total=len(read.queries), console=shown, transient=True, disable=not shown.is_terminal)
    return Evaluated(tuple(notices), Report.from_outcomes(list(outcomes), answerer.thresholds))
