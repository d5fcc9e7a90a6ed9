import assert from 'node:assert/strict';
import test from 'node:test';

import { FakeClock, FakeStorage, settled } from './fakes.js';
import { WIDGET } from './places.js';

const { Connection } = await import(WIDGET + 'connection.js');
const { Store } = await import(WIDGET + 'store.js');
const RETRY_MS = 10_000;

/** Stores messages as the server does; `refuses` returns the error code for a text, or null to accept it. */
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

/** Makes a tab whose messages wait in `line` until `carry` delivers the next one to the server. */
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

  test(`over ${way} later messages wait for one that was refused temporarily`, async () => {
    const server = new FakeServer();
    const page = tab(server, new FakeStorage(), { stream });
    let unavailable = true;
    server.refuses = (text) => (text === '1' && unavailable ? 'unavailable' : null);
    page.up();
    for (const text of ['1', '2', '3']) page.say(text);
    await page.carryAll();
    assert.deepEqual([server.log, page.store.pending.length], [[], 3]);
    unavailable = false;
    page.clock.pass(RETRY_MS);
    await page.carryAll();
    assert.deepEqual([server.log, page.store.pending], [['1', '2', '3'], []]);
  });

  test(`over ${way} a message that is refused for good delays no later one`, async () => {
    const server = new FakeServer();
    const page = tab(server, new FakeStorage(), { stream });
    server.refuses = (text) => (text === '1' ? 'invalid' : null);
    page.up();
    for (const text of ['1', '2', '3']) page.say(text);
    await page.carryAll();
    assert.deepEqual([server.log, page.store.pending], [['2', '3'], []]);
  });
}

test('an out-of-order refusal is not shown to the citizen', async () => {
  const server = new FakeServer();
  const page = tab(server, new FakeStorage());
  server.refuses = (text) => (text === '1' ? 'invalid' : null);
  page.up();
  for (const text of ['1', '2']) page.say(text);
  await page.carryAll();
  assert.deepEqual(page.told.filter(({ type }) => type === 'error').map(({ id }) => id), ['message-1']);
  assert.equal(page.told.some(({ type }) => type === 'unsent'), false);
});

test('over a stream a message is posted after the receipt of the previous one', async () => {
  const page = tab(new FakeServer(), new FakeStorage(), { stream: true });
  page.up();
  for (const text of ['1', '2', '3']) page.say(text);
  await settled();
  assert.equal(page.line.length, 1);
});

test('after a loss a stream resends messages without a receipt', async () => {
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

/** Returns a generator of pseudorandom numbers from 0 to 1, the same in every run. */
function chances(seed) {
  let state = seed;
  return () => (state = (state * 16_807) % 2_147_483_647) / 2_147_483_647;
}

for (const seed of [1, 2, 3, 4, 5]) {
  test(`messages of two tabs of one conversation stay in order despite lost connections and refusals (${seed})`, async () => {
    const chance = chances(seed);
    const server = new FakeServer();
    const storage = new FakeStorage();
    const tabs = [tab(server, storage), tab(server, storage)];
    server.refuses = (text) => (text === '20' ? 'invalid' : chance() < 0.2 ? 'unavailable' : null);
    for (const one of tabs) one.up();
    for (let number = 1; number <= 50; number++) {
      tabs[number % 2].say(`${number}`);
      for (const one of tabs) if (chance() < 0.6) one.carry();
      if (chance() < 0.1) await breakAndRestore(tabs[0]);
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

/** Breaks the connection and restores it; messages already in `line` may still arrive later. */
async function breakAndRestore(page) {
  page.lose();
  page.clock.pass(1000);
  page.up();
  await settled();
}
