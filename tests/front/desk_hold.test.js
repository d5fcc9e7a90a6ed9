import assert from 'node:assert/strict';
import test from 'node:test';

import { FakeClock } from './fakes.js';
import { DESK } from './places.js';

const { Hold, AIM_MS, LEAVE_MS } = await import(DESK + 'hold.js');
const { Arrangement } = await import(DESK + 'arrangement.js');
const { Pressed, REACTION_MS } = await import(DESK + 'pressed.js');

function holding() {
  const clock = new FakeClock();
  const ends = [];
  return { clock, ends, hold: new Hold(() => ends.push(clock.now()), clock) };
}

test('a pointer that moves holds the list, one that rests or has left does not for long', () => {
  const { clock, ends, hold } = holding();
  for (let moves = 0; moves < 5; moves += 1) {
    hold.aim();
    clock.pass(AIM_MS - 1);
    assert.ok(hold.active);
  }
  clock.pass(1);
  assert.ok(!hold.active);
  hold.aim();
  hold.leave();
  clock.pass(LEAVE_MS - 1);
  assert.ok(hold.active);
  clock.pass(1);
  assert.ok(!hold.active);
  assert.equal(ends.length, 2);
  assert.equal(clock.pending, 0);
});

test('a pointer that comes back at once goes on aiming; leaving alone holds nothing', () => {
  const { clock, ends, hold } = holding();
  hold.leave();
  assert.ok(!hold.active);
  hold.aim();
  hold.leave();
  clock.pass(LEAVE_MS - 1);
  hold.aim();
  clock.pass(AIM_MS - 1);
  assert.ok(hold.active);
  assert.deepEqual(ends, []);
});

test('scrolling holds the list for a moment and shortens no hold; a press ends it at once, and once', () => {
  const { clock, ends, hold } = holding();
  hold.scroll();
  clock.pass(LEAVE_MS);
  assert.ok(!hold.active);
  hold.aim();
  hold.scroll();
  clock.pass(AIM_MS - 1);
  assert.ok(hold.active);
  hold.end();
  hold.end();
  assert.ok(!hold.active);
  assert.equal(ends.length, 2);
});

test('while it is held the list draws the same rows, and counts each that comes, goes or moves', () => {
  const list = new Arrangement();
  const before = { mine: ['1', '2', '3'], waiting: ['4', '5'], others: [] };
  assert.equal(list.arrange(before, false), before);
  for (const [changes, wanted] of [
    [0, { mine: ['1', '2', '3'], waiting: ['4', '5'], others: [] }],
    [1, { mine: ['1', '2', '3'], waiting: ['6', '4', '5'], others: [] }],
    [1, { mine: ['1', '2'], waiting: ['4', '5'], others: [] }],
    [1, { mine: ['3', '1', '2'], waiting: ['4', '5'], others: [] }],
    [1, { mine: ['1', '2', '3'], waiting: ['5'], others: ['4'] }],
    [3, { mine: ['3', '1', '2'], waiting: ['5', '6'], others: ['4'] }],
  ]) {
    assert.equal(list.arrange(wanted, true), before);
    assert.equal(list.changes, changes, JSON.stringify(wanted));
  }
  const now = { mine: [], waiting: ['7'], others: [] };
  assert.equal(list.arrange(now, false), now);
  assert.equal(list.changes, 0);
});

test('an empty list has nothing to hold', () => {
  const list = new Arrangement();
  const first = { mine: [], waiting: ['1'], others: [] };
  assert.equal(list.arrange(first, true), first);
  assert.equal(list.changes, 0);
});

const ROW = { left: 0, right: 300, height: 60 };
const rowAt = (id, top) => ({ id, left: ROW.left, right: ROW.right, top, bottom: top + ROW.height });
const point = (clientY, pointerType = 'mouse') => ({ clientX: 100, clientY, pointerType });

test('a press right after the rows moved opens the row that was there', () => {
  let now = 0;
  const pressed = new Pressed(() => now);
  assert.equal(pressed.at(point(30)), null);
  now = 1000;
  pressed.moved([rowAt('1', 0), rowAt('2', 60)], point(70));
  now += 100;
  pressed.moved([rowAt('9', 0), rowAt('1', 60)], point(70));
  assert.equal(pressed.at(point(75)), '2');
  assert.equal(pressed.at(point(130)), null, 'a mouse that went on to another row has seen the move');
  assert.equal(pressed.at(point(10, 'touch')), '1');
  assert.equal(pressed.at(point(200, 'touch')), '', 'no row was there');
  now += REACTION_MS;
  assert.equal(pressed.at(point(75)), null);
});

test('a mouse that was elsewhere when the rows moved has aimed at what is there now', () => {
  const pressed = new Pressed(() => 1000);
  pressed.moved([rowAt('1', 0)], null);
  assert.equal(pressed.at(point(30)), null);
  assert.equal(pressed.at(point(30, 'touch')), '1');
});
