/** Draws the header's menu: a button that shows the actions that are seldom needed. */

import { h, icon } from './elements.js';

export class Menu {
  #list;

  /**
   * @param {string} label
   * @param {(HTMLElement | null)[]} items Buttons and links; a click on one closes the menu.
   */
  constructor(label, items) {
    this.button = h('button', { type: 'button', class: 'icon', 'aria-label': label, title: label, 'aria-expanded': 'false', 'aria-controls': 'menu', onclick: () => this.#show(this.#list.hidden) }, icon('more'));
    this.#list = h('div', { class: 'menu', id: 'menu', role: 'group', 'aria-label': label, hidden: true, onclick: () => this.hide() }, ...items);
    this.element = h('div', { class: 'menu-place', onfocusout: (event) => this.#left(event) }, this.button, this.#list);
  }

  get isShown() {
    return !this.#list.hidden;
  }

  hide() {
    this.#show(false);
  }

  /** @param {boolean} shown */
  #show(shown) {
    this.#list.hidden = !shown;
    this.button.setAttribute('aria-expanded', String(shown));
  }

  /** @param {FocusEvent} event */
  #left({ relatedTarget }) {
    if (!(relatedTarget instanceof Node && this.element.contains(relatedTarget))) this.hide();
  }
}

/**
 * @param {string} label
 * @param {Parameters<typeof icon>[0]} symbol
 * @param {() => void} [onclick]
 */
export function menuButton(label, symbol, onclick) {
  return h('button', { type: 'button', onclick }, icon(symbol), label);
}

/**
 * Makes a link that opens in a new tab.
 * @param {string} label
 * @param {Parameters<typeof icon>[0]} symbol
 * @param {URL} href
 */
export function menuLink(label, symbol, href) {
  return h('a', { href, target: '_blank', rel: 'noopener' }, icon(symbol), label);
}
