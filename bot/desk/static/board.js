/**
 * Renders the list of tickets: three groups of rows, which keep their elements (and the focus) when their contents change.
 *
 * Only the first rows of a long group are rendered, only changed rows are updated, and rapid changes are rendered together.
 * While somebody aims at a row, no row moves; a button says how many changes wait.
 */

/** @import { Ticket } from "./shapes.js" */
/** @import { Section, Store } from "./store.js" */

import { Aiming } from "./aiming.js";
import { announce } from "./alerts.js";
import { Arrangement } from "./arrangement.js";
import { allWithin, byId, copyOf, within } from "./elements.js";
import { say } from "./facts.js";
import { Filters } from "./filters.js";
import { fillCount, fillFrame } from "./group_frame.js";
import { fillRow, fitsInPlace, markGone, setTime } from "./row.js";
import { fillWindowBadge } from "./window_bar.js";

const TICK_MS = 10_000;
const REST_MS = 100;
const DRAWN = 50;
const template = byId("row-template", HTMLTemplateElement);
const waitingChanges = byId("held", HTMLButtonElement);
const list = within(document, ".board-list"); // found once: a timer may draw after the end of the session has emptied the page

export class Board {
  #store;
  #aiming;

  /** @type {Map<string, HTMLElement>} Row elements by ticket id. */
  #rows = new Map();

  /** @type {string | null} */
  #current = null;

  /** @type {Set<string>} */
  #fresh = new Set();

  /** @type {Record<string, number>} Number of rows shown in each group that shows more than DRAWN. */
  #shown = {};

  /** Number of waiting tickets to load. */
  shown = DRAWN;

  #drawnAt = 0;
  #arrangement = new Arrangement();

  /** @type {ReturnType<typeof setTimeout> | null} */
  #timer = null;

  /**
   * @param {Store} store
   * @param {{ onOpen: (id: string) => void, onMore: () => Promise<void>, onMoved: () => void }} acts `onMore` is called
   *   when other or more waiting tickets must be loaded, `onMoved` once the rows have moved that were held still.
   */
  constructor(store, { onOpen, onMore, onMoved }) {
    this.#store = store;
    this.#aiming = new Aiming({ onOpen, onEnd: () => this.#moveOn(onMoved) });
    this.filters = new Filters(() => this.#filtered());
    this.onOpen = onOpen;
    this.onMore = onMore;
    store.addEventListener("change", () => this.#changed());
    setInterval(() => this.#tick(), TICK_MS);
    for (const group of groups()) within(group, ".more").addEventListener("click", () => this.#showMore(group));
    waitingChanges.addEventListener("click", () => this.applyChanges());
  }

  /** Returns which waiting tickets are to be loaded: how many, and the filters. */
  get wanted() {
    return { shown: this.shown, ...this.filters.chosen };
  }

  /** @param {string | null} id */
  setCurrent(id) {
    this.#current = id;
    this.render();
  }

  render() {
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = null;
    this.#aiming.moving(() => this.#draw());
    this.#drawnAt = performance.now();
  }

  /** Applies the changes that wait; keeps the focus in the list if it was on their button. */
  applyChanges() {
    const pressed = document.activeElement === waitingChanges;
    this.#aiming.hold.end();
    if (pressed) this.move(0);
  }

  /**
   * Marks the ticket's row as new at the next rendering.
   * @param {string} id
   */
  flash(id) {
    this.#fresh.add(id);
    this.#changed();
  }

  /**
   * Scrolls to the row of a ticket, which moved to another group when it was claimed.
   * @param {string} id
   */
  reveal(id) {
    this.#aiming.hold.end();
    this.render();
    this.#rows.get(id)?.scrollIntoView({ block: "nearest" });
  }

  /** @param {string} id */
  focusRow(id) {
    this.render();
    const item = this.#rows.get(id);
    if (item) rowOf(item).focus();
  }

  /**
   * Moves the focus by `step` rows, across groups; if no row has it, to the open conversation's row or the first row.
   * @param {number} step
   */
  move(step) {
    const rows = allWithin(document, ".row").filter((row) => row.checkVisibility());
    if (!rows.length) return;
    const from = rows.findIndex((row) => row === document.activeElement);
    const current = Math.max(0, rows.findIndex((row) => row.getAttribute("aria-current") === "true"));
    const to = from >= 0 ? from + step : current;
    rows[Math.min(rows.length - 1, Math.max(0, to))].focus();
  }

  /** Renders immediately, or after REST_MS since the last rendering: at most ten renderings per second. */
  #changed() {
    const waitMs = this.#drawnAt + REST_MS - performance.now();
    if (waitMs <= 0) this.render();
    else this.#timer ??= setTimeout(() => this.render(), waitMs);
  }

  #filtered() {
    this.#aiming.hold.end();
    this.shown = DRAWN;
    this.#shown = {};
    this.render();
    this.onMore();
  }

  /** @param {HTMLElement} group */
  async #showMore(group) {
    this.#aiming.hold.end();
    const name = nameOf(group);
    const first = this.#shown[name] ?? DRAWN;
    this.#shown[name] = first + DRAWN;
    if (name === "waiting") {
      this.shown = first + DRAWN;
      await this.onMore();
    }
    this.render();
    allWithin(group, ".row")[first]?.focus();
  }

  #draw() {
    const focused = document.activeElement;
    const before = allWithin(document, ".row").findIndex((row) => row === focused);
    const held = this.#aiming.hold.active;
    const shown = groups().map((group) => ({ group, name: nameOf(group), tickets: this.#section(group) }));
    const rows = this.#arrangement.arrange(Object.fromEntries(shown.map(({ group, name, tickets }) => [name, this.#first(group, tickets)])), held);
    this.#drop(new Set(Object.values(rows).flat()));
    for (const { group, name, tickets } of shown) this.#fill(group, { ids: rows[name], tickets, still: held && rows[name].length > 0 });
    this.#showChanges();
    keepFocus(focused, before);
  }

  /** @param {() => void} onMoved */
  #moveOn(onMoved) {
    if (!this.#arrangement.changes) return;
    this.render();
    onMoved();
  }

  #showChanges() {
    const { changes } = this.#arrangement;
    const words = changes === 1 ? say("un_cambio") : say("cambios_en_lista", { n: changes });
    if (changes && waitingChanges.hidden && list.contains(document.activeElement)) announce(words);
    waitingChanges.hidden = !changes;
    if (changes) waitingChanges.textContent = words;
  }

  /** @param {HTMLElement} group */
  #section(group) {
    return this.#store.section(nameOf(group)).filter((ticket) => this.filters.shows(ticket));
  }

  /**
   * Returns the ids of the tickets of a group that are drawn.
   * @param {HTMLElement} group
   * @param {Ticket[]} tickets
   */
  #first(group, tickets) {
    return tickets.slice(0, this.#shown[nameOf(group)] ?? DRAWN).map(({ id }) => id);
  }

  /**
   * Removes the rows of all other tickets. Done first, so that the rows below do not move one by one.
   * @param {Set<string>} wanted
   */
  #drop(wanted) {
    for (const [id, item] of this.#rows) {
      if (wanted.has(id)) continue;
      item.remove();
      this.#rows.delete(id);
    }
  }

