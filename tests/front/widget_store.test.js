import assert from 'node:assert/strict';
import test from 'node:test';

import { FakeStorage } from './fakes.js';
import { WIDGET } from './places.js';

const { Store } = await import(WIDGET + 'store.js');
const HELLO = { id: 'm1', at: 1, text: 'hola' };

function deny() {
  throw new Error('SecurityError');
}

test('one page reads what another has stored', () => {
  const storage = new FakeStorage();
  new Store('key', () => storage).set({ token: 'secret' });
  assert.equal(new Store('key', () => storage).token, 'secret');
});

test('another assistant on the same site has a store of its own', () => {
  const storage = new FakeStorage();
  new Store('one', () => storage).set({ token: 'secret' });
  assert.equal(new Store('other', () => storage).token, undefined);
});

test('a change leaves the rest unchanged', () => {
  const store = new Store('key', () => new FakeStorage());
  const kept = new FakeStorage();
  const same = new Store('key', () => kept);
  same.set({ token: 'secret' });
  same.set({ read: '5-0' });
  assert.deepEqual(same.get(), { token: 'secret', read: '5-0' });
  assert.deepEqual(store.get(), {});
});

test('messages wait in order until they are dropped', () => {
  const storage = new FakeStorage();
  const store = new Store('key', () => storage);
  store.add(HELLO);
  store.add({ ...HELLO, id: 'm2' });
  store.drop('m1');
  store.drop('unknown');
  assert.deepEqual(store.pending.map(({ id }) => id), ['m2']);
});

test('without storage this page still remembers', () => {
  const store = new Store('key', deny);
  store.set({ token: 'secret' });
  store.add(HELLO);
  assert.equal(store.token, 'secret');
  assert.deepEqual(store.pending, [HELLO]);
});

test('unreadable data counts as empty', () => {
  const storage = new FakeStorage();
  storage.setItem('key', '{broken');
  assert.deepEqual(new Store('key', () => storage).get(), {});
});
