/**
 * Renders the list of tickets: three groups of rows, which keep their elements (and the focus) when their contents change.
 *
 * Only the first rows of a long group are rendered, only changed rows are updated, and rapid changes are rendered together.
 */

/** @import { Ticket } from "./shapes.js" */
/** @import { Section, Store } from "./store.js" */

import { allWithin, byId, copyOf, within } from "./elements.js";
import { say } from "./facts.js";
import { Filters } from "./filters.js";
import { fillRow, setTime } from "./row.js";
import { fillWindowBadge } from "./window_bar.js";

const TICK_MS = 10_000;
const REST_MS = 100;
const DRAWN = 50;
const template = byId("row-template", HTMLTemplateElement);

export class Board {
  #store;

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

  /** @type {ReturnType<typeof setTimeout> | null} */
  #timer = null;

  /**
   * @param {Store} store
   * @param {{ onOpen: (id: string) => void, onMore: () => Promise<void> }} acts `onMore` is called when other or more
   *   waiting tickets must be loaded.
   */
  constructor(store, { onOpen, onMore }) {
    this.#store = store;
    this.filters = new Filters(() => this.#filtered());
    this.onOpen = onOpen;
    this.onMore = onMore;
    store.addEventListener("change", () => this.#changed());
    setInterval(() => this.#tick(), TICK_MS);
    for (const group of groups()) within(group, ".more").addEventListener("click", () => this.#showMore(group));
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
    const focused = document.activeElement;
    const shown = groups().map((group) => ({ group, tickets: this.#section(group) }));
    this.#drop(new Set(shown.flatMap(({ group, tickets }) => this.#drawn(group, tickets)).map((ticket) => ticket.id)));
    shown.forEach(({ group, tickets }) => this.#fill(group, tickets));
    if (focused instanceof HTMLElement && focused !== document.activeElement && focused.isConnected) focused.focus({ preventScroll: true });
    this.#drawnAt = performance.now();
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
    this.shown = DRAWN;
    this.#shown = {};
    this.render();
    this.onMore();
  }

  /** @param {HTMLElement} group */
  async #showMore(group) {
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

  /** @param {HTMLElement} group */
  #section(group) {
    return this.#store.section(nameOf(group)).filter((ticket) => this.filters.shows(ticket));
  }

  /**
   * @param {HTMLElement} group
   * @param {Ticket[]} tickets
   */
  #drawn(group, tickets) {
    return tickets.slice(0, this.#shown[nameOf(group)] ?? DRAWN);
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
   * @param {Ticket[]} tickets
   */
  #fill(group, tickets) {
    const drawn = this.#drawn(group, tickets);
    const waiting = nameOf(group) === "waiting";
    const all = tickets.length + (waiting ? this.#store.behind : 0);
    fillFrame(group, { all, drawn: drawn.length, of: waiting && this.filters.active ? this.#store.total : 0 });
    const list = within(group, ".rows");
    drawn.forEach((ticket, index) => {
      const item = this.#row(ticket);
      if (list.children[index] !== item) list.insertBefore(item, list.children[index] ?? null);
    });
  }

  /** @param {Ticket} ticket */
  #row(ticket) {
    const item = this.#rows.get(ticket.id) ?? this.#newRow(ticket);
    fillRow(rowOf(item), ticket, ticket.id === this.#current);
    if (this.#fresh.delete(ticket.id)) rowOf(item).classList.add("fresh");
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
 * Updates a group's frame: the count, the text for an empty group, and the button to show more.
 * @param {HTMLElement} group
 * @param {{ all: number, drawn: number, of: number }} count `of`: the number without filters; 0 if there are none.
 */
function fillFrame(group, { all, drawn, of }) {
  const count = within(group, "[data-count]");
  count.textContent = of ? say("de_tantas", { n: all, total: of }) : String(all);
  count.classList.toggle("some", all > 0);
  const empty = group.querySelector(".empty");
  if (empty instanceof HTMLElement) empty.hidden = all > 0;
  group.hidden = !empty && all === 0;
  within(group, ".rows").hidden = all === 0;
  const more = within(group, ".more");
  more.hidden = drawn === all;
  more.textContent = say("y_mas", { n: all - drawn });
}
