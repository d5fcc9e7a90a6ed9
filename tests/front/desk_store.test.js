import assert from 'node:assert/strict';
import test from 'node:test';

import './desk_page.js';
import { DESK } from './places.js';

const { Store, sectionOf } = await import(DESK + 'store.js');
const { isLater } = await import(DESK + 'event_ids.js');
const ME = { name: 'Ana', me: true };
const OTHER = { name: 'Beto', me: false };

function ticket(id, facts = {}) {
  return { id, owner: null, rank: 3, opened_at: 100, last: null, unanswered: 0, unanswered_since: 0, matter: '', window: null, ...facts };
}

function board({ waiting = [], behind = [], mine = [], others = [] } = {}) {
  return { waiting, behind, total: waiting.length + behind.length, mine, others };
}

function message(id, author, facts = {}) {
  return { id, author, kind: 'message', text: 'hola', at: 500, ...facts };
}

const idsOf = (tickets) => tickets.map(({ id }) => id);

test('only items that a later load adds are reported as new', () => {
  const store = new Store();
  assert.deepEqual(store.load(board({ waiting: [ticket('1')] }), store.mark()).fresh, []);
  assert.deepEqual(idsOf(store.load(board({ waiting: [ticket('1'), ticket('2')] }), store.mark()).fresh), ['2']);
});

test('a load tells what each ticket was before', () => {
  const store = new Store();
  const [calm, mine] = [ticket('1'), ticket('2')];
  const danger = { words: 'Emergencia: salud', sure: true };
  assert.deepEqual(store.load(board({ waiting: [calm], mine: [mine] }), store.mark()).replaced, []);
  const mark = store.mark();
  store.put(mine);
  const { replaced } = store.load(board({ waiting: [ticket('1', { danger }), ticket('3')], mine: [ticket('2', { danger })] }), mark);
  assert.deepEqual(replaced, [{ ticket: ticket('1', { danger }), before: calm }]);
  const given = ticket('4', { owner: ME });
  const later = store.load(board({ waiting: [ticket('1', { danger })], mine: [given] }), store.mark());
  assert.deepEqual(later.replaced[0], { ticket: given, before: undefined });
});

test('a load keeps the tickets that are as before, so that their rows are not rendered again', () => {
  const store = new Store();
  store.load(board({ waiting: [ticket('1'), ticket('2')] }), store.mark());
  const [one, two] = [store.get('1'), store.get('2')];
  store.load(board({ waiting: [ticket('1'), ticket('2', { matter: 'otra cosa' })] }), store.mark());
  assert.equal(store.get('1'), one);
  assert.notEqual(store.get('2'), two);
});

test('a load removes what the server no longer has', () => {
  const store = new Store();
  store.load(board({ waiting: [ticket('1'), ticket('2')] }), store.mark());
  store.load(board({ waiting: [ticket('2')] }), store.mark());
  assert.equal(store.get('1'), undefined);
});

test('a live event after the request is newer than its response', () => {
  const store = new Store();
  const mark = store.mark();
  store.put(ticket('1', { owner: ME }));
  store.remove('2');
  store.load(board({ waiting: [ticket('1'), ticket('2')] }), mark);
  store.update(ticket('1', { owner: OTHER }), mark);
  assert.deepEqual(store.get('1').owner, ME);
  assert.equal(store.get('2'), undefined);
});

test('a response to a request sent after the event is newer', () => {
  const store = new Store();
  store.put(ticket('1', { owner: ME }));
  store.update(ticket('1', { owner: OTHER }), store.mark());
  assert.deepEqual(store.get('1').owner, OTHER);
});

test('the queue is sorted by rank, then arrival, then number', () => {
  const store = new Store();
  const waiting = [ticket('10'), ticket('9'), ticket('3', { opened_at: 200 }), ticket('4', { rank: 0, opened_at: 900 })];
  store.load(board({ waiting }), store.mark());
  assert.deepEqual(idsOf(store.section('waiting')), ['4', '9', '10', '3']);
});

