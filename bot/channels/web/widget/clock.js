/** Provides time and timers; tests pass their own clock. */

/**
 * @typedef {object} Clock
 * @property {() => number} now Milliseconds since 1970.
 * @property {(ms: number, act: () => void) => any} after
 * @property {(ms: number, act: () => void) => any} every
 * @property {(timer: any) => void} stop
 * @property {() => number} random From 0 to 1.
 */

/** @type {Clock} */
export const CLOCK = {
  now: () => Date.now(),
  after: (ms, act) => setTimeout(act, ms),
  every: (ms, act) => setInterval(act, ms),
  stop: (timer) => clearTimeout(timer),
  random: () => Math.random(),
};

/** @param {number} ms */
export function sleep(ms) {
  return new Promise((done) => setTimeout(done, ms));
}
