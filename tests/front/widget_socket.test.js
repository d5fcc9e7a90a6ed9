import assert from 'node:assert/strict';
import test from 'node:test';

import { FakeClock, FakeSocket } from './fakes.js';
import { WIDGET } from './places.js';

const { Socket } = await import(WIDGET + 'socket.js');
const WELCOME = { type: 'welcome', token: 't', conversation: 'c', speaker: 'assistant' };

function opened() {
  const clock = new FakeClock();
  const socket = new FakeSocket();
  const told = [];
  const link = {
    greeting: () => ({ token: 'old', after: '3-0' }),
    welcome: (frame, how) => told.push(['welcome', frame.token, how]),
    hear: (frame) => told.push(['hear', frame.type]),
    forget: () => told.push(['forget']),
    lose: (loss) => told.push(['lose', loss]),
  };
  const way = new Socket(link, { clock, open: () => socket });
  return { clock, socket, told, way };
}

test('it sends hello with the token and the last event seen', () => {
  const { socket } = opened();
  socket.onopen();
  assert.deepEqual(socket.sent, [{ type: 'hello', token: 'old', after: '3-0' }]);
});

test('a welcome is reported, and then every frame', () => {
  const { clock, socket, told } = opened();
  socket.says(WELCOME);
  socket.says({ type: 'speaker', speaker: 'staff' });
  clock.pass(24_000);
  assert.deepEqual(told, [['welcome', 't', { bySocket: true }], ['hear', 'speaker']]);
});

test('without a welcome in time it is lost as a silent socket', () => {
  const { clock, told } = opened();
  clock.pass(7999);
  assert.deepEqual(told, []);
  clock.pass(1);
  assert.deepEqual(told, [['lose', { spoke: false }]]);
});

test('an unknown token is forgotten and another hello sent', () => {
  const { socket, told } = opened();
  socket.says({ type: 'error', code: 'unknown_token' });
  assert.deepEqual(told, [['forget']]);
  assert.equal(socket.sent.at(-1).type, 'hello');
});

test('an error is reported; one before the welcome closes it, too', () => {
  const before = opened();
  before.socket.says({ type: 'error', code: 'too_many' });
  assert.deepEqual(before.told, [['hear', 'error'], ['lose', { spoke: true }]]);
  const after = opened();
  after.socket.says(WELCOME);
  after.socket.says({ type: 'error', code: 'too_many' });
  assert.deepEqual(after.told.at(-1), ['hear', 'error']);
});

test('a ping every 25 seconds is answered, or the socket is lost 10 seconds later', () => {
  const { clock, socket, told } = opened();
  socket.says(WELCOME);
  clock.pass(25_000);
  assert.deepEqual(socket.sent, [{ type: 'ping' }]);
  clock.pass(5000);
  socket.says({ type: 'pong' });
  clock.pass(5000);
  assert.equal(told.at(-1)[0], 'hear');
  clock.pass(25_000);
  assert.deepEqual(told.at(-1), ['lose', { spoke: true }]);
});

test('a closed socket sends nothing more', () => {
  const { clock, socket, told, way } = opened();
  socket.says(WELCOME);
  clock.pass(1);
  way.check();
  way.close();
  clock.pass(60_000);
  assert.equal(socket.closed, true);
  assert.equal(socket.onmessage, null);
  assert.deepEqual(told.map(([what]) => what), ['welcome']);
});
