/** Draws the button that opens the chat, with the count of what is unread on it. */

/** @import { Translate } from './labels.js' */

import { h } from './elements.js';
import { icon } from './icons.js';

export class Launcher {
  /**
   * @param {Translate} t
   * @param {string} title
   * @param {() => void} onOpen
   */
  constructor(t, title, onOpen) {
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
}
