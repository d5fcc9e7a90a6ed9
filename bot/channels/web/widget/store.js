/** Keeps in the browser what the conversation needs: its token, how far it was read, what is unsent. */

/** @typedef {{ id: string, at: number, text?: string, button?: string, title?: string }} Unsent */
/** @typedef {{ token?: string | null, read?: string | null, pending?: Unsent[] }} Kept */

export class Store {
  #key;

  #storage;

  /** @type {Kept} */
  #memory = {};

  /**
   * @param {string} key
   * @param {() => Pick<Storage, 'getItem' | 'setItem'>} storage Naming it may throw already.
   */
  constructor(key, storage = () => localStorage) {
    this.#key = key;
    this.#storage = storage;
  }

  /** @returns {Kept} */
  get() {
    try {
      return JSON.parse(this.#storage().getItem(this.#key) ?? 'null') || {};
    } catch {
      return this.#memory;
    }
  }

  /** @param {Kept} change */
  set(change) {
    const next = (this.#memory = { ...this.get(), ...change });
    try {
      this.#storage().setItem(this.#key, JSON.stringify(next));
    } catch { /* private mode: this page only */ }
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
   * Finds the message that waits right before this one: it goes first.
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
