import assert from 'node:assert/strict';
import { test } from 'node:test';

import { storage } from './desk_page.js';
import { DESK } from './places.js';

const KEY = 'ventanilla.7.kept';
const encrypt = crypto.subtle.encrypt.bind(crypto.subtle);
/** @type {Promise<ArrayBuffer>[]} */
const encrypting = [];
crypto.subtle.encrypt = (...given) => encrypting[encrypting.push(encrypt(...given)) - 1];

/** Waits until what was being encrypted is stored, however long that takes. */
async function settled() {
  await Promise.all(encrypting);
  await new Promise((resolve) => { setImmediate(resolve); });
}

/** Loads the module as another page does, with the tab's storage. @param {{ draft_key?: string }} change */
async function page(change = {}) {
  const { facts } = await import(DESK + 'facts.js');
  Object.assign(facts, { draft_key: '0f'.repeat(32) }, change);
  return import(`${DESK}tab_storage.js?page=${Math.random()}`);
}

test('what a tab keeps survives a reload, and nobody can read it there', async () => {
  const first = await page();
  first.keepDraft('c1', 'mi borrador');
  first.keepSeen('c1', '9-0');
  first.keepUnsentReplies([{ ticket: '1', text: 'sin enviar' }]);
  await settled();
  assert.deepEqual(storage.keys(), [KEY]);
  assert.match(String(storage.getItem(KEY)), /^[0-9a-f]+$/);
  const later = await page();
  assert.deepEqual([later.draft('c1'), later.seen('c1'), later.unsentReplies()[0].text], ['mi borrador', '9-0', 'sin enviar']);
});

test('another account, and a page whose session has ended, read nothing and write nothing', async () => {
  const first = await page();
  first.keepDraft('c1', 'mi borrador');
  await settled();
  const before = storage.getItem(KEY);
  assert.equal((await page({ draft_key: '1e'.repeat(32) })).draft('c1'), '');
  first.lock();
  first.keepDraft('c2', 'otro');
  await settled();
  assert.equal(first.draft('c1'), '');
  assert.equal(storage.getItem(KEY), before);
});

test('the last of several changes at once counts', async () => {
  const first = await page();
  for (const text of ['m', 'mi', 'mi b']) first.keepDraft('c1', text);
  await settled();
  assert.equal((await page()).draft('c1'), 'mi b');
});

test('where nothing can be encrypted, nothing leaves the memory of the page', async () => {
  storage.clear();
  const first = await page({ draft_key: '' });
  first.keepDraft('c1', 'mi borrador');
  await settled();
  assert.equal(first.draft('c1'), 'mi borrador');
  assert.deepEqual(storage.keys(), []);
});

test('signing out clears all, also what was being encrypted', async () => {
  const first = await page();
  first.keepDraft('c1', 'mi borrador');
  first.forgetAll();
  await settled();
  assert.deepEqual(storage.keys(), []);
});
