/** Shows the messages in order: received events, and below them the unsent messages of this page. */

/** @import { ChatEvent } from './api.js' */
/** @import { Unsent } from './store.js' */
/** @import { Wording } from './bubble.js' */
/** @import { UsefulActs } from './useful.js' */

import { bubble, choices, eventBody, retire } from './bubble.js';
import { h, icon } from './elements.js';
import { compareIds } from './event_ids.js';
import { Useful } from './useful.js';
import { goneWords } from './wording.js';

/** @typedef {{ text: string } | { button: string, title: string, place?: { latitude: number, longitude: number } }} Said */

/**
 * @typedef {object} Acts
 * @property {(said: Said) => void} onChoose
 * @property {(id: string) => void} onRetry
 * @property {(id: string) => void} onDiscard
 * @property {UsefulActs} useful
 */

export class MessageLog {
  /** @type {Map<string, HTMLElement>} Bubbles of unsent messages by id. */
  #pending = new Map();

  /** @type {Map<string, Useful>} The questions whether an answer helped, by rating id. */
  #useful = new Map();

  #day = '';

  /** @type {HTMLElement | null} */
  #examples = null;

  #wording;

  #acts;

  /**
   * @param {Wording} wording
   * @param {Acts} acts
   */
  constructor(wording, acts) {
    this.#wording = wording;
    this.#acts = acts;
    this.element = h('div', { class: 'log', role: 'log', lang: 'es-CL', 'aria-label': wording.t('historial'), 'aria-live': 'polite', 'aria-busy': 'true', tabindex: '0' });
  }

  /** @param {boolean} busy True while past events load, so that screen readers stay silent. */
  set busy(busy) {
    this.element.setAttribute('aria-busy', String(busy));
  }

  get hasExamples() {
    return this.#examples !== null;
  }

  get hasPending() {
    return this.#pending.size > 0;
  }

  get hasCitizen() {
    return this.element.querySelector('.citizen') !== null;
  }

  clear() {
    this.element.replaceChildren();
    this.busy = true;
    this.#pending.clear();
    this.#useful.clear();
    this.#day = '';
    this.#examples = null;
  }

  /** @param {string} text */
  showNotice(text) {
    this.element.append(h('div', { class: 'm system' }, h('div', { class: 'b' }, icon('bell'), h('div', { class: 'html' }, text))));
  }

