/** Stores in the browser the conversation's token, the last read event and the unsent messages. */

/** @typedef {{ id: string, at: number, text?: string, button?: string, title?: string, place?: { latitude: number, longitude: number } }} Unsent */
/** `at` is when the citizen last used the chat in this browser; 0: the conversation has ended. */
/** `attended` is true while the citizen waits for or talks to a person. */
/** @typedef {{ at?: number, token?: string | null, read?: string | null, attended?: boolean, notify?: boolean, pending?: Unsent[] }} Kept */

export class Store {
  #key;

  #storage;

  /** @type {Kept} */
  #memory = {};

  /** Whether the last change could not be stored; the storage, which may still be read, is then out of date. */
  #isFull = false;

  /** How long a conversation may be unused. */
  idleMs = Infinity;

  /**
   * @param {string} key
   * @param {() => Pick<Storage, 'getItem' | 'setItem' | 'removeItem'>} storage A function, since even naming localStorage may throw.
   */
  constructor(key, storage = () => localStorage) {
    this.#key = key;
    this.#storage = storage;
  }

  /** @returns {Kept} */
  get() {
    if (this.#isFull) return this.#memory;
    try {
      return JSON.parse(this.#storage().getItem(this.#key) ?? 'null') || {};
    } catch {
      return this.#memory;
    }
  }

  /** @param {Kept} change */
  set(change) {
    const next = (this.#memory = { ...this.get(), at: Date.now(), ...change });
    try {
      this.#storage().setItem(this.#key, JSON.stringify(next));
      this.#isFull = false;
    } catch {
      this.#isFull = true; // also in private mode: kept for this page only
    }
  }

  /** Keeps the conversation in this tab only, and removes what earlier visits left in the browser. */
  useTab() {
    try {
      this.#storage().removeItem(this.#key);
    } catch { /* nothing was stored */ }
    this.#storage = () => sessionStorage;
  }

  get isIdle() {
    const { at, attended, token } = this.get();
    if (token && at === undefined) this.set({}); // stored by an earlier version
    return !attended && Date.now() - (at ?? NaN) > this.idleMs;
  }

  /** Leaves `at` unchanged, since the server reports this and the citizen did nothing. @param {boolean} attended */
  set attended(attended) {
    const { at, attended: was, token } = this.get();
    if (token && attended !== was) this.set({ at, attended });
  }

  /** Deletes the conversation. @param {boolean} goesOn Whether another one begins. */
  forget(goesOn) {
    this.set({ token: null, read: null, pending: [], attended: false, notify: false, at: goesOn ? Date.now() : 0 });
  }

  get token() {
    return this.get().token;
  }

  get pending() {
    return this.get().pending || [];
  }

  /** @param {string} id */
  has(id) {
    return this.pending.some((message) => message.id === id);
  }

  /**
   * Returns the unsent message right before this one.
   * @param {string} id
   * @returns {Unsent | undefined}
   */
  before(id) {
    const { pending } = this;
    return pending[pending.findIndex((message) => message.id === id) - 1];
  }

  /** @param {Unsent} message */
  add(message) {
    this.set({ pending: [...this.pending, message] });
  }

  /** @param {string | null | undefined} id */
  drop(id) {
    this.set({ pending: this.pending.filter((message) => message.id !== id) });
  }
}
