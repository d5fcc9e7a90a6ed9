import assert from 'node:assert/strict';
import test from 'node:test';

import './desk_page.js';
import { DESK } from './places.js';

const { noteId, noteStored } = await import(DESK + 'note_ids.js');

test('a note that is sent again has the same id, until it is stored', () => {
  const first = noteId('7', 'ojo con el plazo');
  assert.equal(noteId('7', 'ojo con el plazo'), first);
  assert.notEqual(noteId('8', 'ojo con el plazo'), first);
  noteStored('7');
  assert.notEqual(noteId('7', 'ojo con el plazo'), first);
});

test('a note whose words were changed is another note', () => {
  const first = noteId('9', 'ojo');
  const other = noteId('9', 'ojo con el plazo');
  assert.notEqual(other, first);
  assert.equal(noteId('9', 'ojo con el plazo'), other);
});
