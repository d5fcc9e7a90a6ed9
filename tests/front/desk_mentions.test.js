import assert from 'node:assert/strict';
import test from 'node:test';

import { DESK } from './places.js';

const { mentioned } = await import(DESK + 'mentions.js');
const [soto, mayor, beto, other] = [['1', 'Ana Soto'], ['2', 'Ana Sotomayor'], ['3', 'Beto Díaz'], ['4', 'Beto Díaz']].map(([id, name]) => ({ id, name }));

test('the longest name after an @ is mentioned, and everybody of that name', () => {
  const all = [soto, mayor, beto, other];
  assert.deepEqual(mentioned('mira @Ana Sotomayor, y tú', all), ['2']);
  assert.deepEqual(mentioned('@Ana Soto, @Ana Sotomayor', all), ['1', '2']);
  assert.deepEqual(mentioned('@Beto Díaz: ojo', all), ['3', '4']);
  assert.deepEqual(mentioned('@Ana Sotomayor', [soto]), []);
  assert.deepEqual(mentioned('Ana Soto escribió a ana@correo.cl', all), []);
  assert.deepEqual(mentioned('mira @ana@muni.cl', [{ id: '5', name: 'ana@muni.cl' }]), ['5']);
});
