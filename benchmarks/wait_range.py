"""Simulates queues that begin with 110 citizens, and measures how often the range shown contains the true wait.

``python -m benchmarks.wait_range [runs] [seed]`` prints the result. Agents take breaks and may attend several citizens
at the same time; in some runs they do not always serve the first citizen of the queue. New citizens arrive, a few with
priority; a few waiting citizens give up. Times are in minutes.
"""

from __future__ import annotations

import heapq
import random
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field

from bot.tickets.pace import Duty, Move, WaitRange, wait_range

MINUTE_MS = 60_000
START_LENGTH = 110
LASTS = 480.0
SHOW_EVERY = 10.0
OBSERVED_AFTER = 10.0  # no wait is shown before this time


@dataclass(frozen=True)
class ShownWait:
    """The wait shown to a citizen, and the milliseconds that the citizen actually waited from then on."""

    place: int
    shown: WaitRange
    waited_ms: float

    @property
    def holds(self) -> bool:
        return self.shown.low_ms <= self.waited_ms <= self.shown.high_ms

    @property
    def exceeded_twofold(self) -> bool:
        return self.waited_ms > 2 * self.shown.high_ms


@dataclass
class Agent:
    """An agent with at most ``capacity`` simultaneous conversations, which take ``mean`` minutes on average."""

    capacity: int
    mean: float
    on_duty: bool = True
    busy: int = 0


@dataclass
class Line:
    """One simulated day of one team."""

    rng: random.Random
    queue: list[int] = field(default_factory=list)  # numbers of the citizens, in the order of service
    events: list[tuple[float, int, str, int]] = field(default_factory=list)
    moves: list[Move] = field(default_factory=list)
    duty: list[Duty] = field(default_factory=list)
    shown: dict[int, list[tuple[float, int, WaitRange]]] = field(default_factory=dict)
    served_at: dict[int, float] = field(default_factory=dict)
    urgent: int = 0  # number of waiting citizens with priority, at the head of the queue
    now: float = 0.0

    def run(self) -> Iterator[ShownWait]:
        rng = self.rng
        self.agents = [Agent(rng.choice((1, 1, 2, 3)), rng.uniform(5, 14)) for _ in range(rng.randint(3, 9))]
        speed = sum(one.capacity / one.mean for one in self.agents) * 0.8
        self.arrivals = speed * rng.uniform(0.1, 0.8)
        self.picks_behind = rng.choice((0.0, 0.0, 0.1, 0.3))
        self.queue = list(range(START_LENGTH))
        self.number = START_LENGTH
        for agent in range(len(self.agents)):
            self._later(rng.expovariate(1 / 75), "leave", agent)
        self._later(rng.expovariate(self.arrivals), "arrive", 0)
        self._later(OBSERVED_AFTER, "show_waits", 0)
        self._note_duty()
        self._serve()
        while self.events and (self.now < LASTS or self.queue):
            self.now, _, what, who = heapq.heappop(self.events)
            self._note_duty()
            getattr(self, f"_{what}")(who)
            self._serve()
        for number, all_shown in self.shown.items():
            for at, place, shown in all_shown:
                if number in self.served_at:
                    yield ShownWait(place, shown, (self.served_at[number] - at) * MINUTE_MS)

    def _later(self, minutes: float, what: str, who: int) -> None:
        heapq.heappush(self.events, (self.now + minutes, len(self.events) + self.rng.getrandbits(30), what, who))

    def _ms(self) -> int:
        return int(self.now * MINUTE_MS)

    def _note_duty(self) -> None:
        since = self.duty[-1].until if self.duty else 0
        self.duty.append(Duty(since, self._ms(), getattr(self, "on_duty", len(self.agents))))
        self.on_duty = sum(one.on_duty for one in self.agents)

    def _serve(self) -> None:
        self.on_duty = sum(one.on_duty for one in self.agents)
        for index, agent in enumerate(self.agents):
            while self.queue and agent.on_duty and agent.busy < agent.capacity:
                behind = self.rng.random() < self.picks_behind
                rank = self.rng.randrange(len(self.queue)) if behind else 0
                number = self._remove(rank)
                self.served_at[number] = self.now
                agent.busy += 1
                self._later(self.rng.lognormvariate(0, 0.7) * agent.mean / 1.28, "finish", index)

    def _remove(self, rank: int) -> int:
        self.moves.append(Move(self._ms(), rank, -1))
        self.urgent -= rank < self.urgent
        return self.queue.pop(rank)

    def _finish(self, agent: int) -> None:
        self.agents[agent].busy -= 1

    def _leave(self, agent: int) -> None:
        self.agents[agent].on_duty = False
        self._later(self.rng.expovariate(1 / 20), "return", agent)

    def _return(self, agent: int) -> None:
        self.agents[agent].on_duty = True
        self._later(self.rng.expovariate(1 / 75), "leave", agent)

    def _arrive(self, _nobody: int) -> None:
        if self.now > LASTS:
            return
        if self.rng.random() < 0.08:
            self.queue.insert(self.urgent, self.number)
            self.moves.append(Move(self._ms(), self.urgent, 1))
            self.urgent += 1
        else:
            self.queue.append(self.number)
            self._show_wait(self.number, len(self.queue))
        self.number += 1
        self._later(self.rng.expovariate(self.arrivals), "arrive", 0)

    def _show_waits(self, _nobody: int) -> None:
        """Lets a few waiting citizens give up, then shows a wait to each citizen left who has no priority."""
        if self.now > LASTS:
            return
        for number in list(self.queue):
            if self.rng.random() < 0.01:
                self._remove(self.queue.index(number))
        for rank, number in enumerate(self.queue[self.urgent :], self.urgent):
            self._show_wait(number, rank + 1)
        self._later(SHOW_EVERY, "show_waits", 0)

    def _show_wait(self, number: int, place: int) -> None:
        if self.now < OBSERVED_AFTER:
            return
        shown = wait_range(place, self.moves, self.duty, self.on_duty, self._ms())
        if shown:
            self.shown.setdefault(number, []).append((self.now, place, shown))


@dataclass(frozen=True)
class Result:
    """The number of ranges shown, the shares (0 to 1) of them that were right or far off, and their median width.

    The width is the upper end divided by the lower end.
    """

    shown: int
    holds: float
    exceeded_twofold: float
    factor: float


def simulate(runs: int, seed: int = 1) -> Result:
    """Simulates ``runs`` days and returns how accurate the ranges shown were."""
    found = [one for run in range(runs) for one in Line(random.Random(seed * 10_000 + run)).run()]  # noqa: S311
    factors = sorted(one.shown.high_ms / max(1, one.shown.low_ms) for one in found)
    return Result(
        len(found),
        sum(one.holds for one in found) / len(found),
        sum(one.exceeded_twofold for one in found) / len(found),
        factors[len(factors) // 2],
    )


if __name__ == "__main__":
    given = [int(one) for one in sys.argv[1:3]]
    runs, seed = [*given, *(100, 1)[len(given) :]]
    result = simulate(runs, seed)
    sys.stdout.write(
        f"{runs} days, {result.shown} ranges shown\n"
        f"the range holds the true wait: {result.holds:.1%}\n"
        f"the wait is more than twice the upper end: {result.exceeded_twofold:.1%}\n"
        f"median of upper end / lower end: {result.factor:.1f}\n"
    )
