/** Decides when the alarm about unclaimed emergencies sounds: at each new one, and every minute until all are claimed. */

const REPEAT_MS = 60_000;

export class AlarmClock {
  /** @type {Set<string>} */
  #known = new Set();

  #soundedAt = 0;

  #soundsFirst;

  /** @param {{ soundsFirst: boolean }} rule Whether a new emergency sounds; on the desk's own page its list does that. */
  constructor({ soundsFirst }) {
    this.#soundsFirst = soundsFirst;
  }

  /**
   * Returns whether the alarm sounds now.
   * @param {string[]} tickets The unclaimed emergencies.
   * @param {number} now Time in milliseconds.
   */
  due(tickets, now) {
    const fresh = tickets.some((ticket) => !this.#known.has(ticket));
    this.#known = new Set(tickets);
    if (!tickets.length || !(fresh || now - this.#soundedAt >= REPEAT_MS)) return false;
    this.#soundedAt = now;
    return this.#soundsFirst || !fresh;
  }
}
