import assert from 'node:assert/strict';
import test from 'node:test';

import { FakeClock, FakeStorage, settled } from './fakes.js';
import { WIDGET } from './places.js';

const { Connection } = await import(WIDGET + 'connection.js');
const { Store } = await import(WIDGET + 'store.js');
const RETRY_MS = 10_000;

/** Keeps messages as the server does; `refuses` gives the code of what it does not want. */
class FakeServer {
  log = [];

  kept = new Set();

  refuses = () => null;

  take({ id, text }, follows) {
    const code = this.kept.has(id) ? null : this.refuses(text);
    if (code) return { type: 'error', id, code };
    if (follows && !this.kept.has(id) && !this.kept.has(follows)) return { type: 'error', id, code: 'out_of_order' };
    if (!this.kept.has(id)) this.log.push(text);
    this.kept.add(id);
    return { type: 'ack', id };
  }
}

/** A tab whose frames wait on the line until `carry` takes one to the server. */
function tab(server, storage, { stream = false } = {}) {
  const clock = new FakeClock();
  const store = new Store('key', () => storage);
  const told = [];
  const line = [];
  let way = null;
  const open = (link) => {
    const carried = (message, follows) => () => link.hear(server.take(message, follows));
    way = {
      link,
      close: () => null,
      send: (message, follows) => {
        const carry = carried(message, follows);
        if (!stream) return void line.push(carry);
        return new Promise((done) => line.push(() => done(carry())));
      },
    };
    return way;
  };
  const hear = (frame) => {
    told.push(frame);
    if (frame.type === 'error' && frame.code === 'invalid') store.drop(frame.id); // as conversation.js does
  };
  const connection = new Connection(store, hear, { ways: { socket: stream ? null : open, stream: open }, clock, online: () => true });
  connection.start();
  const up = () => way.link.welcome({ type: 'welcome', token: 't', speaker: 'assistant' }, { bySocket: !stream });
  const say = (text) => {
    store.add({ id: `message-${text}`, at: 1, text });
    return connection.flush();
  };
  const carry = () => line.shift()?.();
  const carryAll = async () => {
    await settled();
    while (line.length) {
      carry();
      await settled();
    }
  };
  return { clock, store, told, line, up, say, carry, carryAll, lose: () => way.link.lose({}) };
}

for (const stream of [false, true]) {
  const way = stream ? 'a stream' : 'a socket';

  test(`over ${way} what comes after a message that was refused for a moment waits for it`, async () => {
    const server = new FakeServer();
    const page = tab(server, new FakeStorage(), { stream });
    let away = true;
    server.refuses = (text) => (text === '1' && away ? 'unavailable' : null);
    page.up();
    for (const text of ['1', '2', '3']) page.say(text);
    await page.carryAll();
    assert.deepEqual([server.log, page.store.pending.length], [[], 3]);
    away = false;
    page.clock.pass(RETRY_MS);
    await page.carryAll();
    assert.deepEqual([server.log, page.store.pending], [['1', '2', '3'], []]);
  });

  test(`over ${way} a message that is refused for good holds up none of those behind it`, async () => {
    const server = new FakeServer();
    const page = tab(server, new FakeStorage(), { stream });
    server.refuses = (text) => (text === '1' ? 'invalid' : null);
    page.up();
    for (const text of ['1', '2', '3']) page.say(text);
    await page.carryAll();
    assert.deepEqual([server.log, page.store.pending], [['2', '3'], []]);
  });
}

test('that a message came too early is not told to the citizen', async () => {
  const server = new FakeServer();
  const page = tab(server, new FakeStorage());
  server.refuses = (text) => (text === '1' ? 'invalid' : null);
  page.up();
  for (const text of ['1', '2']) page.say(text);
  await page.carryAll();
  assert.deepEqual(page.told.filter(({ type }) => type === 'error').map(({ id }) => id), ['message-1']);
  assert.equal(page.told.some(({ type }) => type === 'unsent'), false);
});

test('over a stream a message is posted when the one before has its receipt', async () => {
  const page = tab(new FakeServer(), new FakeStorage(), { stream: true });
  page.up();
  for (const text of ['1', '2', '3']) page.say(text);
  await settled();
  assert.equal(page.line.length, 1);
});

test('after a loss a stream sends again what had no receipt', async () => {
  const server = new FakeServer();
  const page = tab(server, new FakeStorage(), { stream: true });
  page.up();
  page.say('1');
  await settled();
  page.lose();
  page.line.length = 0;
  page.clock.pass(30_000);
  page.up();
  await page.carryAll();
  assert.deepEqual(server.log, ['1']);
});

/** Numbers from 0 to 1 that are the same in every run. */
function chances(seed) {
  let state = seed;
  return () => (state = (state * 16_807) % 2_147_483_647) / 2_147_483_647;
}

for (const seed of [1, 2, 3, 4, 5]) {
  test(`what two tabs of one conversation say stays in order on two lines, some lost, some refused (${seed})`, async () => {
    const chance = chances(seed);
    const server = new FakeServer();
    const storage = new FakeStorage();
    const tabs = [tab(server, storage), tab(server, storage)];
    server.refuses = (text) => (text === '20' ? 'invalid' : chance() < 0.2 ? 'unavailable' : null);
    for (const one of tabs) one.up();
    for (let number = 1; number <= 50; number++) {
      tabs[number % 2].say(`${number}`);
      for (const one of tabs) if (chance() < 0.6) one.carry();
      if (chance() < 0.1) await comeBack(tabs[0]);
    }
    for (let round = 0; round < 200 && tabs[0].store.pending.length; round++) {
      for (const one of tabs) {
        one.clock.pass(RETRY_MS / 2);
        await one.carryAll();
      }
    }
    const wanted = Array.from({ length: 50 }, (_, place) => `${place + 1}`).filter((text) => text !== '20');
    assert.deepEqual([server.log, tabs[0].store.pending], [wanted, []]);
  });
}

/** The line breaks; what was on it may still arrive, later. */
async function comeBack(page) {
  page.lose();
  page.clock.pass(1000);
  page.up();
  await settled();
}
