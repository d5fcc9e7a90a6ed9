"""Tests that a running bot exposes, on a separate port, metrics of its work and of waiting items."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import httpx
import pytest
import yaml
from prometheus_client.parser import text_string_to_metric_families

from bot.core.network import trusted
from bot.metrics.page import KEPT_S
from bot.run.ports import LOOPBACK, free_port
from tests.bot_process import ROOT, BotProcess, bot_process
from tests.eventually import PATIENCE_S, eventually_blocking

RULES = ROOT / "deploy" / "prometheus" / "rules.yml"
OPERATIONS = ROOT / "docs" / "operations" / "monitoring.md"
OURS = re.compile(r"\bventanilla_\w+")
LABELS = {
    "channel",
    "error",
    "fault",
    "outcome",
    "part",
    "priority",
    "reason",
    "severity",
    "source",
    "stage",
    "state",
    "task",
}
LABELS |= {"team", "what", "le"}


@dataclass(frozen=True)
class Exposing:
    """A running bot and the address of its metrics."""

    bot: BotProcess
    url: str

    @property
    def page(self) -> str:
        return httpx.get(self.url, verify=trusted(), timeout=PATIENCE_S).raise_for_status().text

    def value(self, name: str, **labels: str) -> float:
        """Returns the sum of the samples with the given labels."""
        families = text_string_to_metric_families(self.page)
        samples = [sample for family in families for sample in family.samples if sample.name == name]
        assert samples, name
        return sum(sample.value for sample in samples if labels.items() <= sample.labels.items())

    def grows(self, before: float, by: float, name: str, **labels: str) -> None:
        self.becomes(lambda: self.value(name, **labels) == before + by)

    def becomes(self, look: Callable[[], bool]) -> None:
        """Waits until ``look`` is true; fails with the page and the log."""
        try:
            eventually_blocking(look)
        except AssertionError as error:
            page = [line for line in self.page.splitlines() if line.startswith("ventanilla_") and line[-4:] != " 0.0"]
            raise AssertionError("\n".join([str(error), *page, self.bot.log])) from error


@pytest.fixture(scope="module")
def exposing(tmp_path_factory: pytest.TempPathFactory, empty_database_url: str) -> Iterator[Exposing]:
    port = free_port()
    settings = {"METRICS_PORT": str(port), "TELEGRAM_TOKEN": "", "TWILIO_ACCOUNT_SID": ""}
    with bot_process(tmp_path_factory.mktemp("metrics"), empty_database_url, **settings) as bot:
        yield Exposing(bot, f"http://{LOOPBACK}:{port}/metrics")
        assert "Traceback" not in bot.log


def write(bot: BotProcess, *texts: str) -> None:
    """Sends ``texts`` as a new citizen."""
    token = httpx.post(f"{bot.url}/api/chat", verify=trusted(), timeout=PATIENCE_S).json()["token"]
    for number, text in enumerate(texts):
        body = {"id": f"message-{number}", "text": text}
        headers = {"Authorization": f"Bearer {token}"}
        httpx.post(
            f"{bot.url}/api/chat/messages", verify=trusted(), json=body, headers=headers, timeout=PATIENCE_S
        ).raise_for_status()


def families_of(page: str) -> set[str]:
    """Returns the names of the page's metrics, from its TYPE lines."""
    return set(re.findall(r"^# TYPE (\S+)", page, re.MULTILINE))


def test_answered_messages_are_counted_and_timed(exposing: Exposing) -> None:
    answered = {"channel": "web", "outcome": "answered"}
    accepted = exposing.value("ventanilla_messages_accepted_total", channel="web")
    committed = exposing.value("ventanilla_messages_committed_total", **answered)
    timed = exposing.value("ventanilla_answer_seconds_count", channel="web")
    write(exposing.bot, "¿dónde pago la patente comercial?")
    write(exposing.bot, "¿cómo renuevo la licencia de conducir?")
    exposing.grows(committed, 2, "ventanilla_messages_committed_total", **answered)
    assert exposing.value("ventanilla_messages_accepted_total", channel="web") == accepted + 2
    assert exposing.value("ventanilla_answer_seconds_count", channel="web") == timed + 2