test('my own conversations are sorted by who waits for me, longest first, then by their last message', () => {
  const store = new Store();
  const mine = [
    ticket('1', { owner: ME, last: { at: 300 } }),
    ticket('2', { owner: ME, opened_at: 400 }),
    ticket('3', { owner: ME, unanswered: 1, unanswered_since: 50 }),
    ticket('4', { owner: ME, unanswered: 2, unanswered_since: 40 }),
    ticket('5', { owner: ME, unanswered: 1, unanswered_since: 60, priority: 'emergency' }),
    ticket('6', { owner: ME, unanswered: 1, unanswered_since: 10, state: 'snoozed' }),
  ];
  store.load(board({ mine }), store.mark());
  assert.deepEqual(idsOf(store.section('mine')), ['5', '4', '3', '2', '1', '6']);
});

test('tickets behind the loaded ones are counted, and not listed before they are loaded', () => {
  const store = new Store();
  const first = Array.from({ length: 20 }, (_, number) => ticket(String(number + 1)));
  store.load(board({ waiting: first, behind: ['21', '22'] }), store.mark());
  const counts = () => [store.section('waiting').length, store.behind, store.total];
  store.put(ticket('23', { opened_at: 900 }));
  assert.deepEqual(counts(), [20, 3, 23]);
  store.put(ticket('24', { rank: 0, opened_at: 900 }));
  assert.deepEqual(counts(), [21, 3, 24]);
  store.put(ticket('21', { owner: OTHER }));
  store.remove('22');
  assert.deepEqual(counts(), [21, 1, 22]);
  assert.equal(store.isBehind('23'), true);
});

test('the list is asked for again when few of the first tickets are left', () => {
  const store = new Store();
  let thin = 0;
  store.addEventListener('thin', () => thin++);
  const first = Array.from({ length: 15 }, (_, number) => ticket(String(number + 1)));
  store.load(board({ waiting: first, behind: ['30'] }), store.mark());
  assert.equal(thin, 0);
  store.remove('1');
  assert.equal(thin, 1);
});

test("the matter is the citizen's last message that tells it", () => {
  const store = new Store();
  store.put(ticket('1', { owner: ME }));
  store.said('1', message('5-0', 'citizen', { text: 'la licencia', matter: true, at: 7 }));
  store.said('1', message('6-0', 'citizen', { text: 'gracias', at: 8 }));
  assert.deepEqual([store.get('1').matter, store.get('1').unanswered_since], ['la licencia', 7]);
});

test('a message becomes the last message once, and counts until staff answers', () => {
  const store = new Store();
  store.put(ticket('1', { owner: ME }));
  store.said('1', message('5-0', 'citizen'));
  store.said('1', message('5-0', 'citizen'));
  store.said('1', message('4-0', 'citizen'));
  assert.deepEqual([store.get('1').unanswered, store.get('1').last.id], [1, '5-0']);
  store.said('1', message('6-0', 'assistant'));
  assert.equal(store.get('1').unanswered, 1);
  store.said('1', message('7-0', 'staff'));
  assert.equal(store.get('1').unanswered, 0);
});

test('notes and system messages are no last message', () => {
  const store = new Store();
  store.put(ticket('1'));
  store.said('1', message('5-0', 'system'));
  store.said('1', message('6-0', 'staff', { kind: 'note' }));
  assert.equal(store.get('1').last, null);
});

test("a citizen's message reopens WhatsApp's window", () => {
  const store = new Store();
  store.put(ticket('1', { window: { open_until: 10, lasts: 1000, after: '', previews: false } }));
  store.said('1', message('5-0', 'staff'));
  assert.equal(store.get('1').window.open_until, 10);
  store.said('1', message('6-0', 'citizen'));
  assert.equal(store.get('1').window.open_until, 1500);
});

test('every change is reported, and an update without a change is not', () => {
  const store = new Store();
  let changes = 0;
  store.addEventListener('change', () => changes++);
  store.put(ticket('1'));
  store.remove('1');
  store.remove('1');
  assert.equal(changes, 2);
});

test('a ticket is in the section of its owner, and ids compare as numbers', () => {
  assert.deepEqual([null, ME, OTHER].map((owner) => sectionOf(ticket('1', { owner }))), ['waiting', 'mine', 'others']);
  assert.deepEqual([isLater('10-0', '9-9'), isLater('9-9', '9-9'), isLater('9-10', '9-9'), isLater('1-0', undefined)], [true, false, true, true]);
});
