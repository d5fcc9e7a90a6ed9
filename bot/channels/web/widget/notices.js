/** Shows the agency's public notices above the chat and on the page, and removes them when they are over. */

import { CLOCK } from './clock.js';
import { h } from './elements.js';

/** @typedef {{ id: string, severity: 'info' | 'important' | 'grave', title: string, text: string, parts: { text: string, call: string }[], sectors: string, signature: string, drill: boolean }} Notice */

const SLOT = '[data-ventanilla-notices]';
const REST_MS = 10000;

export class Notices {
  #url;

  #clock;

  /** @type {EventSource | null} */
  #source = null;

  /**
   * @param {string} url
   * @param {string} label Names the region of the notices.
   */
  constructor(url, label, clock = CLOCK) {
    this.#url = url + '/notices';
    this.#clock = clock;
    this.element = h('section', { class: 'public-notices', 'aria-label': label, 'aria-live': 'polite', lang: 'es', hidden: true });
  }

  /** Follows the notices while the page is visible: browsers allow few connections to a server. */
  start() {
    document.addEventListener('visibilitychange', () => this.#follow());
    this.#follow();
  }

  /** Folds the notices above the chat to their titles, so that there is room to write and read. */
  fold() {
    for (const one of this.element.querySelectorAll('details')) one.open = false;
  }

  #follow() {
    if (document.visibilityState === 'visible') this.#open();
    else this.#close();
  }

  /** Opens the stream, again some time after a refusal (a server that restarts), which a browser takes as final. */
  #open() {
    if (this.#source && this.#source.readyState !== EventSource.CLOSED) return;
    const source = (this.#source = new EventSource(this.#url));
    source.addEventListener('notices', ({ data }) => this.#show(JSON.parse(data)));
    source.onerror = () => {
      if (source.readyState === EventSource.CLOSED) this.#clock.after(REST_MS * (1 + this.#clock.random()), () => this.#follow());
    };
  }

  #close() {
    this.#source?.close();
    this.#source = null;
  }

  /** @param {Notice[]} notices */
  #show(notices) {
    for (const place of [this.element, document.querySelector(SLOT)]) {
      if (place instanceof HTMLElement) fill(place, notices, place === this.element);
    }
  }
}

/**
 * Shows exactly these notices in order; a notice that is already shown stays as it is, so that it is not read out
 * again.
 * @param {HTMLElement} place
 * @param {Notice[]} notices
 * @param {boolean} folds
 */
function fill(place, notices, folds) {
  const shown = new Map([...place.children].map((one) => [one.getAttribute('data-notice'), one]));
  const wanted = notices.map((notice) => shown.get(notice.id) ?? build(notice, folds));
  for (const one of shown.values()) if (!wanted.includes(one)) one.remove();
  /* before it is filled: screen readers read out only what is added to a visible region */
  place.hidden = false;
  wanted.forEach((one, index) => place.children[index] !== one && place.insertBefore(one, place.children[index] ?? null));
  place.hidden = !notices.length;
}

/**
 * Builds the parts that templates/notices.html builds on the server; above the chat a notice can be folded. A process
 * of an earlier release sends no `parts`.
 * @param {Notice} notice
 * @param {boolean} folds
 */
function build({ id, severity, title, text, parts: pieces = [{ text, call: '' }], sectors, signature, drill }, folds) {
  const name = h('strong', {}, title);
  const parts = [
    h('p', { class: 'public-notice-text' }, ...pieces.map((one) => (one.call ? h('a', { href: `tel:${one.call}` }, one.text) : one.text))),
    sectors && h('p', {}, sectors),
    h('p', { class: 'public-notice-by' }, signature),
  ];
  const shown = folds
    ? [h('details', { open: true }, h('summary', {}, name), h('div', { class: 'public-notice-body', tabindex: '0', role: 'group', 'aria-label': title }, ...parts))]
    : [h('p', { class: 'public-notice-title' }, name), ...parts];
  return h('div', { class: `public-notice ${severity}${drill ? ' drill' : ''}`, 'data-notice': id, role: severity === 'grave' ? 'alert' : null }, ...shown);
}
