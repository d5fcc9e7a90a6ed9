import assert from 'node:assert/strict';
import test from 'node:test';

import { FakeClock, FakeStorage, settled } from './fakes.js';
import { WIDGET } from './places.js';

const { Connection } = await import(WIDGET + 'connection.js');
const { Store } = await import(WIDGET + 'store.js');
const ACK = { type: 'ack', event_id: '9-0', repeated: false, speaker: 'assistant' };

/** A transport that the test controls. */
class FakeWay {
  sent = [];

  signals = [];

  checks = [];

  closed = false;

  constructor(kind, link) {
    this.kind = kind;
    this.link = link;
  }

  send(message) {
    this.sent.push(message.id);
  }

  signal(signal) {
    this.signals.push(signal.type);
  }

  check(patience) {
    this.checks.push(patience);
  }

  close() {
    this.closed = true;
  }

  welcomes(token = 't') {
    this.link.welcome({ type: 'welcome', token, speaker: 'assistant' }, { bySocket: this.kind === 'socket' });
  }

  says(id, message_id) {
    this.link.hear({ type: 'event', id, message_id });
  }
}

function world({ online = true, sockets = true } = {}) {
  const clock = new FakeClock();
  const storage = new FakeStorage();
  const store = new Store('key', () => storage);
  const [ways, told] = [[], []];
  const open = (kind) => (link) => {
    ways.push(new FakeWay(kind, link));
    return ways.at(-1);
  };
  const means = { ways: { socket: sockets && open('socket'), stream: open('stream') }, clock, online: () => online };
  const connection = new Connection(store, (message) => told.push(message), means);
  return { clock, store, told, ways, connection, way: () => ways.at(-1), kinds: () => ways.map(({ kind }) => kind) };
}

const typesOf = (told) => told.map(({ type }) => type);

test('it reports that it is connected before the welcome, and keeps the token', () => {
  const { connection, store, told, way } = world();
  connection.start();
  way().welcomes('fresh');
  assert.deepEqual(told.map(({ type, up }) => [type, up]), [['connection', true], ['welcome', undefined]]);
  assert.equal(store.token, 'fresh');
});

test('starting twice opens one connection', () => {
  const { connection, ways } = world();
  connection.start();
  connection.start();
  assert.equal(ways.length, 1);
});

test('after a loss the delay doubles up to half a minute, and a connection that lasts resets it', () => {
  const { clock, connection, ways, way } = world();
  connection.start();
  const rests = [];
  for (let miss = 0; miss < 9; miss++) {
    way().link.lose({ spoke: true });
    const before = ways.length;
    let rest = 0;
    for (; ways.length === before; rest += 500) clock.pass(500);
    rests.push(rest);
  }
  assert.deepEqual(rests, [500, 1000, 2000, 4000, 8000, 16000, 30000, 30000, 30000]);
  way().welcomes();
  clock.pass(5000);
  way().link.lose({ spoke: true });
  clock.pass(500);
  assert.equal(ways.length, 11);
});

test('a connection that is lost right after each welcome is tried ever more rarely', () => {
  const { clock, connection, ways, way } = world();
  connection.start();
  while (ways.length < 7) {
    way().welcomes();
    way().link.lose({ spoke: true });
    clock.pass(500 * 2 ** (ways.length - 1) - 1);
    const before = ways.length;
    clock.pass(1);
    assert.equal(ways.length, before + 1);
  }
});

test('the delay is randomly shortened by up to half', () => {
  const { clock, connection, ways, way } = world();
  clock.chance = 0;
  connection.start();
  way().link.lose({ spoke: true });
  clock.pass(250);
  assert.equal(ways.length, 2);
});

test('after two silent sockets it uses streams, and tries a socket when a stream has ended', () => {
  const { clock, connection, kinds, way } = world();
  connection.start();
  for (const loss of [{ spoke: false }, { spoke: false }, { trySocket: true }, { spoke: false }]) {
    way().link.lose(loss);
    clock.pass(30_000);
  }
  assert.deepEqual(kinds(), ['socket', 'socket', 'stream', 'socket', 'stream']);
});

test('a socket with a welcome proves that sockets work', () => {
  const { clock, connection, kinds, way } = world();
  connection.start();
  for (const spoke of [false, true, false]) {
    if (spoke) way().welcomes();
    way().link.lose({ spoke });
    clock.pass(30_000);
  }
  assert.deepEqual(kinds(), ['socket', 'socket', 'socket', 'socket']);
});

test('sockets that fail without a network still count as usable', () => {
  const { clock, connection, kinds, way } = world({ online: false });
  connection.start();
  for (let miss = 0; miss < 3; miss++) {
    way().link.lose({ spoke: false });
    clock.pass(30_000);
  }
  assert.deepEqual(new Set(kinds()), new Set(['socket']));
});

