"""Parses a list of messages with a trained Rasa model: ``.venv-stock/bin/python diet_parse.py MODEL IN OUT``.

IN contains a JSON list of texts. Writes to OUT a JSON list of ``{"intent": ..., "ranking": [[intent, confidence], ...],
"milliseconds": ...}`` in the same order. Uses only the standard library and Rasa. Also runs in ``.venv-rasa``, without
the parts of Rasa that are not installed there.
"""

import asyncio
import json
import sys
import time
from importlib.util import find_spec
from pathlib import Path

ABSENT = Path(__file__).parents[1] / "bot" / "rasa"  # folder of absent.py
WARM_UP_MESSAGES = 5


async def parsed(agent, text: str) -> dict:
    """Parses a message; returns Rasa's intent, the ranking of intents and the milliseconds taken."""
    began = time.perf_counter()
    found = await agent.parse_message(text)
    milliseconds = (time.perf_counter() - began) * 1000
    ranking = [[one["name"], one["confidence"]] for one in found.get("intent_ranking", [])]
    return {"intent": found["intent"]["name"], "ranking": ranking, "milliseconds": milliseconds}


async def answers(model: str, texts: list) -> list:
    """Loads the model, warms it up and parses each text."""
    if find_spec("tensorflow") is None:
        sys.path.append(str(ABSENT))
        from absent import leave_out

        leave_out()
    from rasa.core.agent import load_agent

    agent = await load_agent(model_path=model)
    for text in texts[:WARM_UP_MESSAGES]:
        await parsed(agent, text)
    return [await parsed(agent, text) for text in texts]


def main(model: str, source: str, target: str) -> None:
    texts = json.loads(Path(source).read_text(encoding="utf-8"))
    Path(target).write_text(json.dumps(asyncio.run(answers(model, texts))), encoding="utf-8")


if __name__ == "__main__":
    main(*sys.argv[1:4])
