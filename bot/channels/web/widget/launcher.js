/** Draws the button that opens the chat, with the number of unread messages; all tabs share the read position. */

/** @import { Store } from './store.js' */
/** @import { Translate } from './wording.js' */

import { h, icon } from './elements.js';
import { compareIds } from './event_ids.js';

export class Launcher {
  /** @type {Set<string>} Ids of unread events from assistant and staff. */
  #unread = new Set();

  #t;

  #store;

  /**
   * @param {Translate} t
   * @param {{ title: string, store: Store, onOpen: () => void }} means
   */
  constructor(t, { title, store, onOpen }) {
    this.#t = t;
    this.#store = store;
    this.badge = h('span', { class: 'badge', hidden: true, 'aria-hidden': 'true' });
    this.button = h('button', { type: 'button', class: 'launcher', 'aria-label': t('abrir'), 'aria-expanded': 'false', onclick: onOpen },
      icon('chat'), h('span', { 'aria-hidden': 'true' }, title), this.badge);
  }

  /** @param {boolean} expanded */
  set expanded(expanded) {
    this.button.hidden = expanded;
    this.button.setAttribute('aria-expanded', String(expanded));
    if (!expanded) this.button.focus();
  }

  /** @param {string} id The id of an event from assistant or staff. */
  addUnread(id) {
    this.#unread.add(id);
  }

  clearUnread() {
    this.#unread.clear();
  }

  /** @param {string} last The id of the newest read event. */
  readUpTo(last) {
    this.#unread.clear();
    if (compareIds(last, this.#store.get().read) > 0) this.#store.set({ read: last });
    this.showUnread();
  }

  showUnread() {
    const { read } = this.#store.get();
    for (const id of this.#unread) if (read && compareIds(id, read) <= 0) this.#unread.delete(id);
    const n = this.#unread.size;
    this.badge.hidden = !n;
    this.badge.textContent = String(n);
    const words = n === 1 ? this.#t('sin_leer_uno') : this.#t('sin_leer', { n });
    this.button.setAttribute('aria-label', this.#t('abrir') + (n ? '. ' + words : ''));
  }
}
