/** Shows the queue position and who is typing, and sends the citizen's typing and read signals. */

/** @import { Connection } from './connection.js' */
/** @import { Translate } from './wording.js' */
/** @import { Scroller } from './scroller.js' */

import { h, icon } from './elements.js';

const TELL_TYPING_MS = 3000;
const ASSISTANT_TYPING_MS = 15000;
const STAFF_TYPING_MS = 6000;

export class Presence {
  /** The smallest position so far; a citizen who falls behind (emergencies go first) reads why. */
  #bestPosition = Infinity;

  /**
   * Whether the citizen waits after an emergency, 0 if they denied it: the chat then shows no position and no way back to the assistant.
   * @type {number | false}
   */
  isEmergency = false;

  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #typingTimer;

  #typingSentAt = 0;

  #readSent = '';

  #t;

  /** @param {Translate} t */
  constructor(t) {
    this.#t = t;
    this.queue = h('p', { class: 'queue', role: 'status', hidden: true });
    this.typist = h('span', { class: 'typist' });
    this.typing = h('div', { class: 'typing', 'aria-hidden': 'true', hidden: true }, h('i'), h('i'), h('i'), this.typist);
  }

  /** Resets the smallest position, since a new message states the position, maybe in another queue. */
  forgetPosition() {
    this.#bestPosition = Infinity;
  }

  /**
   * Notes that the citizen described an emergency, which has no position.
   * @param {import('./launcher.js').Launcher} launcher
   * @param {unknown[]} calls Empty if they denied it.
   */
  enterEmergency(launcher, { length }) {
    this.isEmergency = length;
    this.queue.hidden = true;
    launcher.showPlace(0);
  }

  /**
   * @param {number} position
   * @param {Scroller} scroller
   */
  showPosition(position, scroller) {
    this.#bestPosition = Math.min(position, this.#bestPosition);
    const words = positionWords(this.#t, position, this.#bestPosition);
    /* read before the bar takes room from the messages */
    const follow = scroller.atEnd;
    /* in sight before it is filled, else its words are not read out */
    const isNew = this.queue.hidden || this.queue.textContent !== words;
    this.queue.hidden = false;
    if (isNew) this.queue.replaceChildren(icon('person'), words);
    if (follow) scroller.toEnd();
  }

  /**
   * @param {Scroller} scroller
   * @param {string} [name] The agent's name; missing for the assistant.
   */
  showTyping(scroller, name) {
    this.typist.textContent = name ? this.#t('escribe', { nombre: name }) : '';
    this.hideTyping();
    this.typing.hidden = false;
    this.#typingTimer = setTimeout(() => this.hideTyping(), name ? STAFF_TYPING_MS : ASSISTANT_TYPING_MS);
    if (scroller.atEnd) scroller.toEnd();
  }

  hideTyping() {
    clearTimeout(this.#typingTimer);
    this.typing.hidden = true;
  }

  /** @param {Connection} connection */
  tellTyping(connection) {
    if (Date.now() - this.#typingSentAt < TELL_TYPING_MS) return;
    this.#typingSentAt = Date.now();
    connection.signal({ type: 'typing' });
  }

  /**
   * @param {Connection} connection
   * @param {string} eventId The last event that the citizen has read.
   */
  tellRead(connection, eventId) {
    if (this.#readSent === eventId) return;
    this.#readSent = eventId;
    connection.signal({ type: 'read', event_id: eventId });
  }
}

/**
 * Returns the text for the position in the queue.
 * @param {Translate} t
 * @param {number} position From 1.
 * @param {number} best The smallest position so far.
 */
export function positionWords(t, position, best) {
  if (position === 1) return t('lugar_primero');
  return t(position > best ? 'lugar_atras' : 'lugar', { n: position });
}
