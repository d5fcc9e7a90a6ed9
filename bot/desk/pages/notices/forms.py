"""Prepares the values of a notice's form: new, from a pack, of an open or ended notice, or as they were posted."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from starlette.datastructures import FormData

from bot.agency.model import Agency
from bot.desk.auth.guard import Refused
from bot.desk.crisis.book import RUNNING
from bot.desk.crisis.drill import drill_form
from bot.desk.crisis.form import HOURS_OF, named
from bot.desk.crisis.pack_measures import all_of
from bot.desk.crisis.packs import Pack
from bot.desk.pages.form_fields import number
from bot.desk.pages.notices.measures import PackMeasures
from bot.desk.pages.notices.view import NoticeCard, NoticeViews
from bot.public_notices.notice import Severity
from bot.public_notices.recorded import measures_in
from bot.record.tables import Notice

DRILL = "simulacro"
RUNNING_FORM, DRAFT_FORM, NEW_FORM = "v", "b", "nuevo"  # ends of the forms' ids; the first two go before a notice's id


@dataclass(frozen=True)
class Asked:
    """What the page's address asks for: a pack's key, what was just done, and ids, 0 if there is none.

    ``saved`` is the draft that was just saved, ``spike`` the alarm and ``again`` the ended notice from which a new
    notice begins, ``lifted`` the number of the notice that was just lifted.
    """

    pack: str = ""
    done: str = ""
    saved: int = 0
    spike: int = 0
    again: int = 0
    lifted: int = 0


NOTHING_ASKED = Asked()


@dataclass(frozen=True)
class NoticeForms:
    """The values of the forms, keyed by the names of the template's fields."""

    agency: Agency
    measures: PackMeasures
    views: NoticeViews

    def new(self, pack: Pack | None, name: str) -> dict[str, Any]:
        """Returns the initial values of a new notice's form: from a pack, from the drill, or empty."""
        usual = Severity.IMPORTANT
        empty = {"firma": self.agency.name, "horas": str(HOURS_OF[usual]), "gravedad": usual.value}
        if name == DRILL:
            drill = drill_form(self.agency)
            hours = {"horas": str(drill.hours), "gravedad": drill.severity.value}
            return empty | hours | {"texto": drill.text, "simulacro": "1"}
        if pack is None:
            return empty
        made: dict[str, Any] = {"texto": pack.aviso.strip(), "sobre": "\n".join(pack.sobre), "paquete": name}
        questions = self.measures.questions()
        made["reemplaza"] = named([one for one in pack.reemplaza if one in questions], questions)
        measures = self.measures.of(name)
        made |= {"medidas": [one.key for one in measures], "ofrecidas": self.views.offered(measures)}
        return empty | made | {"horas": str(pack.horas), "gravedad": pack.gravedad.value}

    def of(self, row: Notice) -> dict[str, Any]:
        """Returns the values of the form that changes a draft or corrects a running notice."""
        fields = self.views.fields(row, self.measures.of(row.pack))
        return {**fields, "reemplaza": named(row.entries, self.measures.questions())}

    def again(self, row: Notice) -> dict[str, Any]:
        """Returns the values of a new notice's form that repeats an ended notice, from now on."""
        return self.of(row) | {"desde": ""}

    @staticmethod
    def row_of(posted: FormData | None, refused: Refused | None, cards: Iterable[NoticeCard]) -> Notice | None:
        """Returns the notice among ``cards`` in whose form to show again what was ``posted``; None for a new notice's.

        If somebody else changed a draft meanwhile, the form that was ``refused`` is shown as a new notice's, since
        saving it in the draft's form would replace what they wrote.
        """
        id = number(posted, "id") if posted is not None else 0
        row = next((one.row for one in cards if one.row.id == id), None)
        is_stale = row is not None and row.state != RUNNING and refused is not None and refused.code == "changed"
        return None if is_stale else row

    @staticmethod
    def place_of(posted: FormData | None, row: Notice | None) -> str:
        """Returns the end of the id of the form that shows again what was ``posted``; '' if nothing was."""
        if posted is None:
            return ""
        return f"{RUNNING_FORM if row.state == RUNNING else DRAFT_FORM}{row.id}" if row else NEW_FORM

    def posted(self, form: Any, row: Notice | None = None) -> Mapping[str, Any]:
        """Returns the values of a form that was refused, as they were posted; ``row`` is its notice if it is open."""
        own = measures_in(row) if row else ()
        offered = self.views.offered(all_of(own, self.measures.of(str(form.get("paquete", "")))))
        several = {"medidas": "medida", "levantadas": "levantada", "pasos": "paso"}
        ticked = {many: form.getlist(one) for many, one in several.items()}
        return dict(form.multi_items()) | ticked | {"ofrecidas": offered}
