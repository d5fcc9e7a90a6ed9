import assert from 'node:assert/strict';
import test, { beforeEach, mock } from 'node:test';

import './desk_page.js';
import { settled } from './fakes.js';
import { DESK } from './places.js';

const { Outbox } = await import(DESK + 'outbox.js');
const { ApiError } = await import(DESK + 'http.js');
const { keepUnsentReplies, unsentReplies } = await import(DESK + 'tab_storage.js');
const TICKET = { id: '1', conversation: 'c1' };

/** Makes an outbox whose server answers each request with the next of `answers`: an id, or an error. */
function world(...answers) {
  const [tried, told] = [[], []];
  const send = async (reply, file) => {
    tried.push([reply.text, file?.name]);
    const answer = answers.shift() ?? { id: '9-0' };
    if (answer instanceof Error) throw answer;
    return answer;
  };
  const outbox = new Outbox({ send, onSent: (reply, id) => told.push(['sent', reply.text, id]), onState: (reply) => told.push([reply.state, reply.text, reply.error]) });
  return { outbox, tried, told };
}

beforeEach(() => keepUnsentReplies([]));

test('replies are sent one after the other, in order', async () => {
  const { outbox, tried, told } = world({ id: '1-0' }, { id: '2-0' });
  outbox.add(TICKET, 'uno');
  outbox.add(TICKET, 'dos');
  await settled();
  assert.deepEqual(tried.map(([text]) => text), ['uno', 'dos']);
  assert.deepEqual(told.filter(([what]) => what === 'sent'), [['sent', 'uno', '1-0'], ['sent', 'dos', '2-0']]);
  assert.deepEqual(outbox.of('c1'), []);
});

test('an unsent reply survives a reload with the same id', async () => {
  const { outbox } = world(new ApiError(401, null));
  const { reply_id: id } = outbox.add(TICKET, 'uno');
  await settled();
  const later = world();
  assert.deepEqual(later.outbox.of('c1').map(({ reply_id: one, state }) => [one, state]), [[id, 'waiting']]);
  await later.outbox.flush();
  assert.deepEqual(later.tried, [['uno', undefined]]);
});

test('without a network it retries with a doubled delay and keeps the order', async (t) => {
  t.mock.timers.enable({ apis: ['setTimeout'] });
  const lost = new ApiError(0, null);
  const { outbox, tried } = world(lost, lost, { id: '1-0' });
  outbox.add(TICKET, 'uno');
  await settled();
  t.mock.timers.tick(999);
  await settled();
  assert.equal(tried.length, 1);
  t.mock.timers.tick(1);
  await settled();
  t.mock.timers.tick(1999);
  await settled();
  assert.equal(tried.length, 2);
  outbox.add(TICKET, 'dos');
  await settled();
  assert.deepEqual(tried.map(([text]) => text), ['uno', 'uno', 'uno', 'dos']);
});

test('a refused reply fails with the reason, and the next one is sent', async () => {
  const { outbox, tried, told } = world(new ApiError(409, { error: 'not_yours', message: 'no es tuya' }), { id: '2-0' });
  const { reply_id: id } = outbox.add(TICKET, 'uno');
  outbox.add(TICKET, 'dos');
  await settled();
  assert.deepEqual(told.filter(([state]) => state === 'failed'), [['failed', 'uno', 'no es tuya']]);
  assert.equal(tried.length, 2);
  outbox.retry(id);
  await settled();
  assert.deepEqual([tried.length, outbox.of('c1')], [3, []]);
});

test('a busy server is retried, an ended session waits for a new sign-in', async () => {
  const busy = world(new ApiError(503, null));
  const schedule = mock.method(globalThis, 'setTimeout', () => 0);
  busy.outbox.add(TICKET, 'uno');
  await settled();
  assert.equal(schedule.mock.callCount(), 1);
  const ended = world(new ApiError(401, null));
  ended.outbox.add(TICKET, 'uno');
  await settled();
  assert.equal(schedule.mock.callCount(), 1);
  schedule.mock.restore();
});

test('a file is sent once; after a reload the reply reports that it was lost', async () => {
  const { outbox, tried } = world(new ApiError(401, null));
  outbox.add(TICKET, 'mira', { file: { name: 'a.pdf' } });
  await settled();
  assert.deepEqual(tried, [['mira', 'a.pdf']]);
  const later = world();
  await later.outbox.flush();
  assert.deepEqual(later.told, [['failed', 'mira', 'se perdió']]);
  assert.deepEqual(later.tried, []);
});

test('a discarded reply is not sent', async () => {
  const { outbox, tried } = world(new ApiError(401, null));
  const { reply_id: id } = outbox.add(TICKET, 'uno');
  await settled();
  outbox.discard(id);
  await outbox.flush();
  assert.equal(tried.length, 1);
  assert.deepEqual(unsentReplies(), []);
});

test('a file that the server cannot take now fails with the reason', async () => {
  for (const [status, error] of [[503, 'unchecked'], [507, 'file_no_room']]) {
    const { outbox, tried, told } = world(new ApiError(status, { error, message: 'sin antivirus' }));
    outbox.add(TICKET, 'mira', { file: { name: 'a.pdf' } });
    outbox.add(TICKET, 'dos');
    await settled();
    assert.deepEqual(told.filter(([state]) => state === 'failed'), [['failed', 'mira', 'sin antivirus']]);
    assert.deepEqual(tried.map(([text]) => text), ['mira', 'dos']);
  }
});

test('a reply that waits, or is long on its way, holds back none to another conversation', async (t) => {
  t.mock.timers.enable({ apis: ['setTimeout'] });
  const { outbox, tried } = world(new ApiError(503, null), new Promise(() => {}), { id: '1-0' });
  outbox.add(TICKET, 'espera');
  outbox.add({ id: '2', conversation: 'c2' }, 'foto', { file: { name: 'a.jpg' } });
  await settled();
  outbox.add({ id: '3', conversation: 'c3' }, 'uno');
  await settled();
  assert.deepEqual(tried.map(([text]) => text), ['espera', 'foto', 'uno']);
  assert.deepEqual(outbox.of('c3'), []);
  outbox.add(TICKET, 'dos');
  await settled();
  assert.deepEqual(tried.map(([text]) => text), ['espera', 'foto', 'uno', 'espera', 'dos']);
});
