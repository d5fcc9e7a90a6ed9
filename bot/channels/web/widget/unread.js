/** Counts what was said while the chat was closed, on the button that opens it. Tabs share how far one has read. */

/** @import { Translate } from './labels.js' */
/** @import { Store } from './store.js' */

import { compareIds } from './event_ids.js';

export class Unread {
  /** @type {Set<string>} */
  #ids = new Set();

  #t;

  #store;

  #launcher;

  /**
   * @param {Translate} t
   * @param {Store} store
   * @param {{ badge: HTMLElement, button: HTMLElement }} launcher
   */
  constructor(t, store, launcher) {
    this.#t = t;
    this.#store = store;
    this.#launcher = launcher;
  }

  /** @param {string} id Of an event that somebody else wrote. */
  add(id) {
    this.#ids.add(id);
  }

  clear() {
    this.#ids.clear();
  }

  /** @param {string} last The newest event: everything up to it is read. */
  readUpTo(last) {
    this.#ids.clear();
    if (compareIds(last, this.#store.get().read) > 0) this.#store.set({ read: last });
    this.show();
  }

  show() {
    const { read } = this.#store.get();
    for (const id of this.#ids) if (read && compareIds(id, read) <= 0) this.#ids.delete(id);
    const n = this.#ids.size;
    const { badge, button } = this.#launcher;
    badge.hidden = !n;
    badge.textContent = String(n);
    const words = n === 1 ? this.#t('sin_leer_uno') : this.#t('sin_leer', { n });
    button.setAttribute('aria-label', this.#t('abrir') + (n ? '. ' + words : ''));
  }
}
