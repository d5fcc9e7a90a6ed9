"""Tests serving the widget: one tag, one script under a versioned address, cached for a year."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from fastapi import FastAPI
from starlette.testclient import TestClient

from bot.agency.model import Agency
from bot.channels.web.pages import pages_router
from bot.channels.web.site import Site
from bot.channels.web.widget import EXPORT, FOLDER, IMPORT, Widget, joined, scripts_of, smaller
from bot.desk.static_files import SCRIPTS


@pytest.fixture
def client(agency: Agency) -> TestClient:
    app = FastAPI()
    app.include_router(pages_router(Site(agency)))
    return TestClient(app)


@pytest.fixture
def module(client: TestClient) -> str:
    return f"/webchat/widget/{Widget.from_folder().version}/chat.js"


def test_other_sites_may_load_and_cache_the_modules(client: TestClient, module: str) -> None:
    answer = client.get(module, headers={"Origin": "https://otro.example"})
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "text/javascript; charset=utf-8"
    assert answer.headers["access-control-allow-origin"] == "*"
    assert answer.headers["cross-origin-resource-policy"] == "cross-origin"
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["cache-control"] == "public, max-age=31536000, immutable"


def test_loader_is_cached_for_minutes_and_revalidated(client: TestClient) -> None:
    first = client.get("/webchat/widget.js")
    assert first.headers["cache-control"] == "public, max-age=300"
    again = client.get("/webchat/widget.js", headers={"If-None-Match": f"W/{first.headers['etag']}"})
    assert (again.status_code, again.content) == (304, b"")


def test_proxy_need_not_compress(client: TestClient, module: str) -> None:
    plain = client.get(module, headers={"Accept-Encoding": "identity"})
    packed = client.get(module, headers={"Accept-Encoding": "br, gzip"})
    assert "content-encoding" not in plain.headers
    assert packed.headers["content-encoding"] == "gzip"
    assert packed.text == plain.text
    assert plain.headers["vary"] == packed.headers["vary"] == "Accept-Encoding"


def test_second_attempt_gets_the_same_modules_from_another_folder(client: TestClient, module: str) -> None:
    again = client.get(module.replace("/chat.js", "-2/chat.js"))
    assert (again.status_code, again.content) == (200, client.get(module).content)


@pytest.mark.parametrize("path", ["0000000000000000/chat.js", "{version}/nada.js", "{version}/loader.js"])
def test_another_version_or_file_is_not_found_and_not_cached(client: TestClient, path: str) -> None:
    answer = client.get("/webchat/widget/" + path.format(version=Widget.from_folder().version))
    assert answer.status_code == 404
    assert answer.headers["cache-control"] == "no-store"


def test_loader_names_script_and_folder_of_this_version() -> None:
    widget = Widget.from_folder()
    told = re.search(r"\}\)\((\{.+\})\);", widget.loader.content.decode())
    assert told is not None
    assert json.loads(told[1]) == {"folder": f"widget/{widget.version}/", "entry": "chat.js"}


def test_script_is_served_with_every_module_of_the_folder() -> None:
    script = Widget.from_folder().files["chat.js"].content.decode()
    modules = re.findall(r"^/\* (\w+\.js) \*/ const module_", script, re.MULTILINE)
    assert sorted([*modules, "chat.js", "loader.js"]) == sorted(path.name for path in FOLDER.glob("*.js"))


def test_module_becomes_a_function_before_the_script_that_imports_it() -> None:
    scripts = {
        "a.js": "import { two as twice, three } from './b.js';\nexport const a = twice(three);\n",
        "b.js": 'import "./c.js";\nexport const three = 3;\nexport function two(n) { return 2 * n; }\n',
        "c.js": "let key = await 1;\n",
    }
    assert joined("a.js", scripts) == (
        "/* c.js */ const module_c = await (async () => {\nlet key = await 1;\nreturn {  };\n})();\n"
        "/* b.js */ const module_b = (() => {\n\nconst three = 3;\nfunction two(n) { return 2 * n; }\n"
        "return { three, two };\n})();\n"
        "const { two: twice, three } = module_b;\nexport const a = twice(three);\n"
    )


def test_no_script_imports_or_exports_in_a_way_that_joining_does_not_know() -> None:
    for name, script in (*scripts_of(FOLDER).items(), *SCRIPTS.items()):
        unknown = re.findall(r"^(?:import|export)\b.*", EXPORT.sub("", IMPORT.sub("", script)), re.MULTILINE)
        live = "export let isRefused = false;"  # only the script that joins the others may export what changes
        assert unknown == ([live] if name == "chat.js" else []), name


def test_changing_one_file_changes_the_version(tmp_path: Path) -> None:
    for path in FOLDER.iterdir():
        (tmp_path / path.name).write_text(path.read_text(encoding="utf-8"), encoding="utf-8")
    same = Widget.from_folder(tmp_path).version
    (tmp_path / "style.css").write_text("p{margin:0}", encoding="utf-8")
    assert (same, Widget.from_folder(tmp_path).version == same) == (Widget.from_folder().version, False)


def test_comments_are_removed_and_lines_keep_their_numbers() -> None:
    source = (
        "/** Says\n * hello. */\nsay('/* hello */'); // it\n  /** @type {A} */\n  const a = /** @type {B} */ (c);\n"
    )
    assert smaller(source) == "\n\nsay('/* hello */'); // it\n\nconst a = /** @type {B} */ (c);\n"
