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
  const { token, read } = same.get();
  assert.deepEqual([token, read], ['secret', '5-0']);
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

for (const kept of [null, '{"token":"old","read":"5-0"}']) {
  test(`with a full storage that holds ${kept} this page still remembers`, () => {
    const store = new Store('key', () => ({ getItem: () => kept, setItem: deny, removeItem: deny }));
    store.set({ token: 'secret' });
    store.add(HELLO);
    store.add({ ...HELLO, id: 'm2' });
    store.drop('m2');
    assert.equal(store.token, 'secret');
    assert.equal(store.get().read, JSON.parse(kept)?.read);
    assert.deepEqual(store.pending, [HELLO]);
  });
}

test('a conversation that is left is deleted from a storage that was full', () => {
  const kept = new FakeStorage();
  const store = new Store('key', () => kept);
  store.set({ token: 'secret' });
  const write = kept.setItem;
  kept.setItem = deny;
  store.add(HELLO);
  kept.setItem = write;
  store.forget(false);
  assert.doesNotMatch(String(kept.getItem('key')), /secret|hola/);
});

test('unreadable data counts as empty', () => {
  const storage = new FakeStorage();
  storage.setItem('key', '{broken');
  assert.deepEqual(new Store('key', () => storage).get(), {});
});

test('a conversation is idle after its time without use, and any use renews it', () => {
  const storage = new FakeStorage();
  const store = new Store('key', () => storage);
  store.idleMs = 1000;
  assert.equal(store.isIdle, false);
  store.set({ token: 'secret', at: Date.now() - 2000 });
  assert.equal(store.isIdle, true);
  store.set({});
  assert.equal(store.isIdle, false);
  store.forget(false);
  assert.deepEqual([store.isIdle, store.token], [true, null]);
});

test('a conversation with a person is not idle, and what the server says of it is no use', () => {
  const store = new Store('key', () => new FakeStorage());
  const kept = new FakeStorage();
  const same = new Store('key', () => kept);
  same.idleMs = 1000;
  same.set({ token: 'secret', at: 1 });
  same.attended = true;
  assert.equal(same.isIdle, false);
  same.attended = false;
  assert.deepEqual([same.isIdle, same.get().at], [true, 1]);
  store.attended = true;
  assert.deepEqual(store.get(), {});
});

test('a conversation that is left leaves no wish to be notified', () => {
  const kept = new FakeStorage();
  const store = new Store('key', () => kept);
  store.set({ token: 'secret', notify: true, attended: true });
  store.forget(false);
  const { notify, attended } = store.get();
  assert.deepEqual([notify, attended], [false, false]);
});

test('a conversation of an earlier version has its whole time from now on', () => {
  const storage = new FakeStorage();
  storage.setItem('key', '{"token":"secret"}');
  const store = new Store('key', () => storage);
  store.idleMs = 1000;
  assert.equal(store.isIdle, false);
  assert.ok(Number(store.get().at) > 0);
});

test('on a shared computer the tab remembers, and what the browser had is gone', () => {
  const storage = new FakeStorage();
  storage.setItem('key', '{"token":"old"}');
  globalThis.sessionStorage = new FakeStorage();
  const store = new Store('key', () => storage);
  store.useTab();
  assert.equal(store.token, undefined);
  store.set({ token: 'secret' });
  assert.equal(storage.getItem('key'), null);
  assert.match(String(sessionStorage.getItem('key')), /secret/);
  delete globalThis.sessionStorage;
});
