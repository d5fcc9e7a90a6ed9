/** Asks whether to begin anew, since what was said is then forgotten in this browser. */

/** @import { Translate } from './labels.js' */

import { h } from './elements.js';

export class RestartQuestion {
  #focus;

  /**
   * @param {Translate} t
   * @param {{ onYes: () => void, focus: () => void }} acts `focus` goes back to the field.
   */
  constructor(t, { onYes, focus }) {
    this.#focus = focus;
    this.no = h('button', { type: 'button', class: 'quick', onclick: () => this.hide() }, t('de_nuevo_no'));
    this.element = h('div', { class: 'sure', role: 'alertdialog', 'aria-label': t('de_nuevo'), hidden: true },
      h('p', {}, t('de_nuevo_pregunta')),
      h('button', { type: 'button', class: 'quick', onclick: onYes }, t('de_nuevo_si')),
      this.no);
  }

  get isShown() {
    return !this.element.hidden;
  }

  show() {
    this.element.hidden = false;
    this.no.focus();
  }

  hide({ focus = true } = {}) {
    this.element.hidden = true;
    if (focus) this.#focus();
  }
}
