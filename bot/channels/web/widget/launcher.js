/** Draws the button that opens the chat, with the conversation's state and the number of unread messages. */

/** @import { Store } from './store.js' */
/** @import { Translate } from './wording.js' */

import { h, icon } from './elements.js';
import { compareIds } from './event_ids.js';

export class Launcher {
  /** @type {Map<string, boolean>} Ids of unread events, and whether each is from assistant or staff. */
  #unread = new Map();

  #place = 0;

  #isAside = false;

  #t;

  #title;

  #store;

  /**
   * @param {Translate} t
   * @param {{ title: string, store: Store, onOpen: () => void }} means
   */
  constructor(t, { title, store, onOpen }) {
    this.#t = t;
    this.#title = title;
    this.#store = store;
    this.badge = h('span', { class: 'badge', hidden: true, 'aria-hidden': 'true' });
    this.label = h('span', { 'aria-hidden': 'true' }, title);
    this.button = h('button', { type: 'button', class: 'launcher', 'aria-label': t('abrir'), 'aria-expanded': 'false', onclick: onOpen },
      icon('chat'), this.label, this.badge);
  }

  /** @param {boolean} aside Whether the page itself shows a field that asks the chat, so that the button may hide. */
  stepAside(aside) {
    this.#isAside = aside;
    this.showUnread();
  }

  /** @param {boolean} expanded */
  set expanded(expanded) {
    this.button.hidden = expanded;
    this.button.setAttribute('aria-expanded', String(expanded));
    if (!expanded) this.button.focus();
  }

  /**
   * @param {string} id
   * @param {boolean} answers Whether the event is from assistant or staff, and not a notice.
   */
  addUnread(id, answers) {
    this.#unread.set(id, answers);
  }

  clearUnread() {
    this.#unread.clear();
    this.showPlace(0);
  }

  /** @param {string} last The id of the newest read event; all tabs share it. */
  readUpTo(last) {
    this.#unread.clear();
    if (compareIds(last, this.#store.get().read) > 0) this.#store.set({ read: last });
    this.showUnread();
  }

  /** @param {number} place The position in the queue, from 1; 0 if the citizen does not wait. */
  showPlace(place) {
    this.#place = place;
    this.showUnread();
  }

  showUnread() {
    const { read } = this.#store.get();
    for (const id of this.#unread.keys()) if (read && compareIds(id, read) <= 0) this.#unread.delete(id);
    const n = this.#unread.size, status = this.#status();
    this.badge.hidden = !n;
    this.badge.textContent = String(n);
    this.button.classList.toggle('told', Boolean(status));
    this.button.classList.toggle('aside', this.#isAside && !this.#store.token);
    if (this.label.textContent !== (status || this.#title)) this.label.textContent = status || this.#title;
    const unread = n && this.#t(n === 1 ? 'sin_leer_uno' : 'sin_leer', { n });
    this.button.setAttribute('aria-label', [this.#t('abrir'), status, unread].filter(Boolean).join('. '));
  }

  #status() {
    return [...this.#unread.values()].includes(true) ? this.#t('te_respondieron') : this.#place ? this.#t('sigues_en_fila', { n: this.#place }) : '';
  }
}
