import assert from 'node:assert/strict';
import test, { afterEach } from 'node:test';

import './desk_page.js';
import { DESK } from './places.js';

const { clock, day, elapsed, now, setServerTime, waitingWords } = await import(DESK + 'times.js');
const { hoursOf, isClosed, stateOf, timeLeft, windowAfter } = await import(DESK + 'reply_window.js');
const { sizeWords } = await import(DESK + 'sizes.js');
const { filled, matching } = await import(DESK + 'picker_options.js');
const SECOND_MS = 1000;
const MINUTE_MS = 60 * SECOND_MS;
const HOUR_MS = 60 * MINUTE_MS;

afterEach(() => setServerTime(Date.now()));

function window_(leftMs) {
  return { window: { open_until: now() + leftMs, lasts: 24 * HOUR_MS, after: '', previews: true } };
}

test('waiting times use the fitting unit', () => {
  const ago = (ms) => elapsed(now() - ms - SECOND_MS);
  assert.equal(ago(0), 'ahora');
  assert.equal(ago(59 * MINUTE_MS), '59 min');
  assert.equal(ago(HOUR_MS), '1 h 00');
  assert.equal(ago(HOUR_MS + 5 * MINUTE_MS), '1 h 05');
  assert.equal(ago(23 * HOUR_MS + 59 * MINUTE_MS), '23 h 59');
  assert.equal(ago(49 * HOUR_MS), '2 d');
});

test('a citizen who has just come has no waiting time yet', () => {
  assert.equal(waitingWords(now()), 'acaba de llegar');
  assert.equal(waitingWords(now() - 3 * MINUTE_MS - SECOND_MS), 'espera hace 3 min');
});

test("the server's clock counts, not the browser's", () => {
  const since = Date.now();
  setServerTime(since + 10 * MINUTE_MS + SECOND_MS);
  assert.equal(elapsed(since), '10 min');
});

test('a future time is shown as now', () => {
  assert.equal(elapsed(now() + HOUR_MS), 'ahora');
});

test('days are today, yesterday, or named with a capital', () => {
  assert.equal(day(now()), 'Hoy');
  assert.equal(day(now() - 24 * HOUR_MS), 'Ayer');
  assert.match(day(Date.UTC(2026, 2, 3, 15)), /^Martes, 3 de marzo$/);
  assert.match(clock(now()), /^\d\d:\d\d$/);
});

test("WhatsApp's window is open, closing soon, closed, or absent", () => {
  assert.deepEqual([61 * MINUTE_MS, 59 * MINUTE_MS, 0].map((left) => stateOf(window_(left))), ['open', 'soon', 'closed']);
  assert.equal(stateOf({ window: null }), '');
  assert.deepEqual([isClosed(window_(-1)), isClosed({ window: null }), isClosed(null)], [true, false, false]);
});

test('the length of the window is shown in whole hours although its last minute does not count', () => {
  assert.equal(hoursOf({ window: { open_until: 0, lasts: 24 * HOUR_MS - MINUTE_MS, after: '', previews: true } }), 24);
});

test('the remaining time is shown in hours and minutes, at least one minute', () => {
  assert.equal(timeLeft(window_(2 * HOUR_MS + 5 * MINUTE_MS + SECOND_MS)), '2 h 5 min');
  assert.equal(timeLeft(window_(59 * MINUTE_MS + SECOND_MS)), '59 min');
  assert.equal(timeLeft(window_(SECOND_MS)), '1 min');
});

test("only a citizen's message reopens the window", () => {
  const ticket = window_(0);
  assert.equal(windowAfter(ticket, { author: 'staff', at: 5 }), ticket.window);
  assert.equal(windowAfter(ticket, { author: 'citizen', at: 5 }).open_until, 5 + 24 * HOUR_MS);
});

test('sizes use a decimal comma and are at least one kilobyte', () => {
  assert.deepEqual([1, 1600, 999_000, 1_250_000].map(sizeWords), ['1 KB', '2 KB', '999 KB', '1,3 MB']);
});

test("saved replies are found without accents: shortcuts first, then the team's", () => {
  const saved = [
    { shortcut: 'otro', text: 'sobre el trámite', team: '' },
    { shortcut: 'tramite', text: '…', team: 'obras' },
    { shortcut: 'tramites', text: '…', team: '' },
    { shortcut: 'tram', text: '…', team: 'transito' },
    { shortcut: 'nada', text: 'nada', team: 'transito' },
  ];
  assert.deepEqual(matching(saved, 'TRÁM', 'transito').map(({ saved: one }) => one.shortcut), ['tram', 'tramites', 'tramite', 'otro']);
});

test('a saved reply fills known placeholders and leaves the others', () => {
  const ticket = { id: '5', team_words: 'Tránsito' };
  assert.equal(filled('{agente} de {equipo}, {ticket}: {nombre} {otro}', ticket), 'Ana de Tránsito, 5: [nombre] {otro}');
});
