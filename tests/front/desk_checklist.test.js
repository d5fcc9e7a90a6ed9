import assert from 'node:assert/strict';
import test from 'node:test';

import { settled } from './fakes.js';
import { DESK } from './places.js';

const PAGE = 'https://muni.cl/desk/avisos';

class Input extends EventTarget {
  #from = null;

  constructor(name, value, checked = true) {
    super();
    Object.assign(this, { name, value, checked });
  }

  in(inputs) {
    this.#from = inputs;
    inputs.push(this);
  }

  remove() {
    this.#from.splice(this.#from.indexOf(this), 1);
  }
}

/** A form with the fields of templates/notices_steps.html; `submitted` keeps what a full submit would send. */
class Form extends EventTarget {
  action = PAGE;

  inputs = [];

  submitted = null;

  constructor(...inputs) {
    super();
    for (const one of inputs) this.append(one);
  }

  append(input) {
    input.in(this.inputs);
  }

  querySelectorAll() {
    return this.inputs.filter(({ name }) => name === 'visto');
  }

  requestSubmit() {
    this.submitted = String(new URLSearchParams([...new FormData(this)]));
  }

  get seen() {
    return this.querySelectorAll().map(({ value }) => value);
  }
}

globalThis.HTMLInputElement = Input;
globalThis.window = new EventTarget();
globalThis.location = new URL(PAGE);
globalThis.document = { createElement: () => new Input('', '') };
globalThis.FormData = class {
  constructor({ inputs }) {
    this[Symbol.iterator] = () => inputs.filter(({ checked }) => checked).map(({ name, value }) => [name, value])[Symbol.iterator]();
  }
};

const { Checklist } = await import(DESK + 'checklist.js');

/** Returns a checklist, the box of its step `a`, its form, and the bodies that were sent; `answers` are given in turn, null for a lost connection. */
function open({ done = [], answers }) {
  const sent = [];
  globalThis.fetch = async (_, { body }) => {
    sent.push(String(body));
    const answer = answers.shift();
    if (!answer) throw new TypeError('network');
    return answer;
  };
  const box = new Input('paso', 'a', done.includes('a'));
  const form = new Form(new Input('que', 'pasos'), ...done.map((one) => new Input('visto', one)), box, new Input('paso', 'b', done.includes('b')));
  return { list: new Checklist(form), form, box, sent };
}

const saved = { ok: true, url: `${PAGE}?hecho=pasos` };
const signIn = { ok: true, url: 'https://muni.cl/desk/entrar' };

test('the form knows which steps were saved since the page was loaded', async () => {
  const { list, form, box, sent } = open({ done: ['b'], answers: [saved, saved] });
  box.checked = true;
  list.save(box);
  await settled();
  assert.deepEqual(form.seen, ['b', 'a']);
  box.checked = false;
  list.save(box);
  await settled();
  assert.deepEqual([form.seen, form.submitted], [['b'], null]);
  assert.deepEqual(sent, ['que=pasos&paso=a', 'que=pasos&visto=a']);
});

test('a step that could not be saved is sent with the form', async () => {
  for (const answer of [{ ok: false, url: PAGE }, signIn, null]) {
    const { list, form, box } = open({ done: ['a', 'b'], answers: [answer] });
    box.checked = false;
    list.save(box);
    await settled();
    assert.equal(form.submitted, 'que=pasos&visto=b&paso=b&visto=a');
  }
  const { list, form, box } = open({ answers: [signIn] });
  box.checked = true;
  list.save(box);
  await settled();
  assert.equal(form.submitted, 'que=pasos&paso=a');
});

test('two quick changes arrive in their order', async () => {
  let answer = () => {};
  const { list, form, box, sent } = open({ answers: [new Promise((done) => { answer = done; }), saved] });
  for (const checked of [true, false]) {
    box.checked = checked;
    list.save(box);
  }
  await settled();
  assert.deepEqual(sent, ['que=pasos&paso=a']);
  answer(saved);
  await settled();
  assert.deepEqual([sent, form.seen], [['que=pasos&paso=a', 'que=pasos&visto=a'], []]);
});

test('who leaves the page loses no change', async () => {
  const { list, box, sent } = open({ answers: [new Promise(() => {}), saved] });
  for (const checked of [true, false]) {
    box.checked = checked;
    list.save(box);
  }
  await settled();
  window.dispatchEvent(new Event('pagehide'));
  assert.deepEqual(sent, ['que=pasos&paso=a', 'que=pasos&visto=a']);
});
