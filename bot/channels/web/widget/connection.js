/**
 * Stays connected: chooses the way to the server, comes back after a loss where it was, sends what is unsent once and
 * in order: a message names the unsent one before it, and the server takes it only after that one.
 *
 * States: stopped; connecting (a way is open, no welcome yet); up; resting until the next try. A way is a Socket or an
 * EventStream; after two sockets that never spoke, streams are used until one ends.
 */

/** @import { ChatApi } from './chat_api.js' */
/** @import { Frame, Signal, Welcome } from './api.js' */
/** @import { Store, Unsent } from './store.js' */

import { CLOCK } from './clock.js';
import { compareIds } from './event_ids.js';
import { EventStream } from './event_stream.js';
import { Socket } from './socket.js';

/** @typedef {Pick<Welcome, 'type' | 'token' | 'speaker'>} Greeted */
/** @typedef {Exclude<Frame, Welcome> | Greeted | { type: 'connection', up: boolean } | { type: 'sending' | 'unsent', id: string } | { type: 'forgotten' }} Message */
/** @typedef {{ spoke?: boolean, trySocket?: boolean }} Loss */

/**
 * What a way tells the connection, and asks it.
 * @typedef {object} Link
 * @property {() => { token?: string, after: string }} greeting
 * @property {(token: string) => void} opened
 * @property {(frame: Greeted, how?: { bySocket: boolean }) => void} welcome
 * @property {(frame: any) => void} hear
 * @property {() => void} forget The server does not know the token.
 * @property {() => void} reconnect
 * @property {(loss: Loss) => void} lose
 */

/**
 * @typedef {object} Way
 * @property {(message: Unsent, follows?: string) => Promise<void> | void} send Names the unsent message before it.
 * @property {(signal: Signal) => void} signal
 * @property {(patienceMs?: number) => void} check
 * @property {() => void} close
 */

/**
 * @typedef {object} Ways
 * @property {((link: Link) => Way) | null} socket Null where the browser has none.
 * @property {(link: Link) => Way} stream
 */

const SOCKET_TRIES = 2;
const FIRST_REST_MS = 500;
const LONGEST_REST_MS = 30000;
const ACK_MS = 10000;
const HURRIED_CHECK_MS = 5000;
const OUT_OF_ORDER = 'out_of_order';
const PASSING = ['too_many', 'unavailable', OUT_OF_ORDER];

export class Connection {
  /** The id of the newest event that was heard: where a new connection goes on. */
  last = '0';

  running = false;

  #store;

  #on;

  #ways;

  #clock;

  #online;

  #up = false;

  #misses = 0;

  #socketMisses = 0;

  /** @type {Way | null} */
  #way = null;

  /** @type {any} */
  #retry = null;

  /** @type {Map<string, any>} By id of a message on its way, the timer that waits for its receipt. */
  #flying = new Map();

  /** @type {Way | null} The way on which what is unsent is being sent. */
  #sending = null;

  /** Something may have been added since what is being sent was looked at. */
  #more = false;

  /**
   * @param {Store} store
   * @param {(message: Message) => void} on Is told the server's frames, and what becomes of the connection and of messages.
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

  /** Drops the connection; starting again goes on after `last`. */
  stop() {
    this.running = false;
    this.#hangUp();
  }

  /** Begins anew, with another conversation. */
  restart() {
    this.stop();
    this.last = '0';
    this.#misses = 0;
    this.start();
  }

  /** After a change of network or a return to the page: connects now, or finds out whether it is still alive. */
  nudge() {
    if (!this.running) return;
    if (this.#up) return this.#way?.check(HURRIED_CHECK_MS);
    this.#misses = 0;
    this.#reconnect();
  }

  /**
   * Tells that the citizen types or has read: at once or not at all.
   * @param {Signal} signal
   */
  signal(signal) {
    if (this.#up) this.#way?.signal(signal);
  }

  /** Sends what is unsent, in order; called again meanwhile it looks again. */
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

  /** Rests longer after each miss, by chance up to twice as long, so that not everybody comes back at once. */
  #lose() {
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
    this.#misses = 0;
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
    if (frame.type === 'ack') this.#landed(frame.id, null);
    if (frame.type === 'error' && frame.id) this.#landed(frame.id, frame.code);
    if (frame.type === 'error' && frame.code === OUT_OF_ORDER) return; // nothing that the citizen could do
    this.#on(frame);
  }

  /**
   * @param {string} id
   * @param {string | null} code Why it was refused; null when it was not.
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
 * The ways of a browser to the API at `url`.
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
