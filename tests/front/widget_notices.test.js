import assert from 'node:assert/strict';
import test from 'node:test';

import { WIDGET } from './places.js';

const NOTICE = { id: '1', severity: 'important', title: 'Corte de agua', text: 'Llama al 600 123.', sectors: '', signature: 'La municipalidad', drill: false };
const PARTS = [{ text: 'Llama al ', call: '' }, { text: '600 123', call: '600123' }, { text: '.', call: '' }];

class HTMLElement {
  children = [];

  attributes = {};

  setAttribute(name, value) {
    this.attributes[name] = value;
  }

  getAttribute(name) {
    return this.attributes[name] ?? null;
  }

  append(...added) {
    this.children.push(...added);
  }

  insertBefore(added, before) {
    this.children.splice(before ? this.children.indexOf(before) : this.children.length, 0, added);
  }

  get textContent() {
    return this.children.map((one) => one.textContent ?? one).join('');
  }
}

/** Returns what the section shows once the server has sent these notices. */
async function shown(...notices) {
  let tell = () => {};
  globalThis.window = globalThis;
  globalThis.HTMLElement = HTMLElement;
  globalThis.document = { visibilityState: 'visible', createElement: () => new HTMLElement(), addEventListener: () => {}, querySelector: () => null };
  globalThis.EventSource = class {
    addEventListener(_, told) {
      tell = told;
    }
  };
  const { Notices } = await import(WIDGET + 'notices.js');
  const made = new Notices('', 'Avisos');
  made.start();
  tell({ data: JSON.stringify(notices) });
  return made.element.textContent;
}

test('a notice shows its text, of which phone numbers can be called', async () => {
  assert.equal(await shown({ ...NOTICE, parts: PARTS }), 'Corte de aguaLlama al 600 123.La municipalidad');
});

test('a notice of a process of an earlier release shows its whole text', async () => {
  assert.equal(await shown(NOTICE), 'Corte de aguaLlama al 600 123.La municipalidad');
});
