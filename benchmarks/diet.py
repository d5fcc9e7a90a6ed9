"""Trains stock Rasa (DIET) on the utterances of the FAQ and sends it test messages, to compare it with the answerer.

Stock Rasa is the full distribution, with TensorFlow, in its own environment (``make stock-env``). Models are kept in a
folder below the home folder, so equal utterances and configuration are trained only once. A message counts as a handoff
if its intent is Rasa's fallback or missing, otherwise as answered.
"""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from bot.evaluation.asking import Outcome
from bot.evaluation.queries import Query
from bot.faq.entries.entry import Entry
from bot.rasa.training import QUIET

HERE = Path(__file__).parent
CONFIG = HERE / "diet_config.yml"
FALLBACK = "nlu_fallback"
BRACKETS = str.maketrans("[](){}", "      ")  # Rasa would parse brackets in examples as entities


@dataclass(frozen=True)
class Plan:
    """A plan for training DIET: the maximum number of utterances per entry (None: all) and the number of epochs."""

    utterances: int | None = None
    epochs: int = 100


@dataclass(frozen=True)
class Diet:
    """A trained model and the Rasa environment that runs it."""

    rasa: Path
    model: Path

    @classmethod
    def trained(cls, entries: Sequence[Entry], plan: Plan, *, rasa: Path, folder: Path) -> Diet:
        """Returns a model; trains it on the entries' utterances unless one with equal data and configuration exists.

        Training 3,000 utterances takes half an hour on two cores. Raises CalledProcessError if the training fails.
        """
        data = training_data(entries, plan.utterances)
        settings = CONFIG.read_text(encoding="utf-8").replace("epochs: 100", f"epochs: {plan.epochs}")
        name = "diet-" + hashlib.sha256((data + settings).encode()).hexdigest()[:12]
        model = folder / f"{name}.tar.gz"
        if not model.exists():
            folder.mkdir(parents=True, exist_ok=True)
            nlu, config = folder / f"{name}.yml", folder / f"{name}-config.yml"
            nlu.write_text(data, encoding="utf-8")
            config.write_text(settings, encoding="utf-8")
            inputs = ["--nlu", str(nlu), "--config", str(config)]
            outputs = ["--out", str(folder), "--fixed-model-name", name]
            run_rasa([str(rasa / "bin" / "rasa"), "train", "nlu", *inputs, *outputs], folder)
        return cls(rasa, model)

    def outcomes(self, queries: Sequence[Query]) -> list[Outcome]:
        """Returns the model's outcome for the last turn of each query.

        Ignores earlier turns, since Rasa's NLU has no memory. Raises CalledProcessError if the model cannot be loaded.
        """
        folder = self.model.parent
        asked, answers = folder / f"{self.model.stem}.asked.json", folder / f"{self.model.stem}.answers.json"
        asked.write_text(json.dumps([query.text for query in queries]), encoding="utf-8")
        script = str(HERE / "diet_parse.py")
        run_rasa([str(self.rasa / "bin" / "python"), script, str(self.model), str(asked), str(answers)], folder)
        return [_outcome(query, one) for query, one in zip(queries, json.loads(answers.read_bytes()), strict=True)]


def training_data(entries: Sequence[Entry], utterances: int | None) -> str:
    """Renders Rasa's training YAML: an intent for each entry, named after its id, with its first ``utterances``."""
    intents = [
        {"intent": entry.id, "examples": "".join(f"- {_one_line(text)}\n" for text in entry.utterances[:utterances])}
        for entry in entries
    ]
    return yaml.safe_dump({"version": "3.1", "nlu": intents}, allow_unicode=True, sort_keys=False)


def _one_line(text: str) -> str:
    return " ".join(text.translate(BRACKETS).split())


def run_rasa(command: list[str], folder: Path) -> None:
    """Runs a command of stock Rasa's environment in ``folder``, and appends its output to diet.log there.

    Raises CalledProcessError if it fails.
    """
    environment = {**os.environ, **QUIET, "TF_CPP_MIN_LOG_LEVEL": "2", "RASA_CACHE_DIRECTORY": str(folder / "cache")}
    with (folder / "diet.log").open("ab") as log:
        subprocess.run(command, cwd=folder, env=environment, stdout=log, stderr=log, check=True)  # noqa: S603


def _outcome(query: Query, answer: dict[str, Any]) -> Outcome:
    ranking = [(name, float(chance)) for name, chance in answer["ranking"] if name != FALLBACK]
    ranked = tuple(name for name, _ in ranking)
    given = answer["intent"] not in (FALLBACK, None) and bool(ranked)
    return Outcome(
        query=query,
        kind="answer" if given else "handoff",
        ranked=ranked,
        confidence=ranking[0][1] if ranking else 0.0,
        answers=ranked[:1] if given else (),
        milliseconds=float(answer["milliseconds"]),
    )
