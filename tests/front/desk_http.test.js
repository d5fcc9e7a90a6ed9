import assert from 'node:assert/strict';
import test from 'node:test';

import './desk_page.js';
import { DESK } from './places.js';

const { get, post, upload } = await import(DESK + 'http.js');

/** Answers with these statuses in turn; returns the statuses of the requests and how often the session was said to have ended. */
async function asked(...statuses) {
  const sent = [];
  let ended = 0;
  globalThis.window = new EventTarget();
  window.addEventListener('signed-out', () => ended++);
  globalThis.fetch = async () => {
    sent.push(statuses.shift());
    return Response.json({}, { status: sent.at(-1) });
  };
  await get('/tickets').catch(() => {});
  return [sent, ended];
}

test('a request that met the moment in which the token was replaced is repeated', async () => {
  assert.deepEqual(await asked(401, 200), [[401, 200], 0]);
});

test('a second 401 ends the session', async () => {
  assert.deepEqual(await asked(401, 401), [[401, 401], 1]);
});

/** Starts these requests at once; returns which of them outlive the page, and whether the browser then asks whoever leaves. */
async function kept(...starts) {
  const sent = [];
  let answer = () => {};
  const held = new Promise((resolve) => { answer = resolve; });
  globalThis.window = new EventTarget();
  globalThis.fetch = async (_, { keepalive }) => {
    sent.push(keepalive);
    await held;
    return Response.json({});
  };
  const asks = () => !window.dispatchEvent(new Event('beforeunload', { cancelable: true }));
  const all = starts.map((start) => start());
  const asked = asks();
  answer();
  await Promise.all(all);
  return [sent, asked, asks()];
}

const ofBytes = (count) => () => post('/backlog', { words: 'x'.repeat(count) });

test('what a person decided is sent although they leave the page', async () => {
  assert.deepEqual(await kept(ofBytes(100), ofBytes(30_000)), [[true, true], false, false]);
});

test('what is too large for that together is not refused by the browser, which asks whoever leaves until it is answered', async () => {
  assert.deepEqual(await kept(ofBytes(30_000), ofBytes(40_000), ofBytes(100)), [[true, false, true], true, false]);
  assert.deepEqual(await kept(ofBytes(40_000)), [[true], false, false]);
});

test('not so many at once that Firefox refuses one', async () => {
  const kept6 = Array(6).fill(true);
  assert.deepEqual(await kept(...Array(8).fill(ofBytes(10))), [[...kept6, false, false], true, false]);
  assert.deepEqual(await kept(ofBytes(10)), [[true], false, false]);
});

test('a form counts with its file', async () => {
  const form = (size) => () => {
    const fields = new FormData();
    fields.append('text', 'ñ'.repeat(10));
    fields.append('file', new File([new Uint8Array(size)], 'plano.pdf'));
    return upload('/files', fields);
  };
  assert.deepEqual(await kept(form(1000)), [[true], false, false]);
  assert.deepEqual(await kept(form(70_000)), [[false], true, false]);
});
