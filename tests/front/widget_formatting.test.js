import assert from 'node:assert/strict';
import test from 'node:test';

import { WIDGET } from './places.js';

const { Times, authorWords, labels } = await import(WIDGET + 'wording.js');
const { compareIds, newId } = await import(WIDGET + 'event_ids.js');
const { contrast, readable, textOn } = await import(WIDGET + 'theme.js');
globalThis.document = undefined; // the modules draw only in their constructors
globalThis.window = globalThis;
const { positionWords } = await import(WIDGET + 'presence.js');
const { limitWords } = await import(WIDGET + 'composer.js');
const { plainText, transcript } = await import(WIDGET + 'transcript_export.js');

const WORDS = { hoy: 'Hoy', ayer: 'Ayer', lugar: 'Lugar {n}', lugar_primero: 'Primero', lugar_atras: 'Atrás {n}', saludo: '{asistente} de {agencia}: {n} y {n}', tu: 'Tú', con_persona: 'Una persona', sistema: 'Aviso', fuente: 'Fuente', archivo: 'Archivo', titulo: 'Chat', largo: '{n} de {max}', quedan: 'Quedan {n}' };
const t = labels({ agency: 'Los Aromos', assistant: 'Aroma', labels: WORDS });
const NOON = Date.UTC(2026, 2, 3, 15, 5); // 12:05 in Santiago
const HOUR_MS = 3_600_000;

function times(now = NOON, language = 'es') {
  return new Times({ language, timezone: 'America/Santiago' }, t, () => now);
}

test('labels get their values every time; an unknown one is its key', () => {
  assert.equal(t('saludo', { n: 2 }), 'Aroma de Los Aromos: 2 y 2');
  assert.equal(t('nada'), 'nada');
});

test("times are in the agency's time zone, whatever that of the browser", () => {
  assert.equal(times().clock(NOON), '12:05');
  assert.equal(times().clock(NOON - 12 * HOUR_MS), '00:05');
});

test('days are today, yesterday, or named', () => {
  assert.equal(times().dayWords(NOON), 'Hoy');
  assert.equal(times().dayWords(NOON - 12 * HOUR_MS - 6 * 60_000), 'Ayer');
  assert.equal(times().dayWords(NOON - 48 * HOUR_MS), 'domingo, 1 de marzo');
  assert.equal(times(NOON, 'en').dayWords(NOON - 48 * HOUR_MS), 'Sunday, March 1');
});

test('two times on one day have the same day', () => {
  assert.equal(times().day(NOON), times().day(NOON + 11 * HOUR_MS));
  assert.notEqual(times().day(NOON), times().day(NOON + 12 * HOUR_MS));
});

test('the position says who is first, who waits, and who dropped back', () => {
  assert.equal(positionWords(t, 1, 1), 'Primero');
  assert.equal(positionWords(t, 3, 3), 'Lugar 3');
  assert.equal(positionWords(t, 4, 3), 'Atrás 4');
});

test('the limit is shown when it is near, and with the excess when it is passed', () => {
  assert.equal(limitWords(t, 3599, 4000), '');
  assert.equal(limitWords(t, 3600, 4000), 'Quedan 400');
  assert.equal(limitWords(t, 4001, 4000), '4.001 de 4.000');
});

test('ids are compared by time, then by number; any id is later than none', () => {
  assert.ok(compareIds('10-0', '9-5') > 0);
  assert.ok(compareIds('9-10', '9-9') > 0);
  assert.equal(compareIds('9-1', '9-1'), 0);
  assert.ok(compareIds('1-0', null) > 0);
});

test('an id has 128 bits and is different each time', () => {
  assert.match(newId(), /^[0-9a-f]{32}$/);
  assert.notEqual(newId(), newId());
});

test('a staff author has a name, or is called a person', () => {
  assert.equal(authorWords(t, 'Aroma', { author: 'staff', name: 'Ana' }), 'Ana');
  assert.equal(authorWords(t, 'Aroma', { author: 'staff' }), 'Una persona');
  assert.equal(authorWords(t, 'Aroma', { author: 'assistant' }), 'Aroma');
});

test('any colour is readable on its surface', () => {
  for (const color of ['#ffe14d', '#000000', '#1f5f4f', '#ff00ff']) {
    assert.ok(contrast(readable(color, { surface: '#ffffff', towards: '#000000', enough: 5 }), '#ffffff') >= 5);
    assert.ok(contrast(color, textOn(color)) >= 4.5);
  }
  assert.equal(textOn('#ffe14d'), '#000000');
});

test('a saved conversation has plain text, addresses, files and sources', () => {
  const events = [
    { author: 'citizen', at: NOON, text: '**no** es [enlace](x)' },
    { author: 'assistant', at: NOON, text: 'Mira **aquí**: [la página](https://a.example/b)', source: { title: 'Sitio', url: 'https://c.example' } },
    { author: 'staff', at: NOON, name: 'Ana', text: 'ya', files: [{ name: 'a.pdf', size: '2 KB' }] },
  ];
  const text = transcript({ t, times: times(), assistant: 'Aroma' }, events);
  assert.match(text, /Tú:\n\*\*no\*\* es \[enlace\]\(x\)\n/);
  assert.match(text, /Aroma:\nMira aquí: la página \(https:\/\/a\.example\/b\)\nFuente: Sitio \(https:\/\/c\.example\)\n/);
  assert.match(text, /Ana:\nya\nArchivo: a\.pdf \(2 KB\)\n/);
});

test('the time of a saved message has hours up to 23', () => {
  assert.match(times().moment(NOON + 6 * HOUR_MS), / 18:05$/);
});

test('only Markdown marks are removed', () => {
  assert.equal(plainText('2 ** 3 y __así__'), '2 ** 3 y así');
});
