/** Decides when the alarm about unclaimed emergencies sounds: at each new one, and every minute until all are claimed. */

const REPEAT_MS = 60_000;
const SOUNDED = "ventanilla.alarm";

/** @typedef {{ known: string[], soundedAt: number }} Sounded The emergencies known at the last look, and when the alarm sounded last. */

export class AlarmClock {
  #soundsFirst;

  #memory;

  /**
   * @param {object} rule
   * @param {boolean} rule.soundsFirst Whether a new emergency sounds; on the desk's own page its list does that.
   * @param {Pick<Storage, "getItem" | "setItem">} rule.memory Outlives the page, so that the next page of the tab goes on.
   */
  constructor({ soundsFirst, memory }) {
    this.#soundsFirst = soundsFirst;
    this.#memory = memory;
  }

  /**
   * Returns whether the alarm sounds now.
   * @param {string[]} tickets The unclaimed emergencies.
   * @param {number} now Time in milliseconds.
   */
  due(tickets, now) {
    const { known, soundedAt } = this.#sounded();
    const fresh = tickets.some((ticket) => !known.includes(ticket));
    const due = tickets.length > 0 && (fresh || now - soundedAt >= REPEAT_MS);
    this.#memory.setItem(SOUNDED, JSON.stringify({ known: tickets, soundedAt: due ? now : soundedAt }));
    return due && (this.#soundsFirst || !fresh);
  }

  /** @returns {Sounded} */
  #sounded() {
    return JSON.parse(this.#memory.getItem(SOUNDED) ?? '{ "known": [], "soundedAt": 0 }');
  }
}
