import assert from 'node:assert/strict';
import test from 'node:test';

import { DESK } from './places.js';

const { KeptForms } = await import(DESK + 'kept_forms.js');

/** A form as browsers give it: fieldsets and buttons have no name; `chips` of them come and go before the fields. */
function form(chips = 0) {
  const buttons = Array.from({ length: chips }, (_, place) => ({ name: '', value: `chip ${place}` }));
  const radios = [{ name: 'outcome', value: 'solved', checked: false }, { name: 'outcome', value: 'other', checked: true }];
  return { elements: [{ name: '' }, ...radios, ...buttons, { name: 'summary', value: '' }, { name: '', value: 'close' }] };
}

/** A form in which somebody chose the first radio and wrote a summary. */
function filled(chips = 0) {
  const made = form(chips);
  [made.elements[1].checked, made.elements[2].checked] = [true, false];
  made.elements.find(({ name }) => name === 'summary').value = 'Quedó para el martes';
  return made;
}

test('a form that was left is filled in again, for its ticket only, until it has done its work', () => {
  const kept = new KeptForms();
  kept.keep('7', filled());
  const [again, other] = [form(), form()];
  kept.fillIn('7', again);
  kept.fillIn('8', other);
  assert.deepEqual(again, filled());
  assert.deepEqual(other, form());
  kept.drop('7');
  const anew = form();
  kept.fillIn('7', anew);
  assert.deepEqual(anew, form());
});

test('a form is filled in as it was left, however many buttons it has meanwhile', () => {
  const kept = new KeptForms();
  kept.keep('7', filled(3));
  for (const chips of [0, 2, 4]) {
    const again = form(chips);
    kept.fillIn('7', again);
    assert.deepEqual(again, filled(chips));
  }
});
