import assert from 'node:assert/strict';
import test from 'node:test';

import { FakeClock, settled } from './fakes.js';
import { WIDGET } from './places.js';

const { EventStream, framesOf } = await import(WIDGET + 'event_stream.js');

/** Makes a stream that the test writes. */
function pipe() {
  let controller;
  const body = new ReadableStream({ start: (given) => (controller = given) });
  return { body, write: (text) => controller.enqueue(new TextEncoder().encode(text)), end: () => controller.close() };
}

async function framesIn(...chunks) {
  const { body, write, end } = pipe();
  chunks.forEach(write);
  end();
  const found = [];
  for await (const frame of framesOf(body.getReader())) found.push(frame);
  return found;
}

function listening({ token = 't', status = 200, refusal = null, closed = null } = {}) {
  const clock = new FakeClock();
  const stream = pipe();
  const told = [];
  const link = {
    greeting: () => ({ token, after: '3-0' }),
    opened: (fresh) => told.push(['opened', (token = fresh)]),
    welcome: ({ token: greeted, ...more }) => told.push(['welcome', greeted, more]),
    hear: ({ type, id, code }) => told.push(['hear', type, id, code]),
    forget: () => told.push(['forget']),
    reconnect: () => told.push(['reconnect']),
    lose: (loss) => told.push(['lose', loss]),
  };
  const api = {
    open: async () => {
      if (closed) throw closed;
      return { token: 'fresh' };
    },
    events: async (after) => {
      told.push(['asked', after]);
      return { status, ok: status === 200, body: stream.body };
    },
    post: async () => {
      if (refusal) throw refusal;
      return { event_id: '9-0', speaker: 'assistant' };
    },
  };
  return { clock, stream, told, way: new EventStream(link, { clock, api }) };
}

test('frames are parsed across chunks and line endings; comments are ignored', async () => {
  const found = await framesIn(
    ': ping\r\n\r\nid: 5-0\nevent: message\nda',
    'ta: {"id":"5-0"}\n\nevent: speaker\r\ndata: {"speaker":"staff"}\r\n\r\nevent: lost\ndata: {',
  );
  assert.deepEqual(found, [{ type: 'event', id: '5-0' }, { type: 'speaker', speaker: 'staff' }]);
});

test('a letter that is split between chunks is one letter', async () => {
  const { body, end } = pipe();
  const reader = body.getReader();
  const bytes = new TextEncoder().encode('data: {"text":"ñ"}\n\n');
  const cut = new ReadableStream({
    start(given) {
      given.enqueue(bytes.slice(0, 16));
      given.enqueue(bytes.slice(16));
      given.close();
    },
  });
  end();
  await reader.cancel();
  const found = [];
  for await (const frame of framesOf(cut.getReader())) found.push(frame);
  assert.deepEqual(found, [{ type: 'event', text: 'ñ' }]);
});

test('it opens a conversation if there is none, listens, and is welcome without a guess at who speaks', async () => {
  const { stream, told } = listening({ token: '' });
  await settled();
  stream.write('event: place\ndata: {"id":"x"}\n\n');
  await settled();
  assert.deepEqual(told, [['opened', 'fresh'], ['asked', '3-0'], ['welcome', 'fresh', { type: 'welcome' }], ['hear', 'place', 'x', undefined]]);
});

test('a token that the server does not know is forgotten', async () => {
  const { told } = listening({ status: 401 });
  await settled();
  assert.deepEqual(told.slice(1, 3), [['forget'], ['reconnect']]);
});

test('when it ends or is refused a socket may be tried', async () => {
  const ended = listening();
  await settled();
  ended.stream.end();
  await settled();
  assert.deepEqual(ended.told.at(-1), ['lose', { trySocket: true }]);
  const refused = listening({ status: 503 });
  await settled();
  assert.deepEqual(refused.told.at(-1), ['lose', { trySocket: true }]);
});

test('40 seconds without a byte are a loss; comments count as bytes', async () => {
  const { clock, stream, told } = listening();
  await settled();
  clock.pass(30_000);
  stream.write(': ping\n\n');
  await settled();
  clock.pass(40_000);
  assert.equal(told.at(-1)[0], 'welcome');
  clock.pass(10_000);
  assert.deepEqual(told.at(-1), ['lose', {}]);
});

test('a message is posted, and its receipt or refusal arrives as a frame', async () => {
  const kept = listening();
  await settled();
  await kept.way.send({ id: 'm1', at: 1, text: 'hola' });
  assert.deepEqual(kept.told.at(-1), ['hear', 'ack', 'm1', undefined]);
  const refused = listening({ refusal: { code: 'too_long', text: '…' } });
  await settled();
  await refused.way.send({ id: 'm1', at: 1, text: 'hola' });
  assert.deepEqual(refused.told.at(-1), ['hear', 'error', 'm1', 'too_long']);
  const lost = listening({ refusal: new TypeError('network') });
  await settled();
  await lost.way.send({ id: 'm1', at: 1, text: 'hola' });
  assert.deepEqual(lost.told.at(-1), ['hear', 'error', 'm1', 'unavailable']);
});

test('a closed stream reports nothing more', async () => {
  const { clock, stream, told, way } = listening();
  await settled();
  way.close();
  stream.end();
  await settled();
  clock.pass(60_000);
  assert.equal(told.at(-1)[0], 'welcome');
});

test('the reason why no conversation is opened is reported, and it is tried again', async () => {
  const { told } = listening({ token: '', closed: { code: 'too_many_chats', text: 'Espera.' } });
  await settled();
  assert.deepEqual(told, [['hear', 'error', null, 'too_many_chats'], ['lose', { trySocket: true }]]);
});