  /**
   * @param {HTMLElement} group
   * @param {{ ids: string[], tickets: Ticket[], still: boolean }} content `still`: nothing may move.
   */
  #fill(group, { ids, tickets, still }) {
    const waiting = nameOf(group) === "waiting";
    const all = tickets.length + (waiting ? this.#store.behind : 0);
    fillCount(group, all, waiting && this.filters.active ? this.#store.total : 0);
    if (!still) fillFrame(group, all, ids.length);
    const list = within(group, ".rows");
    ids.forEach((id, index) => {
      const item = this.#row(id, still);
      if (item && list.children[index] !== item) list.insertBefore(item, list.children[index] ?? null);
    });
  }

  /**
   * Returns the ticket's row with its content, unless that would move the rows below while they must be `still`.
   * @param {string} id
   * @param {boolean} still
   */
  #row(id, still) {
    const ticket = this.#store.get(id);
    const item = this.#rows.get(id) ?? (ticket && this.#newRow(ticket));
    if (!item) return null;
    if (!ticket) markGone(rowOf(item));
    else if (!still || fitsInPlace(rowOf(item), ticket)) fillRow(rowOf(item), ticket, id === this.#current);
    rowOf(item).setAttribute("aria-current", String(id === this.#current));
    if (this.#fresh.delete(id)) rowOf(item).classList.add("fresh");
    return item;
  }

  /** @param {Ticket} ticket */
  #newRow({ id }) {
    const item = copyOf(template);
    rowOf(item).addEventListener("click", () => this.onOpen(id));
    this.#rows.set(id, item);
    return item;
  }

  #tick() {
    for (const [id, item] of this.#rows) {
      const ticket = this.#store.get(id);
      if (!ticket) continue;
      setTime(within(item, ".time"), ticket);
      fillWindowBadge(within(item, ".window"), ticket);
    }
  }
}

function groups() {
  return allWithin(document, "[data-section]");
}

/** @param {HTMLElement} group */
function nameOf(group) {
  return /** @type {Section} */ (group.dataset.section);
}

/** @param {HTMLElement} item */
function rowOf(item) {
  return within(item, ".row");
}

/**
 * Returns the focus to the element that had it, whose row may have moved; if the row is gone, gives it to the one in its place.
 * @param {Element | null} focused
 * @param {number} before The row's number among all rows; -1 if no row had the focus.
 */
function keepFocus(focused, before) {
  if (!(focused instanceof HTMLElement) || focused === document.activeElement) return;
  if (focused.isConnected) return focused.focus({ preventScroll: true });
  if (before >= 0) allWithin(document, ".row").slice(0, before + 1).at(-1)?.focus({ preventScroll: true });
}
