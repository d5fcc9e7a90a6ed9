/**
 * Calls the chat's HTTP API; refusals are thrown as the server's {code, text}. A message or opinion that is on its way
 * arrives although the citizen leaves the page (`keepalive`); a file does not, which is too large for that.
 */

/** @import { Acknowledged, AnswerRatingIn, Configuration, Opened, RatingIn, Signal } from './api.js' */
/** @import { Store, Unsent } from './store.js' */

const LONGEST_NAME = 200;

export class ChatApi {
  #url;

  #store;

  /**
   * @param {string} url
   * @param {Store} store Holds the token.
   */
  constructor(url, store) {
    this.#url = url;
    this.#store = store;
  }

  /**
   * @param {string} language
   * @returns {Promise<Configuration>}
   */
  async configuration(language) {
    return this.#ask(`/config?lang=${encodeURIComponent(language)}`, {});
  }

  /**
   * Opens a conversation.
   * @param {AbortSignal} signal
   * @returns {Promise<Opened>}
   */
  open(signal) {
    return this.#ask('', { method: 'POST', signal });
  }

  /**
   * Opens the stream of events after the id `after`.
   * @param {string} after
   * @param {AbortSignal} signal
   */
  events(after, signal) {
    return fetch(`${this.#url}/events?after=${after}`, { headers: this.#headers, signal, cache: 'no-store' });
  }

  /**
   * @param {Unsent} message
   * @param {string} [follows]
   * @returns {Promise<Acknowledged>}
   */
  post({ id, text, button, place }, follows) {
    return this.#ask('/messages', { method: 'POST', headers: this.#headers, body: JSON.stringify({ id, text, button, place, follows }), keepalive: true });
  }

  /** @param {Signal} signal */
  signal(signal) {
    return this.#send('/signals', JSON.stringify(signal));
  }

  /** @param {RatingIn | AnswerRatingIn} opinion */
  judge(opinion) {
    return this.#send('/feedback', JSON.stringify(opinion));
  }

  /**
   * Uploads a file, which arrives as an event. Repeating it with the same id is safe.
   * @param {string} id
   * @param {File} file
   * @param {string} caption
   */
  upload(id, file, caption) {
    const query = new URLSearchParams({ id, name: file.name.slice(-LONGEST_NAME), caption });
    return this.#send(`/files?${query}`, file, 'application/octet-stream');
  }

  get #headers() {
    return { Authorization: `Bearer ${this.#store.token}`, 'Content-Type': 'application/json' };
  }

  /**
   * @param {string} path
   * @param {RequestInit} options
   */
  async #ask(path, options) {
    const answer = await fetch(this.#url + path, options);
    const body = await answer.json();
    if (!answer.ok) throw body;
    return body;
  }

  /**
   * @param {string} path
   * @param {BodyInit} body
   */
  async #send(path, body, type = 'application/json') {
    const headers = { ...this.#headers, 'Content-Type': type };
    const answer = await fetch(this.#url + path, { method: 'POST', headers, body, keepalive: typeof body === 'string' });
    if (!answer.ok) throw await answer.json();
  }
}
