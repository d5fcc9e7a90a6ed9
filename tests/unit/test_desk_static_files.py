"""Tests that browsers load the desk's files once: kept for a year below the folder of their version, compressed."""

from __future__ import annotations

import re
from pathlib import Path

import httpx
import pytest
from fastapi import APIRouter, FastAPI

from bot.channels.web.widget import KEEP, modules_of
from bot.desk.pages.templates import templates
from bot.desk.static_files import (
    FOLDER,
    LOADING,
    MOUNTED_AT,
    SCRIPTS,
    STATIC,
    VERSION,
    add_static,
    read_files,
    version_of,
    with_modules,
)


async def get(path: str) -> httpx.Response:
    router = APIRouter()
    add_static(router)
    transport = httpx.ASGITransport(FastAPI(routes=router.routes))
    async with httpx.AsyncClient(transport=transport, base_url="http://desk") as client:
        return await client.get(path)


@pytest.mark.parametrize(
    ("folder", "kept"),
    [
        (STATIC, KEEP["Cache-Control"]),
        (MOUNTED_AT, "no-cache"),
        (f"{MOUNTED_AT}/{'0' * 16}", "no-cache"),
        (f"{STATIC}-2", "no-cache"),
    ],
    ids=["this version", "no version", "another release", "second attempt"],
)
async def test_file_is_kept_only_below_its_version(folder: str, kept: str) -> None:
    response = await get(f"{folder}/desk.js")
    assert (response.status_code, response.headers["cache-control"]) == (200, kept)
    assert response.headers["content-encoding"] == "gzip"
    assert response.text == with_modules("desk.js").content.decode()


@pytest.mark.parametrize(
    "path", [f"{STATIC}/none.js", f"{STATIC}/..%2frouter.py", f"{STATIC}/{STATIC}/desk.js", STATIC]
)
async def test_nothing_else_is_served(path: str) -> None:
    assert (await get(path)).status_code == 404


def test_version_changes_with_any_name_or_content(tmp_path: Path) -> None:
    (tmp_path / "a.js").write_text("1")
    versions = {version_of(read_files(tmp_path))}
    (tmp_path / "a.js").write_text("2")
    versions.add(version_of(read_files(tmp_path)))
    (tmp_path / "a.js").rename(tmp_path / "b.js")
    versions.add(version_of(read_files(tmp_path)))
    assert len(versions) == 3


def test_version_changes_with_the_way_of_joining() -> None:
    assert VERSION != version_of(read_files(FOLDER))
    assert VERSION == version_of(read_files(FOLDER) | {"desk.js": with_modules("desk.js")})


def test_desk_needs_all_modules_that_it_imports_each_after_those_that_it_imports() -> None:
    needed = modules_of("desk.js", SCRIPTS)
    assert {"board.js", "times.js", "day_figures.js"} < set(needed) and "desk.js" not in needed
    for place, name in enumerate((*needed, "desk.js")):
        imported = re.findall(r'^(?!/\*\*).*"\./(\w+\.js)"', (FOLDER / name).read_text(), re.MULTILINE)
        assert set(imported) <= set(needed[:place]), name


async def test_script_that_loads_files_again_is_kept_through_releases() -> None:
    response = await get(LOADING)
    assert (response.status_code, response.headers["cache-control"]) == (200, KEEP["Cache-Control"])
    assert not LOADING.startswith(STATIC)


def scripts_of(name: str) -> list[str]:
    """Returns the module scripts of a template, with those of the frame that it extends."""
    source = templates().loader.get_source(templates(), name)[0]  # type: ignore[union-attr]
    frame = scripts_of("sheet.html") if '{% extends "sheet.html" %}' in source else []
    return frame + re.findall(r'<script type="module" src="{{ static }}/(.+?)">', source)


def test_modules_of_a_page_share_none_so_that_none_runs_twice_when_one_is_loaded_from_another_folder() -> None:
    for name in templates().list_templates(extensions=["html"]):
        loaded = [module for script in scripts_of(name) for module in (script, *modules_of(script, SCRIPTS))]
        assert sorted(loaded) == sorted(set(loaded)), name


def test_script_that_loads_files_again_is_before_all_that_may_fail() -> None:
    for name in templates().list_templates(extensions=["html"]):
        source = templates().loader.get_source(templates(), name)[0]  # type: ignore[union-attr]
        if "<head>" in source:
            first = re.findall(r'<(?:script[^>]* src|link rel="(?:stylesheet|icon)").*?>', source)[0]
            assert "loading" in first, name


def test_pages_name_files_below_their_version() -> None:
    environment = templates()
    for name in environment.list_templates(extensions=["html"]):
        source = environment.loader.get_source(environment, name)[0]  # type: ignore[union-attr]
        assert MOUNTED_AT not in source, name
