"""Serves ``/desk/cifras/muestra``, where editors and supervisors judge sampled answers and decide on proposals.

A proposal asks to answer more cautiously: the assistant then requires more confidence to answer. The page hides the
entry and the probability of an answer, so that they do not influence the verdict.
"""

from __future__ import annotations

from fastapi import APIRouter, Request
from fastapi.responses import RedirectResponse, Response

from bot.channels.formatting.markdown_spans import markdown_spans
from bot.channels.formatting.markup import plain_text
from bot.core.disk import Disk
from bot.core.texts import area, say
from bot.desk.auth.audit import Action, AuditLog
from bot.desk.auth.guard import Guard, Refused
from bot.desk.auth.permissions import Permission, may
from bot.desk.auth.unavailable import require_room
from bot.desk.pages.base import DeskPages
from bot.desk.pages.form_fields import number
from bot.faq.entries.entry import Published
from bot.figures.sampling.promise import Promise
from bot.figures.sampling.samples import Samples, Verdict
from bot.figures.sampling.strata import SIZE

FIGURES = "/desk/cifras"
PATH = f"{FIGURES}/muestra"
CAUTION = f"{FIGURES}/cautela"


class SamplePage:
    """The handlers of the page of the sample, its form, and the form of a proposal."""

    def __init__(
        self,
        *,
        guard: Guard,
        pages: DeskPages,
        samples: Samples,
        promise: Promise,
        audit: AuditLog,
        faq: Published,
        disk: Disk,
    ) -> None:
        self._guard, self._pages, self._samples, self._promise = guard, pages, samples, promise
        self._audit, self._faq, self._disk = audit, faq, disk

    def add_to(self, router: APIRouter) -> None:
        self._pages.serve(router, "GET", PATH, self.show)
        self._pages.serve(router, "POST", PATH, self.judge)
        self._pages.serve(router, "POST", CAUTION, self.decide)

    async def show(self, request: Request, corregir: str = "", tarde: str = "") -> Response:
        """Shows the next answer to judge; with ``corregir``, the answer that this person judged last."""
        signed_in = await self._guard.page(request, Permission.JUDGE)
        require_room(self._disk)
        await self._audit.record(Action.SAMPLE_VIEWED, staff_id=signed_in.staff.id)
        again = await self._samples.last_of(signed_in.staff.id)
        task = again if corregir and again else await self._samples.next()
        questions = {entry.id: entry.question for entry in self._faq.entries}
        wrong = [] if task else await self._samples.wrong_entries()
        return self._pages.sheet(
            "sample.html",
            signed_in,
            here=FIGURES,
            path=PATH,
            t=area("muestra"),
            size=SIZE,
            task=task,
            answer=plain_text(markdown_spans(task.answer)) if task else "",
            progress=await self._samples.progress(),
            corrects=bool(task and task is again),
            can_correct=again is not None,
            late=bool(tarde),
            verdicts=list(Verdict),
            wrong=[(id, questions.get(id, id), count) for id, count in wrong],
            edits=may(signed_in.staff, Permission.ENTRIES),
        )

    async def judge(self, request: Request) -> Response:
        signed_in, form = await self._pages.posted(request, Permission.JUDGE)
        said, id = str(form.get("veredicto", "")), number(form, "id")
        if said not in set(Verdict):
            raise Refused(422, "invalid", say("muestra.sin_boton"))
        kept = await self._samples.judge(id, Verdict(said), signed_in.staff.id)
        return RedirectResponse(PATH if kept else f"{PATH}?tarde=1", 303)

    async def decide(self, request: Request) -> Response:
        """Accepts or declines the open proposal to answer more cautiously, or ends the proposal that applies.

        Raises Refused if the proposal is not open any more, or for any other button.
        """
        signed_in, form = await self._pages.posted(request, Permission.JUDGE)
        what, staff = str(form.get("que", "")), signed_in.staff.id
        if what not in {"aceptar", "rechazar", "quitar"}:
            raise Refused(422, "invalid", say("muestra.sin_boton"))
        if what == "quitar":
            await self._promise.end(staff)
        elif not await self._promise.decide(number(form, "id"), staff, accepted=what == "aceptar"):
            raise Refused(409, "decided", say("muestra.no_abierta"))
        return RedirectResponse(FIGURES, 303)