test('a browser without sockets uses a stream immediately', () => {
  const { connection, kinds } = world({ sockets: false });
  connection.start();
  assert.deepEqual(kinds(), ['stream']);
});

test('an event is reported once, and the next connection resumes after it', () => {
  const { connection, told, way } = world();
  connection.start();
  way().welcomes();
  way().says('5-0');
  way().says('5-0');
  way().says('4-9');
  way().says('5-1');
  assert.equal(typesOf(told).filter((type) => type === 'event').length, 2);
  assert.deepEqual(way().link.greeting(), { token: 't', after: '5-1' });
});

test('unsent messages are sent in order once connected, and only once', async () => {
  const { connection, store, told, way } = world();
  store.add({ id: 'm1', at: 1, text: 'uno' });
  connection.start();
  store.add({ id: 'm2', at: 2, text: 'dos' });
  await connection.flush();
  assert.deepEqual(way().sent, []);
  way().welcomes();
  await settled();
  await connection.flush();
  assert.deepEqual(way().sent, ['m1', 'm2']);
  assert.deepEqual(told.filter(({ type }) => type === 'sending').map(({ id }) => id), ['m1', 'm2']);
});

test('a receipt or the event itself removes a message', () => {
  const { connection, store, way } = world();
  store.add({ id: 'm1', at: 1, text: 'uno' });
  store.add({ id: 'm2', at: 2, text: 'dos' });
  connection.start();
  way().welcomes();
  way().link.hear({ ...ACK, id: 'm1' });
  way().says('9-1', 'm2');
  assert.deepEqual(store.pending, []);
});

test('a message without a receipt in 10 seconds is reported as unsent and sent again on reconnect', async () => {
  const { clock, connection, store, told, ways, way } = world();
  store.add({ id: 'm1', at: 1, text: 'uno' });
  connection.start();
  way().welcomes();
  clock.pass(9999);
  assert.equal(typesOf(told).includes('unsent'), false);
  clock.pass(1);
  assert.deepEqual(told.slice(-2), [{ type: 'unsent', id: 'm1' }, { type: 'connection', up: false }]);
  clock.pass(30_000);
  ways[1].welcomes();
  await settled();
  assert.deepEqual(ways[1].sent, ['m1']);
});

test('a temporary refusal keeps the message for a retry, a permanent one is reported', async () => {
  const { clock, connection, store, told, way } = world();
  store.add({ id: 'm1', at: 1, text: 'uno' });
  connection.start();
  way().welcomes();
  way().link.hear({ type: 'error', id: 'm1', code: 'too_many', text: '…' });
  assert.equal(store.pending.length, 1);
  assert.deepEqual(typesOf(told).slice(-2), ['unsent', 'error']);
  clock.pass(10_000);
  await settled();
  assert.deepEqual(way().sent, ['m1', 'm1']);
});

test('an unknown token is forgotten with the last event seen', () => {
  const { connection, store, told, way } = world();
  store.set({ token: 'old', read: '3-0' });
  connection.start();
  way().welcomes('old');
  way().says('5-0');
  way().link.forget();
  assert.deepEqual([store.token, store.get().read, way().link.greeting()], [null, null, { token: undefined, after: '0' }]);
  assert.equal(told.at(-1).type, 'forgotten');
});

test('a nudge checks an open connection, and reconnects immediately and once during a delay', () => {
  const { clock, connection, ways, way } = world();
  connection.start();
  way().welcomes();
  connection.nudge();
  assert.deepEqual(way().checks, [5000]);
  way().link.lose({ spoke: true });
  connection.nudge();
  clock.pass(30_000);
  assert.equal(ways.length, 2);
});

test('signals are sent immediately or not at all', () => {
  const { connection, way } = world();
  connection.start();
  connection.signal({ type: 'typing' });
  way().welcomes();
  connection.signal({ type: 'typing' });
  assert.deepEqual(way().signals, ['typing']);
});

test('a restart drops the connection and starts from the first event', () => {
  const { clock, connection, ways, way } = world();
  connection.start();
  way().welcomes();
  way().says('5-0');
  connection.restart();
  assert.deepEqual([ways[0].closed, connection.last, ways.length], [true, '0', 2]);
  connection.stop();
  assert.equal(clock.pending, 0);
});

test('a socket that cannot be opened counts as a silent one', () => {
  const clock = new FakeClock();
  const storage = new FakeStorage();
  const kinds = [];
  const ways = {
    socket: () => {
      kinds.push('socket');
      throw new Error('SecurityError');
    },
    stream: (link) => {
      kinds.push('stream');
      return new FakeWay('stream', link);
    },
  };
  const connection = new Connection(new Store('key', () => storage), () => null, { ways, clock, online: () => true });
  connection.start();
  clock.pass(30_000);
  assert.deepEqual(kinds, ['socket', 'socket', 'stream']);
});
