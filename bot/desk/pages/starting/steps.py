"""Lists what an agency must still provide before citizens write, judging by its files, its settings and its staff.

The demo agency is recognized by its values in texts/empezar.yml: a value that still equals them has not been filled in.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from bot.agency.model import Agency
from bot.core.channels import name_of
from bot.core.messages import Channel
from bot.core.roles import role_table
from bot.core.texts import area, say
from bot.desk.auth.permissions import HasRoles, Permission, may
from bot.desk.pages.entries.list_page import FEW, PATH
from bot.faq.entries.entry import Entry

FEW_UTTERANCES = 3  # of one entry, besides its question; the guide for editors gives it, too
FEW_TESTS = 10
MANY_LINKS = 5


@dataclass(frozen=True)
class Link:
    """A page where a step is done; ``needs`` is the permission for it, None if anybody may open it."""

    text: str
    path: str
    needs: Permission | None = Permission.ENTRIES


@dataclass(frozen=True)
class Step:
    """A step: whether it is done, its ``state`` as Spanish text, and the pages where it is done.

    ``file`` states in Spanish which file to edit, '' if the step is done on a page.
    """

    title: str
    done: bool
    state: str
    links: Sequence[Link] = ()
    file: str = ""

    def line(self) -> str:
        """Returns the step as a line for the terminal."""
        return say(f"empezar.linea.{'lista' if self.done else 'falta'}", titulo=self.title, estado=self.state)


@dataclass(frozen=True)
class Known:
    """The facts from which the steps are computed; ``editors`` and ``tests`` count active editors and test messages.

    ``drafts`` counts drafts of entries that are not published. ``pages`` maps the path of an entry to the id of its
    page.
    """

    agency: Agency
    entries: Sequence[Entry]
    tests: int = 0
    channels: Sequence[Channel] = (Channel.WEB,)
    editors: int = 1
    drafts: int = 0
    pages: Mapping[str, str] = field(default_factory=dict)


def is_demo(agency: Agency) -> bool:
    """Returns whether the agency still has the name of the demo."""
    return agency.name == str(area("empezar")["demo"]["nombre"])


def is_beginning(agency: Agency, entries: Sequence[Entry]) -> bool:
    """Returns whether the agency still has the name of the demo, or fewer than FEW entries."""
    return is_demo(agency) or len(entries) < FEW


def sets_up(person: HasRoles) -> bool:
    """Returns whether the person may edit entries and has no role for attending citizens.

    The administrator's role, which has all permissions, does not count as a role for attending citizens.
    """
    roles = [role for key, role in role_table().items() if key in person.roles]
    attends = any(Permission.ANSWER in role.may for role in roles if role.may != "all")
    return may(person, Permission.ENTRIES) and not attends


def steps(known: Known) -> list[Step]:
    """Returns all steps in the order in which to do them."""
    return [*_of_agency(known.agency), *_of_entries(known), *_of_people(known)]


def ways(step: Step, person: HasRoles) -> list[Link]:
    """Returns the links of a step that the person may follow."""
    return [link for link in step.links if link.needs is None or may(person, link.needs)]


def _step(key: str, done: bool, links: Sequence[Link] = (), *, file: str = "", **values: object) -> Step:
    words = area("empezar")["pasos"][key]
    state = words["listo" if done else "falta"].format(**values)
    hint = say("empezar.archivo", archivo=file.partition(" ")[0], claves=file.partition(" ")[2]) if file else ""
    return Step(words["titulo"], done, state, links, hint)


def _of_agency(agency: Agency) -> Iterator[Step]:
    demo, shown = area("empezar")["demo"], [Link(say("empezar.paginas.portada"), "/", None)]
    mine, own = not is_demo(agency), [Link(say("empezar.paginas.institucion"), "/desk/institucion", Permission.AGENCY)]
    yield _step("nombre", mine, [*own, *shown], valor=agency.name)
    hours = sum(map(bool, agency.hours.values()))
    yield _step("horario", mine and hours > 0, [*own, *shown], dias=hours)
    addresses = len(agency.offices) if mine else 0
    yield _step("direcciones", addresses > 0, [*own, *shown], n=addresses)
    teams = sorted(agency.teams.values()) != sorted(demo["equipos"])
    accounts = [Link(say("empezar.paginas.personal"), "/desk/personal", Permission.STAFF)]
    yield _step("equipos", teams, accounts, file="agency.yml equipos", equipos=", ".join(agency.teams.values()))
    reached = bool(agency.phone and agency.email) and (agency.phone, agency.email) != (demo["telefono"], demo["correo"])
    yield _step("telefono", reached, [*own, *shown], valor=f"{agency.phone}, {agency.email}")


def _of_entries(known: Known) -> Iterator[Step]:
    count, ver = len(known.entries), area("empezar")["paginas"]
    ways = [Link(ver["listas"], "#listas"), Link(ver["traer"], f"{PATH}/traer"), Link(ver["nueva"], PATH)]
    waiting = say("empezar.en_borrador", n=known.drafts) if known.drafts else ""
    drafts = [Link(ver["borradores"], f"{PATH}?estado=draft")] if known.drafts else []
    enough = count >= FEW and not is_demo(known.agency)
    yield _step("respuestas", enough, [*drafts, *ways], n=count, pocas=FEW, borradores=waiting)
    short = [one for one in known.entries if len(one.variants) < FEW_UTTERANCES]
    yield _step("formas", bool(count) and not short, _pages(known, short), n=len(short), pocas=FEW_UTTERANCES)
    open_ended = [one for one in known.entries if not one.counterexamples]
    yield _step("no_responden", bool(count) and not open_ended, _pages(known, open_ended), n=len(open_ended))
    proofs = [Link(ver["pruebas"], f"{PATH}/pruebas")]
    yield _step("pruebas", known.tests >= FEW_TESTS, proofs, n=known.tests, pocas=FEW_TESTS)


def _pages(known: Known, entries: Iterable[Entry]) -> list[Link]:
    """Returns links to the pages of the first MANY_LINKS of ``entries`` that have a page."""
    pages = ((one.question, known.pages.get(one.path, "")) for one in entries)
    return [Link(question, f"{PATH}/{page}") for question, page in pages if page][:MANY_LINKS]


def _of_people(known: Known) -> Iterator[Step]:
    ver = area("empezar")["paginas"]
    rollout = [Link(ver["canales"], "/desk/canales", Permission.CHANNELS)]
    names = ", ".join(name_of(one) for one in known.channels)
    yield _step("canales", True, rollout, canales=names)  # the web chat is always there, others are a choice
    staff = [Link(ver["personal"], "/desk/personal", Permission.STAFF)]
    yield _step("segunda", known.editors > 1, staff, n=known.editors)
    privacy = known.agency.privacy
    notice = [
        Link(ver["institucion"], "/desk/institucion", Permission.AGENCY),
        Link(ver["privacidad"], "/privacidad", None),
    ]
    named = bool(privacy.delegate_name and privacy.delegate_email)
    yield _step("privacidad", named, notice, valor=privacy.delegate_name)
