"""Serves ``/desk/avisos/informe/<number>``, the report of a crisis or a drill, to read and print."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse

from bot.agency.model import Agency
from bot.channels.web.answers.shown import topic_title
from bot.core.channels import name_of
from bot.core.messages import Channel
from bot.core.texts import area, say
from bot.desk.auth.guard import Guard, Refused
from bot.desk.auth.permissions import Permission
from bot.desk.crisis.broadcasts import Sending
from bot.desk.crisis.packs import packs
from bot.desk.crisis.report import Report, ReportReader
from bot.desk.pages.base import DeskPages
from bot.desk.pages.notices.view import MeasureLine, NoticeCard, NoticeViews
from bot.desk.views.audit_words import action_words
from bot.desk.views.measure_words import MeasureWords, kind_words
from bot.desk.views.times import day_and_hour
from bot.record.tables import NoticeProof
from bot.spikes.words import headline

PATH = "/desk/avisos/informe"
NOTICES = "/desk/avisos"


class ReportPage:
    """The report page of one notice; requires the permission to write notices."""

    def __init__(
        self,
        *,
        guard: Guard,
        pages: DeskPages,
        reader: ReportReader,
        agency: Agency,
        data: Path,
        words: MeasureWords,
    ) -> None:
        self._guard, self._pages, self._reader, self._data = guard, pages, reader, data
        self._agency, self._zone, self._views = agency, agency.zone, NoticeViews(agency, words)

    def add_to(self, router: APIRouter) -> None:
        self._pages.serve(router, "GET", f"{PATH}/{{number}}", self.show)

    async def show(self, request: Request, number: int) -> HTMLResponse:
        signed_in = await self._guard.page(request, Permission.NOTICES)
        report = await self._reader.of(number)
        if report is None:
            raise Refused(404, "missing", say("avisos.informe.no_hay"))
        cards = [self._views.card(row, None) for row in report.revisions]
        return self._pages.sheet(
            "notices_report.html",
            signed_in,
            here=NOTICES,
            report=report,
            sender=self._agency.name,
            cards=cards,
            measures=[self._measure(card, line) for card in cards for line in card.measures],
            facts=self._alarm(report) | self._facts(report),
            sendings=[self._sending(one) for one in report.sendings],
            log=[self._line(report, number) for number in range(len(report.log))],
            proofs=[self._proof(one) for one in report.proofs],
            done=[(self._hour(one.at), one.step, one.name) for one in report.steps],
            undone=self._undone(report),
            topics=[(topic_title(name), count) for name, count in report.meanwhile.topics],
        )

    def _facts(self, report: Report) -> dict[str, str]:
        first = report.revisions[0]
        minutes = round((report.end - report.start).total_seconds() / 60)
        waited = (first.published_at - first.asked_at).total_seconds() if first.published_at else 0
        return {
            "desde": self._day(report.start),
            "hasta": self._day(report.end),
            "duro": say("avisos.informe.horas_minutos", h=minutes // 60, m=minutes % 60),
            "espero": say("avisos.informe.minutos_segundos", m=int(waited) // 60, s=int(waited) % 60),
        }

    def _alarm(self, report: Report) -> dict[str, str]:
        """Returns when the first alarm rang and how long it took to publish the notice; {} if no alarm led to it."""
        if not report.alarms:
            return {}
        first, published = report.alarms[0], report.revisions[0].published_at
        took = max(0, int((published - first.at).total_seconds())) if published else 0
        times = say("avisos.informe.minutos_segundos", m=took // 60, s=took % 60)
        return {"alarma": f"{self._day(first.at)}. {headline(first)}", "tardo": times}

    def _sending(self, one: Sending) -> tuple[str, list[tuple[str, int]]]:
        """Returns when a broadcast began and its state, and its counts: recipients in each state, deliveries."""
        words = area("difusion")
        start = one.broadcast.started_at
        began = say("avisos.informe.difusion_partio", dia=self._day(start)) if start else ""
        counts = {"total": sum(one.states.values()), **one.states, "delivered": one.delivered, "failed": one.failed}
        names = {"total": say("avisos.informe.suscritos"), **words["cuentas"]}
        shown = [(name, counts[key]) for key, name in names.items() if counts.get(key) or key in {"total", "sent"}]
        return " ".join(filter(None, (began, words["estados"][one.broadcast.state]))), shown

    def _line(self, report: Report, number: int) -> tuple[str, str, str]:
        one = report.log[number]
        name = one.name or say("avisos.linea_de_comandos")
        reason = say("avisos.informe.motivo", motivo=one.reason) if one.reason else ""
        kinds = ", ".join(dict.fromkeys(map(kind_words, one.measures)))
        with_measures = say("avisos.informe.con_medidas", medidas=kinds) if kinds else ""
        return self._hour(one.at), " ".join(filter(None, (action_words(one.action), reason, with_measures))), name

    def _proof(self, one: NoticeProof) -> tuple[str, str]:
        """Returns a proof's time, and a sentence: the processes and channels that showed the notices, and how fast."""
        names = ", ".join(name_of(Channel(channel)) for channel in one.channels)
        took = say("avisos.prueba_pagina.demora", segundos=f"{one.took_ms / 1000:.1f}".replace(".", ","))
        return self._hour(one.at), say("avisos.informe.lo_mostraron", procesos=len(one.shown), canales=names) + took

    def _measure(self, card: NoticeCard, line: MeasureLine) -> tuple[str, str]:
        """Returns a measure as Spanish text, and the period in which it was in force, or that a drill had no effect."""
        if card.row.drill:
            return line.words, say("avisos.informe.sin_efecto")
        ends = [one for one in (line.until, card.row.ended_at, card.row.ends_at) if one]
        start = card.row.starts_at or card.row.asked_at
        held = say("avisos.pagina.entre", desde=self._hour(start), hasta=self._hour(min(ends)))
        return line.words, f"{held}. {line.lifted}" if line.lifted else held

    def _undone(self, report: Report) -> list[str]:
        pack = packs(self._data).get(report.revisions[-1].pack)
        done = {one.step for one in report.steps}
        return [step for step in pack.lista if step not in done] if pack else []

    def _hour(self, moment: datetime) -> str:
        return f"{moment.astimezone(self._zone):%H:%M:%S}"

    def _day(self, moment: datetime) -> str:
        return day_and_hour(moment, self._zone)
