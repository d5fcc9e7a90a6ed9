"""Words an entry's team and audience by their names, not by the keys of agency.yml."""

from __future__ import annotations

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
    """Returns in Spanish for whom the entry is, separated by commas; '' if it is for everybody."""
    own = {agency.comuna: agency.short_name, **{one.value: name_of(one) for one in Channel}}
    values = ((name, value) for name, values in form.audience.items() for value in values)
    return ", ".join(own.get(value) or titles_of(agency.segments, {name: [value]}) for name, value in values)
