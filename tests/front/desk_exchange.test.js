import assert from 'node:assert/strict';
import test from 'node:test';

import { DESK } from './places.js';

const { Exchange } = await import(DESK + 'exchange.js');

function after(...said) {
  const exchange = new Exchange();
  for (const [author, text, matter = false] of said) exchange.said({ kind: 'message', author, text, matter });
  return [exchange.question, exchange.answer];
}

test('the question is the one that staff answered, not the first and not a courtesy', () => {
  const said = [
    ['citizen', 'hola nesesito hablar con una persona'],
    ['staff', 'Hola, soy Marta'],
    ['citizen', 'cuanto sale renobar la licencia', true],
    ['staff', 'Sale 25 mil.'],
    ['staff', 'Y dura seis años.'],
    ['citizen', 'gracias'],
    ['staff', 'De nada.'],
  ];
  assert.deepEqual(after(...said), ['cuanto sale renobar la licencia', 'Sale 25 mil.\nY dura seis años.']);
});

test('a question that nobody answered is not taken', () => {
  assert.deepEqual(after(['citizen', 'la licencia', true], ['staff', 'Sí'], ['citizen', 'y el permiso?', true]), ['la licencia', 'Sí']);
  assert.deepEqual(after(['staff', 'Hola']), ['', 'Hola']);
});
