"""Tests that every alert is described and tested, and that promtool, if installed, accepts the rules."""

from __future__ import annotations

import re
import shutil
import subprocess

import pytest

from bot.core.settings import ROOT
from bot.core.yaml import read_yaml_file

FOLDER = ROOT / "deploy" / "prometheus"
PROMTOOL = shutil.which("promtool")
RULES = read_yaml_file(FOLDER / "rules.yml")["groups"][0]["rules"]
NAMES = [rule["alert"] for rule in RULES]


def test_operations_page_has_instructions_for_each_alert() -> None:
    page = (ROOT / "docs" / "operations" / "monitoring.md").read_text(encoding="utf-8")
    section = page.partition("## Alerts\n")[2].partition("\n## ")[0]
    assert re.findall(r"^\| `(\w+)` \|", section, re.MULTILINE) == NAMES


def test_every_alert_is_seen_to_fire_and_to_stay_quiet() -> None:
    tests = read_yaml_file(FOLDER / "rules_test.yml")["tests"]
    seen = {(case["alertname"], bool(case["exp_alerts"])) for test in tests for case in test["alert_rule_test"]}
    assert seen == {(name, fires) for name in NAMES for fires in (False, True)}


@pytest.mark.skipif(PROMTOOL is None, reason="promtool is not installed (Debian 13: apt-get install promtool)")
@pytest.mark.parametrize(
    "arguments", ["check rules rules.yml", "check config prometheus.yml", "test rules rules_test.yml"]
)
def test_promtool_accepts(arguments: str) -> None:
    done = subprocess.run([str(PROMTOOL), *arguments.split()], cwd=FOLDER, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
