/**
 * Keeps the chat connected: chooses the transport, reconnects, resumes at the last event, and sends unsent messages
 * in order: each names the unsent message before it, and the server stores it only after that one.
 *
 * States: stopped; connecting (transport opened, no welcome yet); up; resting until the next attempt. A way (transport)
 * is a Socket or an EventStream; after two sockets without any frame, streams are used until one ends.
 */

/** @import { ChatApi } from './chat_api.js' */
/** @import { Frame, Signal, Welcome } from './api.js' */
/** @import { Store, Unsent } from './store.js' */

import { CLOCK } from './clock.js';
import { compareIds } from './event_ids.js';
import { EventStream } from './event_stream.js';
import { Socket } from './socket.js';

/** @typedef {Pick<Welcome, 'type' | 'token'> & { speaker?: Welcome['speaker'] }} Greeted A stream's first frame names the speaker. */
/** @typedef {Exclude<Frame, Welcome> | Greeted | { type: 'connection', up: boolean } | { type: 'sending' | 'unsent', id: string } | { type: 'forgotten' }} Message */
/** @typedef {{ spoke?: boolean, trySocket?: boolean }} Loss */

/**
 * The callbacks of a way to its connection.
 * @typedef {object} Link
 * @property {() => { token?: string, after: string }} greeting
 * @property {(token: string) => void} opened
 * @property {(frame: Greeted, how?: { bySocket: boolean }) => void} welcome
 * @property {(frame: any) => void} hear
 * @property {() => void} forget Called when the server does not know the token.
 * @property {() => void} reconnect
 * @property {(loss: Loss) => void} lose
 */

/**
 * @typedef {object} Way
 * @property {(message: Unsent, follows?: string) => Promise<void> | void} send `follows` is the id of the unsent message before it.
 * @property {(signal: Signal) => void} signal
 * @property {(patienceMs?: number) => void} check
 * @property {() => void} close
 */

/**
 * @typedef {object} Ways
 * @property {((link: Link) => Way) | null} socket Null if the browser has no WebSocket.
 * @property {(link: Link) => Way} stream
 */

const SOCKET_TRIES = 2;
const FIRST_REST_MS = 500;
const LONGEST_REST_MS = 30000;
const ACK_MS = 10000;
const STEADY_MS = 5000;
const HURRIED_CHECK_MS = 5000;
const OUT_OF_ORDER = 'out_of_order';
const PASSING = ['too_many', 'unavailable', 'no_room', OUT_OF_ORDER];

export class Connection {
  /** The id of the newest event received, after which a new connection resumes. */
  last = '0';

  running = false;

  #store;

  #on;

  #ways;

  #clock;

  #online;

  #up = false;

  #misses = 0;

  #welcomedAt = 0;

  #socketMisses = 0;

  /** @type {Way | null} */
  #way = null;

  /** @type {any} */
  #retry = null;

  /** @type {Map<string, any>} Timers that wait for an acknowledgement, by message id. */
  #flying = new Map();

  /** @type {Way | null} The way over which unsent messages are being sent now. */
  #sending = null;

  /** Whether a message may have been added since the store was last read. */
  #more = false;

  /**
   * @param {Store} store
   * @param {(message: Message) => void} on Receives the server's frames and the state of connection and messages.
   * @param {{ ways: Ways, clock?: import('./clock.js').Clock, online?: () => boolean }} means
   */
  constructor(store, on, { ways, clock = CLOCK, online = () => navigator.onLine }) {
    this.#store = store;
    this.#on = on;
    this.#ways = ways;
    this.#clock = clock;
    this.#online = online;
  }

  start() {
    if (this.running) return;
    this.running = true;
    this.#connect();
  }

  /** Closes the connection; `start` resumes after `last`. */
  stop() {
    this.running = false;
    this.#hangUp();
  }

  /** Reconnects from the beginning, for another conversation; unless ``starts``, only once `start` is called. */
  restart(starts = true) {
    this.stop();
    this.last = '0';
    this.#misses = 0;
    if (starts) this.start();
  }

