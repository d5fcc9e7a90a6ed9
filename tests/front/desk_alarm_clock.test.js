import assert from 'node:assert/strict';
import test from 'node:test';

import { DESK } from './places.js';

const { AlarmClock } = await import(DESK + 'alarm_clock.js');
const MINUTE = 60_000;

function memory() {
  const kept = new Map();
  return { getItem: (key) => kept.get(key) ?? null, setItem: (key, value) => kept.set(key, value) };
}

test('the alarm sounds at each new emergency, and every minute until all are claimed', () => {
  const clock = new AlarmClock({ soundsFirst: true, memory: memory() });
  const sounded = [
    [[], 0],
    [['1'], 1000],
    [['1'], 6000],
    [['1', '2'], 9000],
    [['1', '2'], 9000 + MINUTE - 1],
    [['1', '2'], 9000 + MINUTE],
    [['2'], 9001 + MINUTE],
    [[], 3 * MINUTE],
  ].map(([tickets, now]) => clock.due(tickets, now));
  assert.deepEqual(sounded, [false, true, false, true, false, true, false, false]);
});

test('on the desk itself, whose list sounds at a new emergency, only the repeats sound', () => {
  const clock = new AlarmClock({ soundsFirst: false, memory: memory() });
  assert.deepEqual([clock.due(['1'], 1000), clock.due(['1'], 1000 + MINUTE)], [false, true]);
});

test('the next page of a tab goes on with the minute, and sounds only at what is new', () => {
  const kept = memory();
  const at = (tickets, now) => new AlarmClock({ soundsFirst: true, memory: kept }).due(tickets, now);
  assert.deepEqual([at(['1'], 1000), at(['1'], 3000), at(['1'], 1000 + MINUTE), at(['1', '2'], 2000 + MINUTE)], [true, false, true, true]);
});
