/**
 * Finds the row that somebody pressed: the one drawn there when they aimed, even if the rows moved just before.
 *
 * Nobody reacts to a move within REACTION_MS. A finger is seen only when it presses; a mouse aimed at its place before the
 * move if it has hardly moved since.
 */

export const REACTION_MS = 500;
const NEAR_PX = 40; // less than a row

/** @typedef {{ id: string, left: number, right: number, top: number, bottom: number }} Place */
/** @typedef {{ clientX: number, clientY: number, pointerType: string }} Point */

export class Pressed {
  #now;

  /** @type {Place[]} Where the rows were before their last move. */
  #before = [];

  /** @type {Point | null} Where the pointer was at that time. */
  #point = null;

  #movedAt = -Infinity;

  /** @param {() => number} [now] */
  constructor(now = () => performance.now()) {
    this.#now = now;
  }

  /**
   * Notes that the rows have moved. Of several moves in a row, what was there before the first counts.
   * @param {Place[]} before
   * @param {Point | null} point Where the pointer is; null if it is not above the list.
   */
  moved(before, point) {
    if (this.#fresh) return;
    [this.#before, this.#point, this.#movedAt] = [before, point, this.#now()];
  }

  /**
   * Returns the ticket whose row was there before the rows moved, '' if none was; null if they have not moved lately.
   * @param {Point} press
   */
  at(press) {
    if (!this.#fresh || (press.pointerType !== "touch" && !near(press, this.#point))) return null;
    const { clientX: x, clientY: y } = press;
    return this.#before.find((one) => one.left <= x && x < one.right && one.top <= y && y < one.bottom)?.id ?? "";
  }

  get #fresh() {
    return this.#now() - this.#movedAt < REACTION_MS;
  }
}

/**
 * @param {Point} press
 * @param {Point | null} point
 */
function near({ clientX, clientY }, point) {
  return point !== null && Math.hypot(clientX - point.clientX, clientY - point.clientY) < NEAR_PX;
}