  /** Reconnects now, or checks an open connection; for a change of network or a return to the page. */
  nudge() {
    if (!this.running) return;
    if (this.#up) return this.#way?.check(HURRIED_CHECK_MS);
    this.#misses = 0;
    this.#reconnect();
  }

  /**
   * Sends a typing or read signal; drops it if the connection is down.
   * @param {Signal} signal
   */
  signal(signal) {
    if (this.#up) this.#way?.signal(signal);
  }

  /** Sends the unsent messages in order; a call during sending makes it look for new ones. */
  async flush() {
    const way = this.#way;
    this.#more = true;
    if (!this.#up || !way || this.#sending === way) return;
    this.#sending = way;
    while (this.#more && this.#sending === way) {
      this.#more = false;
      await this.#sendUnsent(way);
    }
    if (this.#sending === way) this.#sending = null;
  }

  /** @param {Way} way */
  async #sendUnsent(way) {
    for (const message of this.#store.pending) {
      const { id } = message;
      if (this.#flying.has(id) || !this.#store.has(id)) continue;
      this.#flying.set(id, this.#clock.after(ACK_MS, () => this.#unanswered(id)));
      this.#on({ type: 'sending', id });
      const sent = way.send(message, this.#store.before(id)?.id);
      if (sent) await sent;
      if (this.#way !== way || (sent && this.#store.has(id))) return;
    }
  }

  #connect() {
    const open = this.#socketMisses < SOCKET_TRIES && this.#ways.socket;
    if (!open) {
      this.#way = this.#ways.stream(this.#link());
      return;
    }
    try {
      this.#way = open(this.#link());
    } catch {
      this.#socketMisses++;
      this.#lose();
    }
  }

  #reconnect() {
    this.#hangUp();
    this.#connect();
  }

  #hangUp() {
    this.#clock.stop(this.#retry);
    this.#way?.close();
    this.#way = null;
    for (const timer of this.#flying.values()) this.#clock.stop(timer);
    this.#flying.clear();
    this.#sending = null;
    this.#up = false;
  }

  /** @returns {Link} */
  #link() {
    return {
      greeting: () => ({ token: this.#store.token || undefined, after: this.last }),
      opened: (token) => this.#store.set({ token }),
      welcome: (frame, { bySocket } = { bySocket: false }) => this.#welcome(frame, bySocket),
      hear: (frame) => this.#hear(frame),
      forget: () => this.#forget(),
      reconnect: () => this.#reconnect(),
      lose: (loss) => this.#lost(loss),
    };
  }

  /** @param {Loss} loss */
  #lost({ spoke = true, trySocket = false }) {
    if (!spoke && this.#online()) this.#socketMisses++;
    if (trySocket) this.#socketMisses = Math.min(this.#socketMisses, SOCKET_TRIES - 1);
    this.#lose();
  }

  /** Schedules a reconnection, with a doubling delay and jitter so that clients do not all return at the same time. */
  #lose() {
    if (this.#up && this.#clock.now() - this.#welcomedAt >= STEADY_MS) this.#misses = 0;
    this.#hangUp();
    this.#on({ type: 'connection', up: false });
    if (!this.running) return;
    const longest = Math.min(LONGEST_REST_MS, FIRST_REST_MS * 2 ** this.#misses++);
    this.#retry = this.#clock.after(longest * (0.5 + this.#clock.random() / 2), () => this.#connect());
  }

  /**
   * @param {Greeted} frame
   * @param {boolean} bySocket
   */
  #welcome(frame, bySocket) {
    if (bySocket) this.#socketMisses = 0;
    this.#welcomedAt = this.#clock.now();
    this.#up = true;
    if (frame.token !== this.#store.token) this.#store.set({ token: frame.token });
    this.#on({ type: 'connection', up: true });
    this.#on(frame);
    this.flush();
  }

  #forget() {
    this.#store.set({ token: null, read: null });
    this.last = '0';
    this.#on({ type: 'forgotten' });
  }

  /** @param {Exclude<Frame, Welcome>} frame */
  #hear(frame) {
    if (frame.type === 'event') {
      if (compareIds(frame.id, this.last) <= 0) return;
      this.last = frame.id;
      this.#store.drop(frame.message_id);
    }
    if (frame.type === 'speaker') this.#store.attended = frame.speaker !== 'assistant';
    if (frame.type === 'ack') this.#landed(frame.id, null);
    if (frame.type === 'error' && frame.id) this.#landed(frame.id, frame.code);
    /* not shown, since the citizen cannot fix it */
    if (frame.type === 'error' && frame.code === OUT_OF_ORDER) return;
    this.#on(frame);
  }

  /**
   * @param {string} id
   * @param {string | null} code The error's code; null for an acknowledgement.
   */
  #landed(id, code) {
    this.#clock.stop(this.#flying.get(id));
    this.#flying.delete(id);
    const before = this.#store.before(id);
    if (code === OUT_OF_ORDER && (!before || this.#flying.has(before.id))) this.flush();
    else if (code && PASSING.includes(code)) {
      this.#clock.after(ACK_MS, () => this.flush());
      this.#on({ type: 'unsent', id });
    } else if (!code) this.#store.drop(id);
  }

  /** @param {string} id */
  #unanswered(id) {
    this.#on({ type: 'unsent', id });
    this.#lose();
  }
}

/**
 * Returns a browser's transports to the API at `url`.
 * @param {string} url
 * @param {ChatApi} api
 * @returns {Ways}
 */
export function browserWays(url, api, clock = CLOCK) {
  const address = url.replace(/^http/, 'ws') + '/socket';
  const open = () => new WebSocket(address);
  return {
    socket: 'WebSocket' in window ? (link) => new Socket(link, { clock, open }) : null,
    stream: (link) => new EventStream(link, { clock, api }),
  };
}
