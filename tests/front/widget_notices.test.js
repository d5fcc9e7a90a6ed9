import assert from 'node:assert/strict';
import test from 'node:test';

import { FakeClock } from './fakes.js';
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

class FakeSource {
  static CLOSED = 2;

  static opened = [];

  readyState = 1;

  constructor() {
    FakeSource.opened.push(this);
  }

  addEventListener(_, told) {
    this.tell = (notices) => told({ data: JSON.stringify(notices) });
  }

  close() {
    this.readyState = FakeSource.CLOSED;
  }

  /** Fails as after an answer that is no stream; while the network is missing a browser tries again by itself. */
  fails({ forGood = true } = {}) {
    this.readyState = forGood ? FakeSource.CLOSED : 0;
    this.onerror?.();
  }
}

/** Starts the notices of a visible page. */
async function following() {
  FakeSource.opened = [];
  globalThis.window = globalThis;
  globalThis.HTMLElement = HTMLElement;
  globalThis.EventSource = FakeSource;
  globalThis.document = { visibilityState: 'visible', createElement: () => new HTMLElement(), addEventListener: () => {}, querySelector: () => null };
  const { Notices } = await import(WIDGET + 'notices.js');
  const clock = new FakeClock();
  const made = new Notices('', 'Avisos', clock);
  made.start();
  return { clock, element: made.element, sources: FakeSource.opened };
}

/** Returns what the section shows once the server has sent these notices. */
async function shown(...notices) {
  const { element, sources } = await following();
  sources[0].tell(notices);
  return element.textContent;
}

test('a page in sight asks again, without haste, after an answer that ended the stream', async () => {
  const { clock, element, sources } = await following();
  sources[0].fails();
  clock.pass(9_000);
  assert.equal(sources.length, 1);
  clock.pass(11_000);
  sources[1].fails();
  clock.pass(20_000);
  sources[2].tell([NOTICE]);
  assert.equal(element.textContent, 'Corte de aguaLlama al 600 123.La municipalidad');
  clock.pass(60_000);
  assert.equal(sources.length, 3);
});

test('a hidden page does not ask again, nor does one whose browser does', async () => {
  const { clock, sources } = await following();
  sources[0].fails({ forGood: false });
  clock.pass(60_000);
  document.visibilityState = 'hidden';
  sources[0].fails();
  clock.pass(60_000);
  assert.equal(sources.length, 1);
});

test('a notice shows its text, of which phone numbers can be called', async () => {
  assert.equal(await shown({ ...NOTICE, parts: PARTS }), 'Corte de aguaLlama al 600 123.La municipalidad');
});

test('a notice of a process of an earlier release shows its whole text', async () => {
  assert.equal(await shown(NOTICE), 'Corte de aguaLlama al 600 123.La municipalidad');
});
