import assert from 'node:assert/strict';
import test from 'node:test';

import { DESK } from './places.js';

const { KeptForms } = await import(DESK + 'kept_forms.js');

/** A form as browsers give it: a fieldset has no value, and only radios and boxes are checked. */
function form() {
  return { elements: [{ name: '' }, { value: 'solved', checked: false }, { value: 'other', checked: true }, { value: '' }] };
}

const stateOf = ({ elements }) => elements.map(({ value, checked }) => [value, checked]);

test('a form that was left is filled in again, for its ticket only, until it has done its work', () => {
  const [kept, left] = [new KeptForms(), form()];
  left.elements[1].checked = true;
  left.elements[2].checked = false;
  left.elements[3].value = 'Quedó para el martes';
  kept.keep('7', left);
  const [again, other] = [form(), form()];
  kept.fillIn('7', again);
  kept.fillIn('8', other);
  assert.deepEqual(again, left);
  assert.deepEqual(stateOf(other), stateOf(form()));
  kept.drop('7');
  const anew = form();
  kept.fillIn('7', anew);
  assert.deepEqual(anew, form());
});
