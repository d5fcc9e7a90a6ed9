"""Words an entry's team and audience by their names, not by the keys of agency.yml."""

from __future__ import annotations

from collections.abc import Mapping

from bot.agency.desk_settings import CHANNEL, COMMUNE
from bot.agency.model import Agency
from bot.agency.segments import titles_of
from bot.core.channels import name_of
from bot.core.messages import Channel
from bot.desk.editing.form import Form


def named_fields(form: Form, agency: Agency) -> dict[str, str]:
    """Returns the form's fields, with the name of its team instead of the team's key."""
    team = form.fields["equipo"]
    return {**form.fields, "equipo": agency.teams.get(team, team)}


def named_audience(form: Form, agency: Agency) -> str:
    """Returns in Spanish for whom the entry is, such as «canal: Web, WhatsApp; ¿Eres dueño?: Sí»; '' for everybody.

    Each dimension is named by the question that citizens get, if there is one.
    """
    return "; ".join(
        f"{agency.segments[name].question if name in agency.segments else name}: "
        f"{', '.join(_title(name, one, agency) for one in values)}"
        for name, values in form.audience.items()
    )


def _title(dimension: str, value: str, agency: Agency) -> str:
    own: Mapping[str, Mapping[str, str]] = {
        COMMUNE: {agency.comuna: agency.short_name},
        CHANNEL: {one.value: name_of(one) for one in Channel},
    }
    return own.get(dimension, {}).get(value) or titles_of(agency.segments, {dimension: [value]})
