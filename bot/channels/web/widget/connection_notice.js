/** Says above the messages that the network is missing, that the connection is slow, or why the server refused something. */

/** @import { Panel } from './panel.js' */
/** @import { Translate } from './wording.js' */

const SAY_AFTER_MS = 1200;

export class ConnectionNotice {
  /** Whether it shows an error of the server; the next frame that names the speaker clears it. */
  warned = false;

  #panel;

  #t;

  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #timer;

  /**
   * @param {Panel} panel
   * @param {Translate} t
   */
  constructor(panel, t) {
    this.#panel = panel;
    this.#t = t;
  }

  /** @param {string} text */
  warn(text) {
    this.warned = true;
    this.#panel.say(text);
  }

  /**
   * @param {boolean} isFine Whether it is connected, or not to be.
   * @param {boolean} isBegun Whether the page has had a conversation.
   */
  show(isFine, isBegun) {
    clearTimeout(this.#timer);
    if (!navigator.onLine) return this.#panel.say(this.#t('sin_red'));
    /* the server has said why it opens no conversation */
    if (this.warned && !isBegun) return;
    if (isFine) return this.#panel.say('');
    this.#timer = setTimeout(() => this.#panel.say(this.#t(isBegun ? 'reconectando' : 'conectando')), SAY_AFTER_MS);
  }
}
