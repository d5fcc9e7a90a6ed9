import assert from 'node:assert/strict';
import test from 'node:test';

import './desk_page.js';
import { DESK } from './places.js';

const { newDanger } = await import(DESK + 'danger.js');
const ticket = (words, denied = false) => ({ danger: { words, denied, sure: true } });

test('a new danger alerts the agent, its denial does not, and the danger told again does', () => {
  const [gas, denied] = [ticket('Emergencia: gas'), ticket('Emergencia: gas · la persona dice que no', true)];
  assert.equal(newDanger(gas, { danger: null }), 'Emergencia: gas');
  assert.equal(newDanger(gas, gas), '');
  assert.equal(newDanger(denied, gas), '');
  assert.equal(newDanger(denied, { danger: null }), denied.danger.words); // told and denied before the desk saw it
  assert.equal(newDanger(gas, denied), 'Emergencia: gas');
});
