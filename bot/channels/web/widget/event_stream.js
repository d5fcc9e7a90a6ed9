/** Connects to the server through Server-Sent Events and POST, for networks that block WebSockets. */

/** @import { ChatApi } from './chat_api.js' */
/** @import { Clock } from './clock.js' */
/** @import { Link } from './connection.js' */
/** @import { Signal } from './api.js' */
/** @import { Unsent } from './store.js' */

/* the server sends a comment every 15 s */
const QUIET_MS = 40000;
const LOOK_EVERY_MS = 10000;
const UNAUTHORIZED = 401;

export class EventStream {
  #link;

  #clock;

  #api;

  #abort = new AbortController();

  #receivedAt = 0;

  /** @type {any} */
  #watch = null;

  /**
   * @param {Link} link
   * @param {{ clock: Clock, api: ChatApi }} means
   */
  constructor(link, { clock, api }) {
    this.#link = link;
    this.#clock = clock;
    this.#api = api;
    this.#listen();
  }

  close() {
    this.#clock.stop(this.#watch);
    this.#abort.abort();
  }

  /**
   * @param {Unsent} message
   * @param {string} [follows]
   */
  async send(message, follows) {
    try {
      this.#receive({ type: 'ack', id: message.id, ...(await this.#api.post(message, follows)) });
    } catch (problem) {
      this.#refused(message.id, problem);
    }
  }

  /** @param {Signal} signal */
  signal(signal) {
    /* a lost signal is not retried */
    this.#api.signal(signal).catch(() => null);
  }

  /** Does nothing: a timer already detects a silent stream. */
  check() {}

  get #closed() {
    return this.#abort.signal.aborted;
  }

  async #listen() {
    try {
      await this.#follow();
    } catch (problem) { // any error means that the stream is lost
      this.#explain(problem);
    }
    if (!this.#closed) this.#link.lose({ trySocket: true });
  }

  async #follow() {
    const { signal } = this.#abort;
    const { token, after } = this.#link.greeting();
    if (!token) this.#link.opened((await this.#api.open(signal)).token);
    const answer = await this.#api.events(after, signal);
    if (answer.status === UNAUTHORIZED) {
      this.#link.forget();
      return this.#link.reconnect();
    }
    if (!answer.ok || !answer.body) throw answer.status;
    this.#receivedAt = this.#clock.now();
    this.#watch = this.#clock.every(LOOK_EVERY_MS, () => this.#clock.now() - this.#receivedAt > QUIET_MS && this.#link.lose({}));
    this.#link.welcome({ type: 'welcome', token: this.#link.greeting().token ?? '' });
    const heard = () => (this.#receivedAt = this.#clock.now());
    for await (const frame of framesOf(answer.body.getReader(), heard)) this.#receive(frame);
  }

  /** Reports why the server opens no conversation, if it said so. @param {any} problem */
  #explain(problem) {
    if (!this.#closed && problem?.text) this.#receive({ type: 'error', id: null, ...problem });
  }

  /** @param {any} frame */
  #receive(frame) {
    this.#receivedAt = this.#clock.now();
    this.#link.hear(frame);
  }

  /**
   * @param {string} id
   * @param {any} problem
   */
  #refused(id, { code, text }) {
    if (code === 'unknown_token' && !this.#closed) {
      this.#link.forget();
      this.#link.reconnect();
    } else this.#receive({ type: 'error', id, code: code || 'unavailable', text });
  }
}

/**
 * Yields the frames of a stream; calls `onBytes` for all data, also comments.
 * @param {ReadableStreamDefaultReader<Uint8Array>} reader
 * @param {() => void} onBytes
 */
export async function* framesOf(reader, onBytes = () => {}) {
  const decoder = new TextDecoder();
  let rest = '';
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return;
    onBytes();
    const blocks = (rest + decoder.decode(value, { stream: true })).split(/\r?\n\r?\n/);
    rest = blocks.pop() ?? '';
    yield* blocks.map(frameOf).filter((frame) => frame !== null);
  }
}

/**
 * Parses one block; null for a comment.
 * @param {string} block
 */
function frameOf(block) {
  const field = (/** @type {string} */ name) => block.match(new RegExp(`^${name}: ?(.*)$`, 'm'))?.[1];
  const data = field('data');
  const type = field('event') || 'message';
  return data ? { type: type === 'message' ? 'event' : type, ...JSON.parse(data) } : null;
}
