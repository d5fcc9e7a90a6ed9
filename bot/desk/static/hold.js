/**
 * Decides when the list of tickets must not move: while somebody aims at a row with the pointer or the keyboard.
 *
 * The pointer aims from its last move within the list, the keyboard from its last key there. A hold ends when the row is
 * pressed, shortly after the pointer or the focus has left the list, and after AIM_MS without a move.
 */

export const AIM_MS = 10_000;
export const LEAVE_MS = 800;

/** @typedef {{ now: () => number, after: (ms: number, act: () => void) => any, stop: (timer: any) => void }} Clock */

/** @type {Clock} */
const CLOCK = { now: () => performance.now(), after: (ms, act) => setTimeout(act, ms), stop: (timer) => clearTimeout(timer) };

export class Hold {
  #clock;
  #until = 0;

  /** @type {any} */
  #timer = null;

  /**
   * @param {() => void} onEnd Called when a hold ends.
   * @param {Clock} [clock]
   */
  constructor(onEnd, clock = CLOCK) {
    this.onEnd = onEnd;
    this.#clock = clock;
  }

  get active() {
    return this.#until > 0;
  }

  /** Holds the list for AIM_MS from now. */
  aim() {
    this.#hold(AIM_MS);
  }

  /** Ends the hold soon, unless somebody aims again: the pointer or the focus has left the list. */
  leave() {
    if (this.active) this.#hold(LEAVE_MS);
  }

  /** Holds the list for a moment at least: it is scrolled. */
  scroll() {
    if (this.#until < this.#clock.now() + LEAVE_MS) this.#hold(LEAVE_MS);
  }

  end() {
    if (!this.active) return;
    this.#until = 0;
    this.#clock.stop(this.#timer);
    this.onEnd();
  }

  /** @param {number} ms */
  #hold(ms) {
    this.#until = this.#clock.now() + ms;
    this.#clock.stop(this.#timer);
    this.#timer = this.#clock.after(ms, () => this.end());
  }
}
