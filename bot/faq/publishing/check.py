"""Formats the problems of FAQ files for `ventanilla check`, and the decision on a message for `ventanilla ask`.

Also compares entries in meaning, and judges sentences about dangers, for `ventanilla check`.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date

from bot.core.errors.encoder import EncoderMissing
from bot.core.messages import Candidate
from bot.core.texts import say
from bot.crisis.emergency import find as find_emergency
from bot.faq.answering.answerer import Answerer
from bot.faq.answering.decision import Decision
from bot.faq.entries.entry import Entry
from bot.faq.entries.problem import Problem
from bot.faq.publishing.conflicts import find
from bot.faq.ranking.risk import Danger, dangers_in
from bot.faq.ranking.vectorizer import Vectorizer
from bot.faq.words.lexicon import Lexicon


def report(problems: Sequence[Problem]) -> list[str]:
    """Returns one line per problem, in the order given."""
    return [_line(problem) for problem in problems]


def comparison(entries: Sequence[Entry], lexicon: Lexicon, load: Callable[[], Vectorizer]) -> list[Problem] | None:
    """Returns advice about entries that mean nearly the same; None if ``load`` raises EncoderMissing."""
    try:
        return find(entries, load(), lexicon)
    except EncoderMissing:
        return None


def judge_of(vectorizer: Vectorizer) -> Callable[[Sequence[str]], list[Danger | None]]:
    """Returns a function that finds the danger in each of several sentences.

    Its first call may train the classifier, which takes seconds.
    """
    return lambda texts: dangers_in(vectorizer.rows(tuple(texts)), vectorizer.dangers)


def _line(problem: Problem) -> str:
    field = say("faq.linea_campo", campo=problem.field) if problem.field else ""
    return say(
        f"faq.linea.{problem.severity}",
        archivo=problem.file,
        linea=problem.line,
        campo=field,
        mensaje=problem.message,
        arreglo=problem.fix,
    )


def explain(answerer: Answerer, text: str, *, today: date | None = None, ids: bool = True) -> list[str]:
    """Returns lines that show the decision on ``text``, the candidates with their probabilities, and the thresholds.

    With ``ids``, the lines also contain the entries' ids, which are the names of their files.
    """
    decision = answerer.answer(text, today=today or answerer.agency.today())
    rest = decision.candidates[1:] if decision.entry else decision.candidates
    nearest = [say("faq.preguntar.cercanas")] if decision.entry and rest else []
    limits = answerer.thresholds
    return [
        *_danger(text, decision),
        *(() if _is_sure(decision) else _verdict(decision, ids)),
        *nearest,
        *(_candidate(candidate, ids) for candidate in rest),
        say("faq.preguntar.umbrales", responde=_percent(limits.answer), aclara=_percent(limits.offer)),
    ]


def _is_sure(decision: Decision) -> bool:
    return decision.danger is not None and decision.danger.sure


def _danger(text: str, decision: Decision) -> list[str]:
    """Returns a line about the danger that an emergency phrase or the classifier found; [] if neither did."""
    if kind := find_emergency(text):
        return [say("faq.preguntar.peligro_frase", tipo=kind)]
    if decision.danger is None:
        return []
    degree = "seguro" if decision.danger.sure else "posible"
    return [say(f"faq.preguntar.peligro_{degree}", tipo=decision.danger.kind)]


def _verdict(decision: Decision, ids: bool) -> list[str]:
    if decision.entry or decision.variants:
        kind = "responde" if decision.kind == "answer" else "vencida"
        named = [(one, {"pregunta": one.question, "entrada": _id(one.id, ids)}) for one in decision.answers]
        return [say(f"faq.preguntar.{kind}", **names, seguridad=_sure(decision, one.id)) for one, names in named]
    if decision.out_of_scope_topic is not None:
        kind = "deriva" if decision.kind == "refer" else "otra_oficina"
        return [
            say(
                f"faq.preguntar.{kind}",
                asunto=decision.out_of_scope_topic.title,
                organismo=decision.out_of_scope_topic.body,
            )
        ]
    if asks := decision.asks:
        question = next((one.question for one in decision.candidates if one.entry == asks.entry), "")
        entry = _id(asks.entry, ids)
        return [say("faq.preguntar.publico", pregunta=question, entrada=entry, publico=asks.dimension)]
    if decision.kind in ("clarify", "scope"):
        return [say("faq.preguntar.aclara" if decision.kind == "clarify" else "faq.preguntar.ajeno")]
    return [say("faq.preguntar.persona" if decision.candidates else "faq.preguntar.ilegible")]


def _sure(decision: Decision, entry: str) -> str:
    return _percent(next((one.confidence for one in decision.candidates if one.entry == entry), 1.0))


def _candidate(candidate: Candidate, ids: bool) -> str:
    percent, entry = _percent(candidate.confidence), _id(candidate.entry, ids)
    return say("faq.preguntar.candidata", seguridad=percent, entrada=entry, pregunta=candidate.question)


def _id(id: str, shown: bool) -> str:
    return say("faq.preguntar.entrada", id=id) if shown else ""


def _percent(share: float) -> str:
    return f"{100 * share:.0f} %"
