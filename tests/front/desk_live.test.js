import assert from 'node:assert/strict';
import test from 'node:test';

import { FakeClock } from './fakes.js';
import { DESK } from './places.js';

globalThis.window = new EventTarget();
const { Live } = await import(DESK + 'live.js');
const PING_MS = 15_000;

class FakeSource extends EventTarget {
  static CLOSED = 2;

  /** @type {FakeSource[]} */
  static opened = [];

  readyState = 1;

  constructor() {
    super();
    FakeSource.opened.push(this);
  }

  close() {
    this.readyState = FakeSource.CLOSED;
  }

  says(name) {
    this.dispatchEvent(Object.assign(new Event(name), { data: '{}' }));
  }
}

function started(t) {
  const clock = new FakeClock();
  const states = [];
  const real = { setTimeout, clearTimeout };
  Object.assign(globalThis, { EventSource: FakeSource, setTimeout: (act, ms) => clock.after(ms, act), clearTimeout: (timer) => clock.stop(timer) });
  t.after(() => Object.assign(globalThis, real));
  FakeSource.opened = [];
  const live = new Live({ ready() {} }, (state) => states.push(state));
  live.start();
  return { clock, states, live };
}

test('a connection that is silent, even without pings, is opened anew', (t) => {
  const { clock, states } = started(t);
  FakeSource.opened[0].says('ready');
  clock.pass(3 * PING_MS);
  assert.deepEqual([FakeSource.opened.map((one) => one.readyState), states], [[2, 1], ['connected', 'connecting']]);
});

test('a connection that is never answered is opened anew', (t) => {
  const { clock } = started(t);
  clock.pass(3 * PING_MS);
  assert.equal(FakeSource.opened.length, 2);
});

test('pings keep a connection on which nothing happens', (t) => {
  const { clock } = started(t);
  for (let number = 0; number < 8; number += 1) {
    clock.pass(PING_MS);
    FakeSource.opened[0].says('ping');
  }
  assert.equal(FakeSource.opened.length, 1);
});

test('a stopped connection stays stopped', (t) => {
  const { clock, live } = started(t);
  live.stop();
  clock.pass(10 * PING_MS);
  assert.deepEqual([FakeSource.opened.length, clock.pending], [1, 0]);
});