  /** @param {string[]} examples Example questions. */
  showExamples(examples) {
    const title = this.#wording.t('ejemplos');
    const said = examples.map((text) => ({ title: text, said: { text } }));
    this.#examples = choices(title, said, this.#acts.onChoose);
    this.#examples.prepend(h('p', {}, title));
    this.#examples.classList.add('examples');
    this.element.append(this.#examples);
  }

  /** @param {string} [said] What the citizen wrote or chose, '' if other choices replace the old ones. */
  retireChoices(said = '') {
    retire(this.#wording.t, this.element, said);
    this.#examples?.remove();
    this.#examples = null;
  }

  /** @param {Unsent} message */
  showPending({ id, at, text, title }) {
    const node = bubble(this.#wording, { author: 'citizen', at }, text || title || '');
    node.classList.add('pending');
    this.#examples?.remove();
    this.#pending.set(id, node);
    this.element.append(node);
    this.setState(id, 'enviando');
    group(node);
  }

  /**
   * Shows an event above the pending messages; the citizen's own message replaces its pending bubble.
   * @param {ChatEvent} event
   */
  showEvent(event) {
    const waiting = this.#pending.get(event.message_id ?? '');
    const firstOther = this.#firstPendingBut(waiting);
    if (event.author === 'citizen') this.#examples?.remove();
    const inPlace = waiting && this.#isLast(waiting);
    this.#showDay(event.at, inPlace && waiting.isConnected ? waiting : firstOther);
    const body = event.removed_at ? h('em', { class: 'gone' }, goneWords(this.#wording, event)) : eventBody(this.#wording.t, event);
    const node = bubble(this.#wording, event, body);
    this.#ask(node, event);
    if (inPlace) return this.#settle(waiting, event, body);
    waiting?.remove();
    this.#insert(node, firstOther);
    return node;
  }

  /**
   * Returns whether an event is shown with its words.
   * @param {string} id
   */
  shows(id) {
    return this.element.querySelector(`[data-event="${id}"] .b:not(:has(.gone))`) !== null;
  }

  /** Hides the questions that the citizen left open. */
  retireUseful() {
    for (const question of this.#useful.values()) question.element.hidden = !question.isRated;
  }

  /** @param {{ answer: string, useful: boolean, reason: string }} rating */
  showRated(rating) {
    this.#useful.get(rating.answer)?.show(rating);
  }

  /**
   * Adds the event's choices, and the question whether the answer helped.
   * @param {HTMLElement} node
   * @param {ChatEvent} event
   */
  #ask(node, { buttons, rating_id: id }) {
    if (buttons.length) this.#offer(node, buttons);
    if (!id) return;
    const question = new Useful(this.#wording.t, id, this.#acts.useful);
    this.#useful.set(id, question);
    node.append(question.element);
  }

  /**
   * Shows the state below a pending message; `reason` replaces the label of 'no_enviado' and disables the retry. The
   * message then stays where it is: what follows is shown below it.
   * @param {string} id
   * @param {'recibido' | 'enviando' | 'no_enviado'} state
   */
  setState(id, state, reason = '') {
    const node = this.#pending.get(id);
    if (!node) return;
    const { t } = this.#wording;
    node.dataset.state = state;
    const place = /** @type {HTMLElement} */ (node.querySelector('.state'));
    place.replaceChildren(reason || t(state));
    if (state !== 'no_enviado') return;
    if (reason) this.#pending.delete(id);
    else place.append(button(t('reintentar'), () => this.#acts.onRetry(id)));
    place.append(button(t('descartar'), () => {
      this.#pending.delete(id);
      node.remove();
      this.#acts.onDiscard(id);
    }));
  }

  /**
   * Removes unsent messages that another tab has discarded or sent.
   * @param {(id: string) => boolean} isKept
   */
  dropUnsent(isKept) {
    for (const [id, node] of this.#pending) {
      if (node.dataset.state !== 'no_enviado' || isKept(id)) continue;
      this.#pending.delete(id);
      node.remove();
    }
  }

  /**
   * Marks the citizen's newest message up to `eventId` as seen by staff.
   * @param {string} eventId
   */
  markSeen(eventId) {
    this.element.querySelector('.seen')?.remove();
    const sent = /** @type {HTMLElement[]} */ ([...this.element.querySelectorAll('.citizen[data-event]')]);
    const seen = sent.filter((node) => compareIds(node.dataset.event ?? '', eventId) <= 0).at(-1);
    seen?.querySelector('.meta')?.append(h('span', { class: 'seen' }, this.#wording.t('visto')));
  }

  /**
   * Returns whether no other pending message is above this one, and only such are below it.
   * @param {HTMLElement} waiting
   */
  #isLast(waiting) {
    return waiting === this.#firstPendingBut(undefined) && !waiting.matches(':has(~ :not(.pending))');
  }

  /** @param {HTMLElement | undefined} waiting */
  #firstPendingBut(waiting) {
    return [...this.#pending.values()].find((node) => node !== waiting) ?? null;
  }

  /**
   * @param {number} at
   * @param {Node | null} before
   */
  #showDay(at, before) {
    const { times } = this.#wording;
    const day = times.day(at);
    if (this.#day === day) return;
    this.#day = day;
    this.element.insertBefore(h('div', { class: 'day' }, h('span', {}, times.dayWords(at))), before);
  }

  /**
   * @param {HTMLElement} node
   * @param {HTMLElement | null} before
   */
  #insert(node, before) {
    this.element.insertBefore(node, before);
    group(node);
    if (before) group(before);
  }

  /**
   * @param {HTMLElement} node
   * @param {ChatEvent['buttons']} buttons
   */
  #offer(node, buttons) {
    this.retireChoices();
    const offered = buttons.map(({ id, title }) => ({ title, said: { button: id, title } }));
    node.append(choices(this.#wording.t('opciones'), offered, this.#acts.onChoose));
  }

  /**
   * Turns a pending bubble into the event's bubble.
   * @param {HTMLElement} node
   * @param {ChatEvent} event
   * @param {HTMLElement} body
   */
  #settle(node, event, body) {
    const id = event.message_id ?? '';
    node.classList.remove('pending');
    node.dataset.event = event.id;
    const words = /** @type {HTMLElement} */ (node.querySelector('.b'));
    if (words.textContent !== event.text || event.files || event.map || event.removed_at) words.replaceChildren(body);
    this.setState(id, 'recibido');
    this.#pending.delete(id);
    group(node);
    return node;
  }
}

/**
 * @param {string} label
 * @param {() => void} onclick
 */
function button(label, onclick) {
  return h('button', { type: 'button', onclick }, label);
}

/**
 * Groups a bubble with the previous one, if both have the same author.
 * @param {HTMLElement} node
 */
function group(node) {
  const before = /** @type {HTMLElement | null} */ (node.previousElementSibling);
  const same = before?.dataset.who === node.dataset.who;
  node.classList.toggle('first', !same);
  before?.classList.toggle('joined', same);
}
