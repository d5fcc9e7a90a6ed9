/** Asks the citizen for a rating after an agent closed the ticket: 1 to 5, with an optional comment. */

/** @import { ChatApi } from './chat_api.js' */
/** @import { Translate } from './wording.js' */
/** @import { Scroller } from './scroller.js' */

import { h } from './elements.js';
import { isElsewhere } from './page.js';

const SCORES = [1, 2, 3, 4, 5];
const ENDS = [1, 5];
const LONGEST_WORDS = '500';

/** @typedef {{ api: ChatApi, scroller: Scroller, isOpen: () => boolean, focus: () => void }} Means */

export class Survey {
  /** @type {HTMLFormElement | null} */
  #form = null;

  /** @type {Set<string>} Tickets that were rated, or that the citizen declined to rate. */
  #done = new Set();

  #t;

  #means;

  /**
   * @param {Translate} t
   * @param {Means} means
   */
  constructor(t, means) {
    this.#t = t;
    this.#means = means;
  }

  get isShown() {
    return this.#form !== null;
  }

  /**
   * Shows the survey of a closed ticket; removes it if the ticket was rated, maybe in another tab.
   * @param {string} ticket
   * @param {boolean} given
   */
  confirm(ticket, given) {
    if (!given) {
      if (!this.#done.has(ticket)) this.#ask(ticket);
      return;
    }
    this.#done.add(ticket);
    if (this.#form?.dataset.ticket === ticket && !this.#form.dataset.sent) this.drop();
  }

  /** Removes the survey. */
  drop() {
    this.#form?.remove();
    this.#form = null;
  }

  /** @param {string} ticket */
  #ask(ticket) {
    this.drop();
    const t = this.#t;
    const words = h('textarea', { id: 'words', rows: '2', maxlength: LONGEST_WORDS, placeholder: t('opinion_cuidado') });
    this.#form = h('form', { class: 'opinion', 'data-ticket': ticket, onsubmit: (event) => this.#submitted(event, ticket) },
      h('fieldset', {}, h('legend', {}, t('opinion')), h('div', { class: 'scores' }, ...SCORES.map((score) => this.#score(score)))),
      h('label', { for: 'words' }, t('opinion_palabras')), words,
      h('p', { class: 'limit bad', role: 'alert' }),
      h('div', { class: 'sides' },
        h('button', { class: 'quick' }, t('opinion_enviar')),
        h('button', { type: 'button', class: 'quick plain', onclick: () => this.#declined(ticket) }, t('opinion_no'))));
    this.#means.scroller.element.append(this.#form);
    /* after the closing message above it is drawn */
    requestAnimationFrame(() => this.#means.isOpen() && this.#form && this.#means.scroller.toEnd());
  }

  /** @param {number} score */
  #score(score) {
    return h('label', { class: 'score' },
      h('input', { type: 'radio', name: 'score', value: score, required: true }),
      h('span', {}, score, ENDS.includes(score) ? h('small', {}, this.#t('nota_' + score)) : null));
  }

  /** @param {string} ticket */
  #declined(ticket) {
    this.#done.add(ticket);
    this.drop();
    this.#means.focus();
  }

  /**
   * @param {Event} event
   * @param {string} ticket
   */
  async #submitted(event, ticket) {
    event.preventDefault();
    const form = /** @type {HTMLFormElement} */ (this.#form);
    if (form.dataset.sent) return;
    const given = new FormData(form);
    const words = form.querySelector('textarea')?.value.trim();
    form.dataset.sent = 'true';
    try {
      await this.#means.api.judge({ ticket, score: Number(given.get('score')), words });
      this.#done.add(ticket);
      form.replaceChildren(h('p', { role: 'status' }, this.#t('opinion_gracias')));
      if (this.#means.isOpen() && !isElsewhere(form)) this.#means.focus();
    } catch (problem) {
      delete form.dataset.sent;
      const { text } = /** @type {{ text?: string }} */ (problem);
      form.querySelector('.limit')?.replaceChildren(text || this.#t('no_enviado'));
    }
  }
}
