"""Writes single episodes, and the episodes of a simulated town, into the record."""

from __future__ import annotations

import random
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import insert

from bot.record.engine import Sessions
from bot.record.tables import Conversation, Episode, EpisodeMark

NOW = datetime(2026, 11, 25, 15, 0, tzinfo=UTC)
MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
NOTHING: dict[str, Any] = dict.fromkeys(
    ("asked_useful", "said_useful", "said_useless", "said_other", "offers", "choices"), 0
)
ENTRIES = {
    "calle": ("bache", "luminaria"),
    "aseo": ("retiro-escombros", "dia-basura"),
    "transito": ("licencia", "permiso-circulacion"),
    "mascotas": ("perro-perdido",),
}


def row(ago: timedelta, ending: str = "answered", **facts: Any) -> dict[str, Any]:
    """Returns the row of an episode on the web that began ``ago`` before NOW; ``facts`` change its columns."""
    at = facts.pop("now", NOW) - ago
    made = {"conversation_id": None, "channel": "web", "started_at": at, "ended_at": at + MINUTE, "ending": ending}
    made |= {"day": at.date(), "hour": at.hour, "first_of_month": True, "returned_at": None, "trigger": "words"}
    made |= {"messages": 1, "theme": "", "entries": [], "versions": [], "probabilities": [], "useful": [], **NOTHING}
    made |= {"reason": "", "team": "", "outcome": "", "stars": None, "drill": False, "crisis": False}
    made |= {"segments": {}, "call_outcome": ""} | dict.fromkeys(("call_asked_at", "call_promised_at", "called_at"))
    made |= {"judged_entry": "", "staff_entry": ""}
    made |= dict.fromkeys(("handed_at", "claimed_at", "replied_at", "closed_at"))
    unknown = set(facts) - set(made)
    assert not unknown, unknown
    return made | facts


async def write(sessions: Sessions, rows: Iterable[dict[str, Any]]) -> None:
    """Writes episodes, and the conversations to which they belong."""
    rows = list(rows)
    named = {one["conversation_id"]: one for one in rows if one["conversation_id"]}
    async with sessions.begin() as session:
        if named:
            talks = [
                {"id": name, "channel": one["channel"], "started_at": one["started_at"], "last_at": one["ended_at"]}
                for name, one in named.items()
            ]
            await session.execute(insert(Conversation), talks)
            marks = [{"conversation_id": one["id"], "read_up_to": one["last_at"]} for one in talks]
            await session.execute(insert(EpisodeMark), marks)
        await session.execute(insert(Episode), rows)


def town(now: datetime, *, days: int, daily: int, seed: int = 7) -> list[dict[str, Any]]:
    """Returns the episodes of a town with ``daily`` episodes a day, fewer at night and on Sundays."""
    dice, made = random.Random(seed), []
    for ago in range(days):
        quiet = 0.4 if (now - ago * DAY).weekday() == 6 else 1
        for _ in range(round(daily * quiet * dice.uniform(0.8, 1.2))):
            hour = min(23, max(0, round(dice.gauss(13, 4))))
            begun = (now - ago * DAY).replace(hour=hour, minute=dice.randrange(60))
            if begun <= now:
                made.append(_of_town(dice, begun))
    return made


def _known(begun: datetime, channel: str) -> dict[str, str]:
    """Returns the known facts about a citizen who writes at that minute; nobody on the web shares a location."""
    known = {"vuelve": "primera" if begun.minute % 3 else "otra-vez", "idioma": "ht" if begun.minute == 7 else "es"}
    if channel == "web" or begun.minute % 4:
        return known
    return known | {"comuna": "los-aromos" if begun.minute % 8 else "otra-comuna"}


def _of_town(dice: random.Random, begun: datetime) -> dict[str, Any]:
    kinds = ("answered", "person", "lost", "complaint", "referred", "offered", "talk", "danger")
    (ending,) = dice.choices(kinds, (58, 17, 4, 5, 4, 3, 8, 1))
    theme = dice.choice(list(ENTRIES))
    facts: dict[str, Any] = {"now": begun, "theme": theme if ending in {"answered", "person", "lost"} else ""}
    facts["channel"] = dice.choices(("web", "whatsapp", "telegram"), (50, 42, 8))[0]
    facts["conversation_id"] = f"{facts['channel']}-{dice.randrange(900)}-{begun:%m}"
    facts["segments"] = _known(begun, facts["channel"])
    facts["returned_at"] = begun + dice.randrange(1, 20) * DAY if dice.random() < 0.25 else None
    if ending == "answered":
        said = dice.choices((None, True, False), (80, 16, 4))[0]
        facts |= {
            "entries": [dice.choice(ENTRIES[theme])],
            "versions": ["a1"],
            "probabilities": [0.9],
            "useful": [said],
        }
        facts |= {"asked_useful": 1, "said_useful": int(said is True), "said_useless": int(said is False)}
        facts |= {"said_other": int(said is False and dice.random() < 0.4)}
        facts |= dict.fromkeys(("offers", "choices"), int(dice.random() < 0.2))
    if ending == "offered":
        facts["offers"] = 1
    if ending in {"person", "lost"}:
        reason = dice.choices(("asked_human", "low_confidence", "none_of_these", "expired_entry"), (40, 45, 10, 5))[0]
        facts |= {"reason": reason, "team": dice.choice(("atencion", "transito", "obras")), "handed_at": begun}
        facts["closed_at"] = begun + 5 * HOUR
    if ending == "lost" or (ending == "person" and dice.random() < 0.2):
        late = dice.choice((None, 5, 20, 50, 200)) if ending == "person" else None
        outcome = "reached" if late else dice.choice(("not_reached", "revoked", ""))
        facts |= {"call_asked_at": begun, "call_promised_at": begun + HOUR, "call_outcome": outcome}
        facts["called_at"] = begun + HOUR + late * MINUTE if late else None
    if ending == "person":
        claimed = begun + dice.expovariate(1 / 25) * MINUTE
        facts |= {"claimed_at": claimed, "replied_at": claimed + dice.randrange(1, 9) * MINUTE}
        facts["stars"] = dice.choices((None, 5, 4, 2), (70, 18, 8, 4))[0]
    return row(timedelta(), ending, **facts)
