/** Asks below an answer whether it helped and, after a «no», why not. The other choice undoes the first. */

/** @import { AnswerRatingIn, RatedFrame } from './api.js' */
/** @import { Translate } from './wording.js' */

import { h } from './elements.js';

/** @typedef {NonNullable<AnswerRatingIn['reason']>} Reason */
/** @typedef {{ rate: (rating: AnswerRatingIn) => Promise<void>, askPerson: () => void }} UsefulActs */

/** @type {Exclude<Reason, ''>[]} */
const REASONS = ['other', 'missing', 'unclear', 'wrong'];

export class Useful {
  #t;

  #acts;

  #answer;

  /** @type {boolean | null} */
  #useful = null;

  /** @type {Reason} */
  #reason = '';

  /** The ratings that are on their way, one at a time, so that the last one counts. */
  #given = Promise.resolve();

  #thanks = h('span', { role: 'status' });

  #why;

  /** @type {Map<string, HTMLButtonElement>} Buttons by choice: yes, no or a reason. */
  #buttons = new Map();

  /**
   * @param {Translate} t
   * @param {string} answer The answer's rating id.
   * @param {UsefulActs} acts
   */
  constructor(t, answer, acts) {
    this.#t = t;
    this.#answer = answer;
    this.#acts = acts;
    const yes = this.#button('yes', () => this.#rate(true, ''));
    const no = this.#button('no', () => this.#rate(false, ''));
    const reasons = REASONS.map((reason) => this.#button(reason, () => this.#rate(false, reason)));
    const person = h('button', { type: 'button', onclick: () => acts.askPerson() }, t('persona'));
    this.#why = h('div', { class: 'why', role: 'group', 'aria-label': t('util_por_que'), hidden: true }, h('span', {}, t('util_por_que')), ...reasons, person);
    this.element = h('div', { class: 'useful', role: 'group', 'aria-label': t('util') }, h('span', {}, t('util')), yes, no, this.#thanks, this.#why);
  }

  get isRated() {
    return this.#useful !== null;
  }

  /**
   * Shows a rating that the server stored.
   * @param {Pick<RatedFrame, 'useful' | 'reason'>} rating
   */
  show({ useful, reason }) {
    this.element.hidden = false;
    this.#useful = useful;
    this.#reason = /** @type {Reason} */ (reason);
    const chosen = [useful ? 'yes' : 'no', reason];
    for (const [choice, button] of this.#buttons) button.setAttribute('aria-pressed', String(chosen.includes(choice)));
    this.#why.hidden = useful || reason !== '';
    this.#thanks.textContent = useful ? this.#t('util_gracias') : reason ? this.#t('util_anotado') : '';
  }

  /**
   * @param {boolean} useful
   * @param {Reason} reason
   */
  #rate(useful, reason) {
    this.#given = this.#given.then(() => this.#give(useful, reason));
  }

  /**
   * @param {boolean} useful
   * @param {Reason} reason
   */
  async #give(useful, reason) {
    if (this.#useful === useful && this.#reason === reason) return;
    try {
      await this.#acts.rate({ answer: this.#answer, useful, reason });
      this.show({ useful, reason });
      this.element.scrollIntoView({ block: 'nearest' });
    } catch (problem) {
      const { text } = /** @type {{ text?: string }} */ (problem);
      this.#thanks.textContent = text || this.#t('no_enviado');
    }
  }

  /**
   * @param {string} choice
   * @param {() => void} onclick
   */
  #button(choice, onclick) {
    const button = h('button', { type: 'button', 'aria-pressed': 'false', onclick }, this.#t('util_' + choice));
    this.#buttons.set(choice, button);
    return button;
  }
}
