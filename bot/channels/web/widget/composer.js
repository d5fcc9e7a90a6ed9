/** Draws the text field with its character counter and the button that switches to a person or back. */

/** @import { Configuration, Speaker } from './api.js' */
/** @import { Translate } from './wording.js' */

import { h, icon } from './elements.js';

const COUNT_FROM = 400;
const BORDERS_PX = 2;

/** @typedef {{ onSubmit: (text: string) => void, onType: () => void, onQuick: () => void }} Acts */

export class Composer {
  #t;

  #most;

  #callbacks;

  /**
   * @param {Translate} t
   * @param {Configuration} config
   * @param {Acts & { beside: Node[] }} acts `beside` are buttons in front of the field.
   */
  constructor(t, { max_characters: most }, { beside, ...acts }) {
    this.#t = t;
    this.#most = most;
    this.#callbacks = acts;
    this.quick = h('button', { type: 'button', class: 'quick', onclick: acts.onQuick });
    this.input = h('textarea', { id: 'message', rows: '1', placeholder: t('marcador'), enterkeyhint: 'send', autocomplete: 'off', 'aria-describedby': 'limit' });
    this.limit = h('p', { id: 'limit', class: 'limit', 'aria-live': 'polite' });
    const send = h('button', { class: 'send', 'aria-label': t('enviar'), title: t('enviar') }, icon('send'));
    const label = h('label', { for: 'message', class: 'hidden' }, t('mensaje'));
    this.row = h('div', { class: 'row' }, this.quick);
    this.field = h('div', { class: 'field' }, label, ...beside, this.input, send);
    this.element = h('form', { class: 'compose', onsubmit: (event) => this.#submitted(event) },
      this.row,
      this.field,
      this.limit);
    this.input.addEventListener('input', () => this.#typed());
    this.input.addEventListener('keydown', (event) => {
      if (event.key === 'Enter' && !event.shiftKey && !event.isComposing) this.#submitted(event);
    });
  }

  /** @param {FocusOptions} [options] */
  focus(options) {
    this.input.focus(options);
  }

  /** @param {string} text Text to fill in; it replaces what the citizen has begun to write. */
  draft(text) {
    this.input.value = text;
    this.#measure();
  }

  get isEmpty() {
    return !this.input.value.trim();
  }

  /** @type {Speaker} */
  #speaker = 'assistant';

  #begun = false;

  /** Notes that the citizen has written: from then on, a short button beside the field asks for a person. */
  begin(begun = true) {
    this.#begun = begun;
    this.showSpeaker(this.#speaker);
  }

  /** @param {Speaker} speaker */
  showSpeaker(speaker) {
    this.#speaker = speaker;
    const assisted = speaker === 'assistant', short = assisted && this.#begun;
    this.input.placeholder = this.#t(assisted ? 'marcador' : 'marcador_persona');
    this.quick.hidden = speaker === 'staff';
    const [name, shown] = assisted ? ['persona', short ? 'persona_corta' : 'persona'] : ['volver', 'volver'];
    if (this.quick.dataset.shown === shown) return;
    this.quick.dataset.shown = shown;
    this.quick.setAttribute('aria-label', this.#t(name));
    this.quick.title = short ? this.#t(name) : '';
    this.quick.replaceChildren(icon(assisted ? 'person' : 'back'), h('span', {}, this.#t(shown)));
    if (short) this.field.prepend(this.quick);
    else this.row.append(this.quick);
  }

  /** @param {Event} event */
  #submitted(event) {
    event.preventDefault();
    const text = this.input.value.trim();
    if (!text) return this.focus();
    if ([...text].length > this.#most) {
      this.#measure();
      return this.focus();
    }
    this.input.value = '';
    this.#measure();
    this.#callbacks.onSubmit(text);
  }

  #typed() {
    this.#measure();
    this.#callbacks.onType();
  }

  /** Updates the counter, and resizes the field in browsers without `field-sizing`. */
  #measure() {
    const { input, limit } = this;
    const count = [...input.value.trim()].length;
    const over = count > this.#most;
    const text = limitWords(this.#t, count, this.#most);
    if (limit.textContent !== text) limit.textContent = text;
    limit.classList.toggle('bad', over);
    if (over) input.setAttribute('aria-invalid', 'true');
    else input.removeAttribute('aria-invalid');
    if (CSS.supports('field-sizing', 'content')) return;
    input.style.height = 'auto';
    input.style.height = input.scrollHeight + BORDERS_PX + 'px';
  }
}

/**
 * Returns the text for the characters left or in excess; '' far from the limit.
 * @param {Translate} t
 * @param {number} count
 * @param {number} most
 */
export function limitWords(t, count, most) {
  if (count > most) return t('largo', { n: count.toLocaleString('es-CL'), max: most.toLocaleString('es-CL') });
  return most - count <= COUNT_FROM ? t('quedan', { n: most - count }) : '';
}