@pytest.mark.parametrize("stage", ["accept", "lease", "decide", "rasa", "commit"])
def test_every_stage_is_timed(exposing: Exposing, stage: str) -> None:
    before = exposing.value("ventanilla_stage_seconds_count", stage=stage)
    write(exposing.bot, "¿dónde pago la patente comercial?")
    exposing.grows(before, 1, "ventanilla_stage_seconds_count", stage=stage)


def test_handoff_is_counted_and_its_ticket_waits(exposing: Exposing) -> None:
    before = exposing.value("ventanilla_queue_tickets", priority="normal")
    write(exposing.bot, "quiero hablar con una persona")
    exposing.grows(before, 1, "ventanilla_queue_tickets", priority="normal")
    waited = exposing.value("ventanilla_queue_oldest_seconds", priority="normal")
    exposing.becomes(lambda: exposing.value("ventanilla_queue_oldest_seconds", priority="normal") > waited)
    assert exposing.value("ventanilla_handoffs_total", channel="web", reason="asked_human") >= 1


def test_refused_sign_ins_and_limits_are_counted_without_identifying_anybody(exposing: Exposing) -> None:
    refusals = "ventanilla_refusals_total"
    before = {what: exposing.value(refusals, what=what) for what in ("sign_in", "throttled", "messages")}
    url = exposing.bot.url
    answers = [
        httpx.post(
            f"{url}/desk/login",
            data={"correo": "nadie@x.cl", "clave": "x" * 12},
            headers={"Origin": url},
            timeout=PATIENCE_S,
        )
        for _ in range(6)
    ]
    wrong = sum(answer.status_code == httpx.codes.UNAUTHORIZED for answer in answers)
    exposing.grows(before["sign_in"], wrong, refusals, what="sign_in")
    exposing.grows(before["throttled"], len(answers) - wrong, refusals, what="throttled")
    assert 0 < wrong < len(answers)
    with pytest.raises(httpx.HTTPStatusError):
        write(exposing.bot, *("hola",) * 40)
    exposing.grows(before["messages"], 1, refusals, what="messages")
    assert "nadie@x.cl" not in exposing.page


def test_everything_is_recorded_in_the_end(exposing: Exposing) -> None:
    write(exposing.bot, "¿dónde pago la patente comercial?")
    eventually_blocking(lambda: exposing.value("ventanilla_recorder_lag_events") == 0)
    assert exposing.value("ventanilla_recorder_lag_seconds") == 0


def test_rules_and_docs_name_metrics_that_are_exposed(exposing: Exposing) -> None:
    exposed = families_of(exposing.page)
    rules = yaml.safe_load(RULES.read_text(encoding="utf-8"))["groups"][0]["rules"]
    assert {name for rule in rules for name in OURS.findall(rule["expr"])} - exposed == set()
    section = OPERATIONS.read_text(encoding="utf-8").partition("## Metrics\n")[2].partition("\n## ")[0]
    told = set(re.findall(r"^\| `(ventanilla_\w+)` \|", section, re.MULTILINE))
    assert told == {name for name in exposed if name.startswith("ventanilla_")}


def test_labels_are_names_from_the_code(exposing: Exposing) -> None:
    write(exposing.bot, "¿dónde pago la patente comercial?")
    families = text_string_to_metric_families(exposing.page)
    samples = [one for family in families for one in family.samples if one.name.startswith("ventanilla_")]
    assert {label for sample in samples for label in sample.labels} <= LABELS
    values = {value for sample in samples for label, value in sample.labels.items() if label != "le"}
    assert {value for value in values if not re.fullmatch(r"[A-Za-z_. ]{0,30}", value)} == set()


def test_page_is_kept_for_a_moment(exposing: Exposing) -> None:
    pages = [exposing.page for _ in range(20)]
    assert len(set(pages)) < len(pages) or KEPT_S == 0


def test_public_port_has_no_metrics(exposing: Exposing) -> None:
    assert httpx.get(f"{exposing.bot.url}/metrics", timeout=PATIENCE_S).status_code == httpx.codes.NOT_FOUND


def test_other_requests_get_no_metrics(exposing: Exposing) -> None:
    assert httpx.get(exposing.url.replace("/metrics", "/"), timeout=PATIENCE_S).status_code == httpx.codes.NOT_FOUND
    assert httpx.post(exposing.url, timeout=PATIENCE_S).status_code == httpx.codes.METHOD_NOT_ALLOWED
    assert httpx.head(exposing.url, timeout=PATIENCE_S).text == ""
