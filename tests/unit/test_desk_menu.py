"""Tests the frame of the desk's other pages: one menu, the current page marked, refusals and questions inside."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable

import httpx
import pytest
from fastapi import APIRouter, Request, Response

from bot.core.settings import ROOT
from bot.desk.auth.guard import Refused
from bot.desk.pages.base import DeskPages, is_sure
from bot.desk.pages.menu import GROUPS, LINKS, groups_for, start_of
from tests.desk_fakes import CSRF, Browsers, browsing, gate_of, pages_of, signed_in
from tests.faq_files import agency

CURRENT = re.compile(r'<a href="([^"]+)" aria-current="page">')
HTML = {"accept": "text/html"}
Handler = Callable[[DeskPages, Request], Awaitable[Response]]


async def get(path: str, handler: Handler, *roles: str, **form: str) -> httpx.Response:
    """Requests ``path``, which ``handler`` serves, as a person with ``roles`` (signed out without roles).

    Sends a POST if there are fields of a ``form``, else a GET.
    """
    pages, router = pages_of(gate_of(Browsers(signed_in(*roles) if roles else None)), agency()), APIRouter()

    async def handle(request: Request) -> Response:
        return await handler(pages, request)

    pages.serve(router, "POST" if form else "GET", path, handle)
    async with browsing(router) as client:
        return await (client.post(path, data=form) if form else client.get(path, headers=HTML))


@pytest.mark.parametrize("here", [link.path for link in LINKS])
async def test_current_page_is_marked_in_both_copies_of_the_menu(here: str) -> None:
    async def page(pages: DeskPages, _request: Request) -> Response:
        return pages.sheet("sheet.html", signed_in("admin"), here=here)

    assert CURRENT.findall((await get("/desk/x", page, "admin")).text) == [here, here]


@pytest.mark.parametrize(
    ("role", "words"),
    [
        ("admin", ["atencion", "respuestas", "resultados", "sistema", ""]),
        ("agent", ["atencion", ""]),
        ("editor", ["respuestas", "resultados", ""]),
    ],
)
def test_groups_without_a_page_for_the_person_are_left_out(role: str, words: list[str]) -> None:
    assert [group.words for group in groups_for(signed_in(role).staff)] == words


@pytest.mark.parametrize(
    ("role", "path"),
    [("agent", "/desk"), ("editor", "/desk/respuestas"), ("analyst", "/desk/cifras"), ("privacy", "/desk/datos")],
)
def test_each_role_begins_at_its_own_work(role: str, path: str) -> None:
    assert start_of(signed_in(role).staff) == path


def test_every_link_has_its_icon() -> None:
    icons = (ROOT / "bot" / "desk" / "templates" / "icons.html").read_text()
    assert [link.icon for group in GROUPS for link in group.links if f'id="i-{link.icon}"' not in icons] == []


@pytest.mark.parametrize(("roles", "framed"), [(("editor",), True), ((), False)])
async def test_refusal_is_shown_in_the_frame_to_the_signed_in(roles: tuple[str, ...], framed: bool) -> None:
    async def page(_pages: DeskPages, _request: Request) -> Response:
        raise Refused(403, "not_allowed", "No puedes.")

    answer = await get("/desk/x", page, *roles)
    assert (answer.status_code, "No puedes." in answer.text) == (403, True)
    assert ('class="rail"' in answer.text) == framed


async def test_question_repeats_the_form_and_escapes_it() -> None:
    async def page(pages: DeskPages, request: Request) -> Response:
        who, form = await pages.posted(request)
        if is_sure(form):
            return Response("done")
        return pages.ask(request, who, form, here="/desk/guardadas", key="guardada", atajo="hola")

    form = {"csrf": CSRF, "texto": '"><b>', "id": "4"}
    asked = (await get("/desk/x", page, "admin", **form)).text
    fields = re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)"', asked.split('class="sure"')[1])
    assert fields == [("csrf", CSRF), ("seguro", "1"), ("texto", "&#34;&gt;&lt;b&gt;"), ("id", "4")]
    assert (await get("/desk/x", page, "admin", **form, seguro="1")).text == "done"


@pytest.mark.parametrize(("headers", "expected"), [(HTML, "Esta página no existe"), ({}, '{"detail":"Not Found"}')])
async def test_unknown_address_below_the_desk_is_answered_by_the_desk(headers: dict[str, str], expected: str) -> None:
    pages, router = pages_of(gate_of(Browsers(signed_in())), agency()), APIRouter()
    pages.serve(router, "GET", "/desk/{unknown:path}", pages.missing_page)
    async with browsing(router) as client:
        answer = await client.get("/desk/nada/de/esto", headers=headers)
    assert (answer.status_code, expected in answer.text) == (404, True)
