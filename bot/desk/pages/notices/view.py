"""Prepares public notices, and the proof that every process shows them, for the page's templates."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from math import ceil
from typing import Any
from uuid import UUID

from bot.agency.model import Agency
from bot.agency.whatsapp_templates import MAX_ANSWER
from bot.channels.formatting.markdown_spans import markdown_spans
from bot.channels.formatting.markup import plain_text
from bot.core.channels import name_of, text_limits
from bot.core.messages import Channel
from bot.core.texts import say
from bot.desk.crisis.book import ALONE_AFTER
from bot.desk.crisis.broadcasts import Before
from bot.desk.crisis.form import LOCAL
from bot.desk.crisis.gaps import SHORTCUT, gaps_in, gaps_of, listed
from bot.desk.crisis.pack_measures import all_of
from bot.desk.views.measure_words import MeasureWords
from bot.figures.numbers import number
from bot.public_notices.measures import Kind, Measure
from bot.public_notices.notice import PublicNotice, Severity
from bot.public_notices.proof import Proof
from bot.public_notices.recorded import measures_in
from bot.public_notices.words import Banner, banner, fits_template, reply_of, template_length
from bot.record.tables import Notice, PackApproval


@dataclass(frozen=True)
class ProofView:
    """The proof as Spanish text: a summary (``line``), and a text for each missing process or channel (``lacks``)."""

    complete: bool
    line: str
    lacks: tuple[str, ...]


@dataclass(frozen=True)
class MeasureLine:
    """A measure in Spanish; ``lifted`` names who lifted it ('' if it is in force), ``until`` when it was lifted."""

    key: str
    words: str
    lifted: str = ""
    until: datetime | None = None


@dataclass(frozen=True)
class Offered:
    """A measure that the form offers; ``text`` can be edited, '' if there is none.

    ``gaps`` lists which placeholders of the text are unfilled, '' if none.
    """

    key: str
    words: str
    text: str = ""
    gaps: str = ""


@dataclass(frozen=True)
class NoticeCard:
    """A notice on the page: its text for citizens (``shown``), its history in Spanish, and the viewer's actions.

    ``when`` is the notice's period, ``starts`` its start if it is published and starts later, else ''. ``history``
    states who wrote, published and ended it. ``lengths`` are its lengths on the channels. ``is_mine`` is true if the
    viewer wrote it. The author may publish it alone in ``alone_in_s`` seconds, 0 if already now; ``alone_words`` states
    from when.
    """

    row: Notice
    shown: Banner
    when: str
    starts: str
    history: str
    lengths: tuple[str, ...]
    gaps: str  # the data still to be filled in, in words; '' if none
    is_mine: bool
    alone_in_s: int
    alone_words: str
    replaces: tuple[str, ...]
    told_before: str  # what came of the broadcasts of earlier revisions, in words; '' if there were none
    measures: tuple[MeasureLine, ...] = ()


class NoticeViews:
    """Builds the cards for one agency."""

    def __init__(self, agency: Agency, words: MeasureWords | None = None) -> None:
        self._agency, self._zone = agency, agency.zone
        self._words = words or MeasureWords(agency)

    def card(self, row: Notice, viewer: UUID | None, before: Before | None = None) -> NoticeCard:
        """Returns the card of a notice; ``before`` is what came of the broadcasts of its earlier revisions."""
        notice, now = self._notice(row), datetime.now(UTC)
        alone_at = row.asked_at + ALONE_AFTER
        return NoticeCard(
            row=row,
            shown=banner(notice, self._agency),
            when=self._when(row),
            starts=self.starts(row),
            history=self._history(row),
            lengths=self._lengths(notice),
            gaps=listed(gaps_of(row)),
            is_mine=row.author_id == viewer,
            alone_in_s=max(0, ceil((alone_at - now).total_seconds())),
            alone_words=say("avisos.pagina.sola_desde", hora=self.hour(alone_at)),
            replaces=tuple(self._words.question_of(one) for one in row.entries),
            told_before=_told_before(before or Before()),
            measures=tuple(self._line(row, one) for one in measures_in(row)),
        )

    def offered(self, measures: Sequence[Measure]) -> list[Offered]:
        """Returns the measures as Spanish text, for the form that offers them."""
        return [self._offered(one) for one in measures]

    def _offered(self, one: Measure) -> Offered:
        if one.kind is not Kind.CANNED:
            return Offered(one.key, self._words.of(one))
        gaps = gaps_in(one.value)
        gaps_words = say("avisos.pagina.completa", cuales=listed(gaps)) if gaps else ""
        return Offered(one.key, f"{SHORTCUT}{one.target}", one.value, gaps_words)

    def _line(self, row: Notice, one: Measure) -> MeasureLine:
        words, lifted = self._words.of(one, drill=row.drill), row.lifted.get(one.key)
        if lifted is None:
            return MeasureLine(one.key, words)
        at = datetime.fromisoformat(lifted["at"])
        lifted_words = say("avisos.pagina.medida_levantada", nombre=lifted["name"], hora=self.hour(at))
        return MeasureLine(one.key, words, lifted_words, at)

    def extra_characters(self) -> int:
        """Returns roughly how many characters a message has in addition to the text of its notice."""
        at = int(datetime.now(UTC).timestamp() * 1000)  # without the date that the signature has from the next day on
        notice = PublicNotice("", "x", Severity.IMPORTANT, self._agency.name, at, 0, 0)
        return len(plain_text(markdown_spans(reply_of(notice, self._agency).text))) - 1

    def fields(self, row: Notice, prepared: tuple[Measure, ...] = ()) -> Mapping[str, Any]:
        """Returns the fields of a notice's form, which offers the notice's measures and the ``prepared`` measures."""
        start = row.starts_at.astimezone(self._zone).strftime(LOCAL) if row.starts_at and _is_later(row) else ""
        return {
            "texto": row.text,
            "gravedad": row.severity,
            "firma": row.signed,
            "horas": str(row.hours),
            "desde": start,
            "sectores": "\n".join(row.sectors),
            "sobre": "\n".join(row.utterances),
            "reemplaza": "\n".join(row.entries),
            "paquete": row.pack,
            "medidas": [one.key for one in measures_in(row) if one.key not in row.lifted],
            "levantadas": sorted(row.lifted),
            "ofrecidas": self.offered(all_of(measures_in(row), prepared)),
            **({"simulacro": "1"} if row.drill else {}),
        }

    def proof(self, proof: Proof | None) -> ProofView:
        """Describes in Spanish which processes and channels show the notices; with None, that Redis is unavailable."""
        if proof is None:
            return ProofView(complete=False, line=say("avisos.prueba_pagina.sin_valkey"), lacks=())
        channels = len(proof.channels) + len(proof.missing)
        line = say(
            "avisos.prueba_pagina.linea",
            procesos=_of(("proceso", "procesos"), len(proof.shown), proof.processes),
            canales=_of(("canal_uno", "canales"), len(proof.channels), channels),
        )
        if proof.took_ms is not None:
            line += say("avisos.prueba_pagina.demora", segundos=f"{proof.took_ms / 1000:.1f}".replace(".", ","))
        behind = tuple(say("avisos.prueba_pagina.atrasado", proceso=one) for one in proof.behind)
        silent = (say("avisos.prueba_pagina.callados", cuantos=proof.silent),) if proof.silent else ()
        missing = tuple(say("avisos.prueba_pagina.canal", canal=name_of(Channel(one))) for one in proof.missing)
        nobody = () if proof.processes else (say("avisos.prueba_pagina.nadie"),)
        return ProofView(proof.is_complete, line, (*behind, *silent, *missing, *nobody))

    def _notice(self, row: Notice) -> PublicNotice:
        signed = row.published_at or datetime.now(UTC)
        severity, sectors = Severity(row.severity), tuple(row.sectors)
        at = int(signed.timestamp() * 1000)
        id = f"{row.number}.{row.revision}"
        return PublicNotice(id, row.text, severity, row.signed, at, 0, 0, sectors, drill=row.drill)

    def _lengths(self, notice: PublicNotice) -> tuple[str, ...]:
        length = len(plain_text(markdown_spans(reply_of(notice, self._agency).text)))
        others = (
            say("avisos.pagina.largo_en", canal=name_of(Channel(name)), n=length, limite=f"{limit:,}".replace(",", "."))
            for name, limit in text_limits().items()
        )
        carried = template_length(notice, self._agency)
        is_long = bool(self._agency.templates.answer) and not fits_template(notice, self._agency)
        too_long = (say("avisos.pagina.largo_plantilla", n=carried, limite=MAX_ANSWER),) if is_long else ()
        return (say("avisos.pagina.largo_web", n=len(notice.text)), *others, *too_long)

    def _when(self, row: Notice) -> str:
        if row.published_at is None or row.ends_at is None:
            begins = self.hour(row.starts_at) if row.starts_at else say("avisos.pagina.al_publicar")
            return say("avisos.pagina.duraria", desde=begins, horas=row.hours)
        start = row.starts_at or row.published_at
        ended = row.ended_at or row.ends_at
        return say("avisos.pagina.entre", desde=self.hour(start), hasta=self.hour(ended))

    def starts(self, row: Notice) -> str:
        """Returns in Spanish when a published notice starts; '' if it is a draft or has started."""
        return self.hour(row.starts_at) if row.published_at and row.starts_at and _is_later(row) else ""

    def _history(self, row: Notice) -> str:
        if row.published_at is None:
            return say("avisos.pagina.escribio", nombre=row.author_name, hora=self.hour(row.asked_at))
        key = "publico_sola" if row.reason else "publico"
        published = say(f"avisos.pagina.{key}", autor=row.author_name, nombre=row.approver_name, motivo=row.reason)
        if not row.ended:
            return published
        return f"{published} {say(f'avisos.pagina.fin_{row.ended}', nombre=row.ended_by)}"

    @staticmethod
    def lifted_told(reached: int) -> str:
        """Returns in Spanish that a notice was lifted that ``reached`` citizens have on their phones; '' if none."""
        return _told("se_mando", reached)

    def approved(self, one: PackApproval) -> str:
        """Returns Spanish text that states who approved a pack, and when."""
        local = one.at.astimezone(self._zone)
        return say("avisos.pagina.aprobado_por", nombre=one.name, dia=f"{local:%d-%m-%Y}", hora=f"{local:%H:%M}")

    def hour(self, at: datetime) -> str:
        local, now = at.astimezone(self._zone), datetime.now(self._zone)
        same = local.date() == now.date()
        return f"{local:%H:%M}" if same else say("avisos.otro_dia", dia=f"{local:%d-%m}", hora=f"{local:%H:%M}")


def _told_before(before: Before) -> str:
    told = [_told("antes_se_mando", before.reached), _told("antes_no_salio", before.missed)]
    return " ".join([*filter(None, told), say("avisos.pagina.prepara_envio")]) if any(told) else ""


def _told(key: str, reached: int) -> str:
    words = "una" if reached == 1 else "varias"
    return say(f"avisos.pagina.{key}.{words}", n=number(reached)) if reached else ""


def _is_later(row: Notice) -> bool:
    return row.starts_at is not None and row.starts_at > datetime.now(UTC)


def _of(words: tuple[str, str], count: int, total: int) -> str:
    """Formats a count out of a total, such as «2 de 3 procesos»; ``words`` are the text keys of singular and plural."""
    return say(f"avisos.prueba_pagina.{words[0 if total == 1 else 1]}", n=count, total=total)
