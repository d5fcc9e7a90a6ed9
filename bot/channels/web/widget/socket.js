/** Connects to the server through one WebSocket, from hello until it is closed or lost. */

/** @import { Clock } from './clock.js' */
/** @import { Link } from './connection.js' */
/** @import { Signal } from './api.js' */
/** @import { Unsent } from './store.js' */

const WELCOME_MS = 8000;
const PING_EVERY_MS = 25000;
const PONG_MS = 10000;
const OPEN = 1;

export class Socket {
  #link;

  #clock;

  #socket;

  #closed = false;

  #spoke = false;

  #welcomed = false;

  #heardAt = 0;

  /** @type {any} */
  #welcomeTimer = null;

  /** @type {any} */
  #pingTimer = null;

  /**
   * Opens the socket; throws if the browser or the URL does not allow it.
   * @param {Link} link
   * @param {{ clock: Clock, open: () => WebSocket }} means
   */
  constructor(link, { clock, open }) {
    this.#link = link;
    this.#clock = clock;
    this.#socket = open();
    this.#socket.onopen = () => this.#greet();
    this.#socket.onclose = () => this.#fail();
    this.#socket.onmessage = ({ data }) => this.#hear(JSON.parse(data));
    this.#welcomeTimer = clock.after(WELCOME_MS, () => this.#fail());
  }

  close() {
    this.#closed = true;
    this.#clock.stop(this.#welcomeTimer);
    this.#clock.stop(this.#pingTimer);
    this.#socket.onopen = this.#socket.onclose = this.#socket.onmessage = null;
    this.#socket.close();
  }

  /**
   * @param {Unsent} message
   * @param {string} [follows]
   */
  send({ id, text, button, place }, follows) {
    this.#socket.send(JSON.stringify({ type: 'message', id, text, button, place, follows }));
  }

  /** @param {Signal} signal */
  signal(signal) {
    this.#socket.send(JSON.stringify(signal));
  }

  /** Sends a ping; without any frame from the server in time the socket counts as lost. */
  check(patienceMs = PONG_MS) {
    const askedAt = this.#clock.now();
    if (this.#socket.readyState === OPEN) this.#socket.send('{"type":"ping"}');
    this.#clock.after(patienceMs, () => this.#heardAt < askedAt && this.#fail());
  }

  #greet() {
    this.#socket.send(JSON.stringify({ type: 'hello', ...this.#link.greeting() }));
  }

  /** @param {any} frame */
  #hear(frame) {
    this.#spoke = true;
    this.#heardAt = this.#clock.now();
    if (frame.type === 'welcome') this.#welcome(frame);
    else if (frame.code === 'unknown_token') {
      this.#link.forget();
      this.#greet();
    } else if (frame.type === 'error' && !this.#welcomed) {
      /* says why no conversation can be opened */
      this.#link.hear(frame);
      this.#fail();
    } else this.#link.hear(frame);
  }

  /** @param {any} frame */
  #welcome(frame) {
    this.#welcomed = true;
    this.#clock.stop(this.#welcomeTimer);
    this.#pingTimer = this.#clock.every(PING_EVERY_MS, () => this.check());
    this.#link.welcome(frame, { bySocket: true });
  }

  #fail() {
    if (!this.#closed) this.#link.lose({ spoke: this.#spoke });
  }
}
