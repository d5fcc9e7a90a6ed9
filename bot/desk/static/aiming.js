/**
 * Connects the list of tickets to those who aim at its rows: holds it still meanwhile, and opens the row that was pressed.
 */

import { allWithin, around, holds, within } from "./elements.js";
import { Hold } from "./hold.js";
import { Pressed } from "./pressed.js";

const list = within(document, ".board-list", HTMLElement);
const touch = matchMedia("(any-pointer: coarse)");
const oneColumn = matchMedia("(max-width: 48rem)");
const ABOVE = ["banners", "proposals", "found"]; // what pushes the rows down when it appears
const ABOVE_IN_ONE_COLUMN = "unclaimed";

/**
 * @typedef {object} Acts
 * @property {(id: string) => void} onOpen Called when another row was pressed than the one that is there now.
 * @property {() => void} onEnd Called when the list may move again.
 */

export class Aiming {
  /** @type {string | null} The ticket on whose row the pointer went down, '' beside all rows; null to trust the click. */
  #down = null;

  /** @type {PointerEvent | null} The last move of the pointer, while it is above the list. */
  #point = null;

  #pressed = new Pressed();

  /** @param {Acts} acts */
  constructor({ onOpen, onEnd }) {
    this.hold = new Hold(onEnd);
    this.#listenToPointer(onOpen);
    this.#listenToKeyboard();
    document.addEventListener("visibilitychange", () => document.hidden && this.hold.end());
    for (const id of [...ABOVE, ABOVE_IN_ONE_COLUMN]) this.#watch(document.getElementById(id));
  }

  /**
   * Calls `act`, which may move rows, and remembers where they were if somebody may be about to press one.
   * @param {() => void} act
   */
  moving(act) {
    if (!this.#point && !touch.matches) return act();
    const before = placesOf();
    act();
    if (differ(before, placesOf())) this.#pressed.moved(before, this.#point);
  }

  /** @param {(id: string) => void} onOpen */
  #listenToPointer(onOpen) {
    list.addEventListener("pointermove", (event) => this.#aim(event), { passive: true });
    list.addEventListener("pointerleave", () => this.#left());
    list.addEventListener("pointercancel", () => this.#left());
    list.addEventListener("scroll", () => this.hold.scroll(), { passive: true });
    list.addEventListener("pointerdown", (event) => {
      this.#down = this.#pressed.at(event);
      this.#aim(event);
    });
    list.addEventListener("click", (event) => this.#clicked(event, onOpen), { capture: true });
  }

  /** @param {PointerEvent} event */
  #aim(event) {
    this.#point = event;
    this.hold.aim();
  }

  #left() {
    this.#point = null;
    this.hold.leave();
  }

  /**
   * @param {MouseEvent} event
   * @param {(id: string) => void} onOpen
   */
  #clicked(event, onOpen) {
    const [down, row] = [this.#down, around(event, ".row")];
    this.#down = null;
    if (down !== null && down !== (row?.dataset.ticket ?? "")) {
      event.preventDefault();
      event.stopPropagation();
      if (down) onOpen(down);
    }
    if (row || down) this.hold.end();
  }

  #listenToKeyboard() {
    list.addEventListener("focusin", ({ target }) => target instanceof Element && target.matches(":focus-visible") && this.hold.aim());
    list.addEventListener("focusout", ({ relatedTarget }) => holds(list, relatedTarget) || this.hold.leave());
    document.addEventListener("keydown", ({ target }) => (holds(list, target) ? this.hold.aim() : this.hold.end()), { capture: true });
  }

  /**
   * Notes that the rows move when something above them gets another height, which happens before it is drawn.
   * @param {HTMLElement | null} above
   */
  #watch(above) {
    if (!above) return;
    const pushes = () => (above.id !== ABOVE_IN_ONE_COLUMN || oneColumn.matches ? above.offsetHeight : 0);
    let height = pushes();
    new ResizeObserver(() => {
      const by = pushes() - height;
      height += by;
      if (by) this.#pressed.moved(placesOf().map((one) => ({ ...one, top: one.top - by, bottom: one.bottom - by })), this.#point);
    }).observe(above);
  }
}

/** Returns where the rows are that can be seen; a row above or below the list's edge is reached by nobody. */
function placesOf() {
  const edge = list.getBoundingClientRect();
  return allWithin(list, ".row[data-ticket]").flatMap((row) => {
    const { left, right, top, bottom } = row.getBoundingClientRect();
    const shown = { id: row.dataset.ticket ?? "", left, right, top: Math.max(top, edge.top), bottom: Math.min(bottom, edge.bottom) };
    return shown.top < shown.bottom ? [shown] : [];
  });
}

/**
 * @param {ReturnType<typeof placesOf>} before
 * @param {ReturnType<typeof placesOf>} after
 */
function differ(before, after) {
  return before.some((one, number) => one.id !== after[number]?.id || one.top !== after[number].top);
}
