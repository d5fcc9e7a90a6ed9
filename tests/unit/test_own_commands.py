"""Tests that the scripts and modules that the Makefile, the docs and the docstrings run exist."""

from __future__ import annotations

import re

from tests.conftest import ROOT

NAMES = ("Makefile", "*.md", "docs/**/*.md", "benchmarks/**/*.py", "scripts/*", "deploy/*", "docker-compose*.yml")
RUN = re.compile(r"\b(?:python[\d.]*|\"\$\$python\")(?: -m)? ((?:benchmarks|scripts|deploy|bot|tests)[./][\w./]*\w)")


def exists(target: str) -> bool:
    path = ROOT / (target if "/" in target else target.replace(".", "/"))
    return path.is_file() or path.with_suffix(".py").is_file() or (path / "__main__.py").is_file()


def test_commands_in_the_makefile_and_the_docs_exist() -> None:
    texts = {path: path.read_text(encoding="utf-8") for name in NAMES for path in ROOT.glob(name) if path.is_file()}
    run = {(target, str(path.relative_to(ROOT))) for path, text in texts.items() for target in RUN.findall(text)}
    assert len(run) > 50
    assert {one for one in run if not exists(one[0])} == set()
