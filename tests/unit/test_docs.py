"""Tests that docs and code agree."""

from __future__ import annotations

import json
import re
import subprocess
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from typer.main import get_command

from actions.serving import ActionsAddress
from bot.agency.citizen_texts import REQUIRED_TEXTS
from bot.agency.model import _File
from bot.agency.schedule import WEEKDAYS
from bot.channels.folders import module_of
from bot.cli.main import app
from bot.core.messages import Channel
from bot.core.settings import ChannelSettings, Settings
from bot.core.texts import area
from bot.core.yaml import read_yaml_file
from bot.faq.entries.folder import load_files
from bot.faq.entries.problem import Severity
from bot.faq.entries.schema import field_names
from bot.record.tables import Base
from tests.rows import each_row

ROOT = Path(__file__).resolve().parents[2]
DOCS = sorted([*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md")])
EVERY_DOC = each_row("path", DOCS)
IMAGES = ROOT / "docs" / "images"
SETTINGS = (ROOT / "docs" / "settings.md").read_text(encoding="utf-8")
EDITORS = (ROOT / "docs" / "guia-editores.md").read_text(encoding="utf-8")
DATA_MODEL = (ROOT / "docs" / "data-model.md").read_text(encoding="utf-8")
DEBUGGING = (ROOT / "docs" / "debugging.md").read_text(encoding="utf-8")
ALL = "\n".join(path.read_text(encoding="utf-8") for path in DOCS)
LINK = re.compile(r"!?\[[^\]]*\]\(([^)\s]+)\)")
CODE = re.compile(r"```.*?```|`[^`\n]*`", re.DOTALL)
PATH = re.compile(
    r"(?<![\w./-])(?:bot|actions|tests|benchmarks|scripts|docs|requirements|data|deploy)/[\w./*<>-]*[\w/]"
)
FILE = re.compile(r"`([\w.]+\.(?:py|yml|lua|js|css|html|csv|toml|jsonl))`")
HISTORY = {"CHANGELOG.md"}  # what it names may be gone
MADE_AT_RUN_TIME = {"data/danger/frases.propias", "data/faq/otros-asuntos.csv", "data/nlu/ask_faq.yml"}
CELL_END = re.compile(r"(?<!\\)\|")
PLACEHOLDER = re.compile(r"\{[^}]*\}")
NEEDED_NOWHERE = re.compile(
    r"(?<![\w.])/(?:work|root|home|tmp|Users)/|pypi\.org|pythonhosted|pytorch\.org|huggingface\.co|hf\.co|docker\.io|ghcr\.io"
)


@cache
def files() -> set[str]:
    """Returns the names of all files, found when a test asks, since every process of a run imports this module."""
    folders = ("bot", "actions", "tests", "benchmarks", "scripts", "data", "requirements", "deploy")
    below = (path for folder in folders for path in (ROOT / folder).rglob("*"))
    return {path.name for path in (*below, *ROOT.iterdir())}


def is_of_channel(one: object) -> bool:
    return isinstance(one, type) and issubclass(one, ChannelSettings) and one is not ChannelSettings


def commands(command: Any, path: str = "ventanilla") -> Iterator[str]:
    if not hasattr(command, "commands"):
        yield path
        return
    for name, below in command.commands.items():
        yield from commands(below, f"{path} {name}")


def slug(heading: str) -> str:
    """Returns the anchor that GitHub gives a heading."""
    bare = re.sub(r"[^\w\- ]", "", heading.strip().lower())
    return bare.replace(" ", "-")


def anchors(path: Path) -> set[str]:
    return {slug(found) for found in re.findall(r"^#+ (.+)$", path.read_text(encoding="utf-8"), re.MULTILINE)}


CHANNELS = [module for channel in Channel if (module := module_of(channel, "settings"))]
OF_CHANNELS = [one for module in CHANNELS for one in vars(module).values() if is_of_channel(one)]


@pytest.mark.parametrize("model", [Settings, ActionsAddress, *OF_CHANNELS])
def test_every_setting_is_described(model: Any) -> None:
    names = {field.alias for field in model.model_fields.values()}
    assert {name for name in names if f"`{name}`" not in SETTINGS} == set()


def test_every_setting_that_rasa_reads_is_described() -> None:
    names = set(re.findall(r"\$\{(\w+)\}", (ROOT / "endpoints.yml").read_text(encoding="utf-8")))
    assert {name for name in names if f"`{name}`" not in SETTINGS} == set()


def test_every_key_of_the_agency_is_described() -> None:
    written = read_yaml_file(ROOT / "agency.yml")
    sections = ("respuestas", "edicion")
    inner = {f"{section}.{key}" for section in sections for key in written[section]}
    keys = (set(_File.model_fields) - set(sections)) | inner | set(written["textos"]) | set(written["emergencias"])
    assert {key for key in keys | set(REQUIRED_TEXTS) if f"`{key}`" not in SETTINGS} == set()
    assert {day for day in (WEEKDAYS[0], WEEKDAYS[-1]) if f"`{day}`" not in SETTINGS} == set()


def test_every_described_text_exists() -> None:
    table = SETTINGS.partition("### Texts for citizens")[2].partition("### Emergencies")[0]
    rows = re.findall(r"^\| (`.+?`) \| (Optional\.)?", table, re.MULTILINE)
    described = {name: not optional for names, optional in rows for name in re.findall(r"`(\w+)`", names)}
    assert {name for name, required in described.items() if required} == set(REQUIRED_TEXTS)
    assert described.keys() <= {*REQUIRED_TEXTS, *area("agency")["textos"]}


def test_every_command_is_mentioned() -> None:
    assert [command for command in commands(get_command(app)) if command not in ALL] == []


def test_every_mentioned_command_exists() -> None:
    known = set(commands(get_command(app)))
    groups = {command.rpartition(" ")[0] for command in known}
    mentioned = set(re.findall(r"`(?:\$ )?(ventanilla(?: [a-z]+){1,2})", ALL)) | set(
        re.findall(r"^\$ (ventanilla [a-z]+)", ALL, re.MULTILINE)
    )
    assert {one for one in mentioned if one not in known | groups and one.rpartition(" ")[0] not in known} == set()


def test_make_targets_of_the_docs_exist() -> None:
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    mentioned = set(re.findall(r"`(?:[A-Z]+=\S+ )?make ([a-z-]+)`|^\$? ?make ([a-z-]+)", ALL, re.MULTILINE))
    names = {one or other for one, other in mentioned}
    assert {name for name in names if not re.search(rf"^{name}:", makefile, re.MULTILINE)} == set()


@EVERY_DOC
def test_links_lead_somewhere(path: Path) -> None:
    broken = []
    for target in LINK.findall(CODE.sub("", path.read_text(encoding="utf-8"))):
        if re.match(r"[a-z]+:", target):
            continue
        name, _, anchor = target.partition("#")
        file = (path.parent / name).resolve() if name else path
        if not file.exists() or (anchor and anchor not in anchors(file)):
            broken.append(target)
    assert broken == []


@EVERY_DOC
def test_named_paths_exist(path: Path) -> None:
    named = set(PATH.findall(path.read_text(encoding="utf-8"))) - MADE_AT_RUN_TIME
    gone = [one for one in named if "<" not in one and not any(ROOT.glob(one))]
    assert gone == [] or path.name in HISTORY


@EVERY_DOC
def test_named_files_exist_somewhere(path: Path) -> None:
    named = set(FILE.findall(path.read_text(encoding="utf-8")))
    assert {name for name in named if name not in files()} == set() or path.name in HISTORY


def test_every_page_is_linked_from_the_overview_or_the_readme() -> None:
    docs = ROOT / "docs"
    pages = {path for path in DOCS if path.parent.name in {"docs", "accuracy", "decisions", "operations"}}
    indexes = (
        ROOT / "README.md",
        docs / "architecture.md",
        docs / "accuracy.md",
        docs / "operations.md",
        docs / "decisions" / "README.md",
    )
    linked = {
        (index.parent / target.partition("#")[0]).resolve()
        for index in indexes
        for target in LINK.findall(index.read_text(encoding="utf-8"))
    }
    assert {path.name for path in pages - linked - {*indexes}} == set()


def test_data_model_draws_every_table_with_existing_columns() -> None:
    picture = DATA_MODEL.partition("erDiagram")[2].partition("```")[0]
    drawn = {
        table: {line.split()[1] for line in columns.strip().splitlines()}
        for table, columns in re.findall(r"^  (\w+) \{\n(.*?)^  \}", picture, re.MULTILINE | re.DOTALL)
    }
    assert drawn.keys() == Base.metadata.tables.keys()
    assert {name: columns - set(Base.metadata.tables[name].columns.keys()) for name, columns in drawn.items()} == {
        name: set() for name in drawn
    }


def test_data_model_describes_every_table() -> None:
    headings = set(re.findall(r"`(\w+)`", " ".join(re.findall(r"^### (.+)$", DATA_MODEL, re.MULTILINE))))
    assert headings == set(Base.metadata.tables)


def test_every_log_event_of_the_debugging_page_is_in_the_code() -> None:
    told = set(re.findall(r"^\| `([^`]+)` \|", DEBUGGING.partition("## Log lines")[2], re.MULTILINE))
    sources = [path.read_text(encoding="utf-8") for name in ("bot", "actions") for path in (ROOT / name).rglob("*.py")]
    code = "\n".join(sources)
    assert len(told) > 20
    assert {text for text in told if f'"{text}"' not in code} == set()


@EVERY_DOC
def test_no_doc_names_a_machine_or_a_registry(path: Path) -> None:
    assert NEEDED_NOWHERE.findall(path.read_text(encoding="utf-8")) == []


def test_editors_guide_describes_every_field() -> None:
    assert [name for name in field_names() if f"| `{name}` |" not in EDITORS] == []


def test_editors_guide_explains_every_problem() -> None:
    messages = [problem["mensaje"] for problem in area("faq")["problemas"].values()]
    pieces = [max(PLACEHOLDER.split(message), key=len).strip(" «».:,") for message in messages]
    assert [piece for piece in pieces if piece not in EDITORS] == []


def test_example_of_the_editors_guide_is_a_valid_entry() -> None:
    example = EDITORS.partition("```markdown\n")[2].partition("```")[0]
    folder = load_files({"transito/permiso-circulacion.md": example.encode()}, {"transito": "Tránsito"})
    assert [problem for problem in folder.problems if problem.severity is Severity.ERROR] == []
    assert [entry.id for entry in folder.entries] == ["permiso-circulacion"]


def test_images_are_small() -> None:
    sizes = {path.name: path.stat().st_size for path in IMAGES.glob("*.*")}
    assert [name for name, size in sizes.items() if size > 200_000] == []
    assert sum(sizes.values()) < 2_000_000


def test_every_image_is_shown_and_every_shown_image_exists() -> None:
    """Checks images in HTML too, which are not Markdown links."""
    shown = {name for path in DOCS for name in re.findall(r"images/([\w.-]+)", path.read_text(encoding="utf-8"))}
    assert shown == {path.name for path in IMAGES.glob("*.*")}


@pytest.mark.parametrize(("folder", "kind"), [("peers", "dependencies"), ("front", "devDependencies")])
def test_npm_lock_files_are_exact_and_name_no_registry(folder: str, kind: str) -> None:
    peers = ROOT / "tests" / folder
    wanted = json.loads((peers / "package.json").read_text(encoding="utf-8"))[kind]
    assert [version for version in wanted.values() if not re.fullmatch(r"[\d.]+", version)] == []
    locked = json.loads((peers / "package-lock.json").read_text(encoding="utf-8"))["packages"]
    assert [name for name, one in locked.items() if "resolved" in one] == []
    assert {name: locked[f"node_modules/{name}"]["version"] for name in wanted} == wanted


def test_lock_files_name_no_registry() -> None:
    locks = "".join(path.read_text(encoding="utf-8") for path in (ROOT / "requirements").glob("*.txt"))
    assert "://" not in locks


def test_help_guide_and_code_list_the_same_one_letter_shortcuts() -> None:
    page = (ROOT / "bot/desk/templates/desk.html").read_text()
    told = set("".join(re.findall(r"<dt>(.+?)</dt>", page[page.index('id="help"') :])).replace("kbd", ""))
    guide = (ROOT / "docs/guia-funcionarios.md").read_text().split("## Atajos de teclado")[1].split("\n## ")[0]
    code = (ROOT / "bot/desk/static/keys.js").read_text().split("? { ")[1].split(" }\n")[0]
    known = set(re.findall(r'(?:^|, )\s*"?(\S)"?: (?:\(\)|moves)', code))
    assert len(known) > 10
    assert known == set(re.findall(r"`([a-z/?])`", guide))
    assert known < told


def test_guarantees_name_existing_tests() -> None:
    page = (ROOT / "docs" / "guarantees.md").read_text(encoding="utf-8").partition("## What no test")[0]
    rows = re.findall(r"^\| (?!-)(.+) \|$", page, re.MULTILINE)
    claims = [row for row in rows if not row.endswith("| test")]
    assert len(claims) >= 20
    for claim in claims:
        tests = re.findall(r"`(tests/[\w/]+\.py)::(test_\w+)`", claim.rsplit(" | ", 1)[1])
        cells = [cell.strip() for cell in claim.split(" | ")]
        assert tests and len(cells) in {3, 4} and all(cells), claim
        for path, name in tests:
            before, found, _ = (ROOT / path).read_text(encoding="utf-8").partition(f"def {name}(")
            marks = before.rpartition("\n\n")[2].replace("skipif(sys.platform", "")
            assert found and not any(mark in marks for mark in ("skip", "xfail", ".fixture")), (path, name)


@EVERY_DOC
def test_tables_have_a_delimiter_for_each_column(path: Path) -> None:
    """Otherwise GitHub shows a table as text."""
    heads = re.findall(r"^(\|.+\|)\n(\|[-:| ]+\|)$", path.read_text(encoding="utf-8"), re.MULTILINE)
    assert [head for head, line in heads if len(CELL_END.findall(head)) != line.count("|")] == []


def test_table_of_packages_names_every_package() -> None:
    table = (
        (ROOT / "docs" / "architecture.md")
        .read_text(encoding="utf-8")
        .partition("## Packages")[2]
        .partition("\n## ")[0]
    )
    named = set(re.findall(r"`(bot/[\w/]+)`", table))
    found = {str(path.parent.relative_to(ROOT)) for path in (ROOT / "bot").rglob("__init__.py")}
    only_packages = {"bot", "bot/channels", "bot/desk", "bot/faq"}  # they hold packages, and hardly a module
    assert named - {one for one in named if (ROOT / one).is_file()} == found - only_packages


def test_readme_lists_every_command() -> None:
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    assert [one for one in commands(get_command(app)) if one.removeprefix("ventanilla ") not in readme] == []


def test_percentages_of_the_readme_are_measured() -> None:
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    shares = re.findall(r"\b(\d\d)\.(\d)\b(?= %|\)| to \d)", readme.partition("## Limits")[2])
    measured = "".join(path.read_text(encoding="utf-8") for path in (ROOT / "docs" / "accuracy").glob("*.md"))
    assert len(shares) > 5
    assert [whole + tenth for whole, tenth in shares if f".{whole}{tenth}" not in measured] == []


def test_page_of_processes_names_every_watched_task_and_every_route() -> None:
    page = (ROOT / "docs" / "processes.md").read_text(encoding="utf-8")
    background = (ROOT / "bot" / "app" / "background.py").read_text(encoding="utf-8")
    routes = (ROOT / "actions" / "routes.py").read_text(encoding="utf-8")
    tasks = re.findall(r'progress\.expect\("([^"]+)"', background)
    served = re.findall(r'add_route\(\w+, "(/\w+)"', routes)
    assert len(tasks) > 10 and len(served) > 8
    assert [one for one in tasks if f"`{one}`" not in page] == []
    assert [one for one in served if f"`POST {one}`" not in page] == []


def test_table_of_metrics_has_each_metric_of_the_code_and_no_other() -> None:
    sources = "".join(path.read_text(encoding="utf-8") for path in (ROOT / "bot" / "metrics").rglob("*.py"))
    exposed = set(re.findall(r'"(ventanilla_\w+)"', sources))
    monitoring = (ROOT / "docs" / "operations" / "monitoring.md").read_text(encoding="utf-8")
    described = {
        name.removesuffix("_total") for name in re.findall(r"^\| `(ventanilla_\w+)` \|", monitoring, re.MULTILINE)
    }
    assert len(exposed) > 20
    assert described == exposed


@pytest.mark.parametrize("aside", [(), ("agency.yml",), ("faq",), ("faq", "agency.yml")])
@pytest.mark.parametrize("has_clone", [True, False])
def test_recipes_of_a_restore_put_only_what_was_set_aside_in_place(
    tmp_path: Path, aside: tuple[str, ...], has_clone: bool
) -> None:
    page = (ROOT / "docs" / "operations" / "backups.md").read_text(encoding="utf-8")
    recipes = [one for one in re.findall(r"```console\n(.*?)```", page, re.DOTALL) if re.search("make run|up -d", one)]
    assert len(recipes) == 2
    for number, recipe in enumerate(recipes):
        lines = re.split("make run|up -d", recipe)[0].splitlines()
        moves = [one.removeprefix("$ ").removeprefix("sudo ") for one in lines if "test ! -e" in one]
        assert not re.search(r"(?<!-)\brm -", recipe)
        folder = tmp_path / str(number)
        restored = folder / (".ventanilla/restored" if ".ventanilla" in moves[0] else "restored")
        for file in ("data/faq/a.yml", "agency.yml") if has_clone else ("data/other.yml",):
            _write(folder / file, "clone")
        for file in (one.replace("faq", "faq/a.yml") for one in aside):
            _write(restored / file, "agency")
        for line in moves:
            subprocess.run(["sh", "-c", line], cwd=folder, check=False)
        for name, path in (("faq", "data/faq/a.yml"), ("agency.yml", "agency.yml")):
            expected = "agency" if name in aside else "clone"
            assert (folder / path).exists() == (has_clone or name in aside)
            assert not (folder / path).exists() or (folder / path).read_text() == expected


def _write(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
