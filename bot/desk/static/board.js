// The list: three groups of rows that keep their place in the page (and the focus) while their contents change. Of a long
// group only the first rows are drawn, a row only when something of it changed, and many changes at once as one.

import { Filters } from "./filters.js";
import { fillRow, setTime } from "./row.js";
import { fillWindowBadge } from "./window.js";
import { say } from "./words.js";

const TICK_MS = 10_000;
const REST_MS = 100;
const DRAWN = 100;
const template = document.getElementById("row-template");

export class Board {
  #store;
  #rows = new Map();
  #current = null;
  #fresh = new Set();
  #shown = {};
  #drawnAt = 0;
  #timer = null;

  constructor(store, onOpen) {
    this.#store = store;
    this.filters = new Filters(() => this.render());
    this.onOpen = onOpen;
    store.addEventListener("change", () => this.#changed());
    setInterval(() => this.#tick(), TICK_MS);
    for (const group of document.querySelectorAll("[data-section]")) {
      group.querySelector(".more").addEventListener("click", () => this.#showMore(group));
    }
  }

  setCurrent(id) {
    this.#current = id;
    this.render();
  }

  render() {
    clearTimeout(this.#timer);
    this.#timer = null;
    const focused = document.activeElement;
    const groups = [...document.querySelectorAll("[data-section]")].map((group) => [group, this.#section(group.dataset.section)]);
    this.#drop(new Set(groups.flatMap(([group, tickets]) => this.#drawn(group, tickets)).map((ticket) => ticket.id)));
    groups.forEach(([group, tickets]) => this.#fill(group, tickets));
    if (focused !== document.activeElement && focused?.isConnected) focused.focus({ preventScroll: true });
    this.#drawnAt = performance.now();
  }

  /** The row is marked as new once it is drawn. */
  flash(id) {
    this.#fresh.add(id);
    this.#changed();
  }

  /** Shows the row where its group put it, after it was taken. */
  reveal(id) {
    this.render();
    this.#rows.get(id)?.scrollIntoView({ block: "nearest" });
  }

  focusRow(id) {
    this.render();
    this.#rows.get(id)?.firstElementChild.focus();
  }

  /** Moves the focus by one row, across groups; from nowhere to the open conversation or the first row. */
  move(step) {
    const rows = [...document.querySelectorAll(".row")].filter((row) => row.checkVisibility());
    if (!rows.length) return;
    const from = rows.indexOf(document.activeElement);
    const start = from >= 0 ? from + step : Math.max(0, rows.findIndex((row) => row.getAttribute("aria-current") === "true"));
    rows[Math.min(rows.length - 1, Math.max(0, start))].focus();
  }

  /** Draws at once, or a moment later when it was just drawn: a rush of events costs one drawing in ten a second. */
  #changed() {
    const rest = this.#drawnAt + REST_MS - performance.now();
    if (rest <= 0) this.render();
    else this.#timer ??= setTimeout(() => this.render(), rest);
  }

  #showMore(group) {
    const name = group.dataset.section;
    const first = this.#shown[name] ?? DRAWN;
    this.#shown[name] = first + DRAWN;
    this.render();
    group.querySelectorAll(".row")[first]?.focus();
  }

  #section(name) {
    return this.#store.section(name).filter((ticket) => this.filters.shows(ticket));
  }

  #drawn(group, tickets) {
    return tickets.slice(0, this.#shown[group.dataset.section] ?? DRAWN);
  }

  /** Takes away the rows of all others. First, so that the rows below need not move one by one. */
  #drop(wanted) {
    for (const [id, item] of this.#rows) {
      if (wanted.has(id)) continue;
      item.remove();
      this.#rows.delete(id);
    }
  }

  #fill(group, tickets) {
    const list = group.querySelector(".rows");
    const count = group.querySelector("[data-count]");
    count.textContent = tickets.length;
    count.classList.toggle("some", tickets.length > 0);
    const empty = group.querySelector(".empty");
    if (empty) empty.hidden = tickets.length > 0;
    group.hidden = !empty && tickets.length === 0;
    list.hidden = tickets.length === 0;
    const drawn = this.#drawn(group, tickets);
    const more = group.querySelector(".more");
    more.hidden = drawn.length === tickets.length;
    more.textContent = say("y_mas", { n: tickets.length - drawn.length });
    drawn.forEach((ticket, place) => {
      const item = this.#row(ticket);
      if (list.children[place] !== item) list.insertBefore(item, list.children[place] ?? null);
    });
  }

  #row(ticket) {
    let item = this.#rows.get(ticket.id);
    if (!item) {
      item = template.content.firstElementChild.cloneNode(true);
      item.firstElementChild.addEventListener("click", () => this.onOpen(ticket.id));
      this.#rows.set(ticket.id, item);
    }
    fillRow(item.firstElementChild, ticket, ticket.id === this.#current);
    if (this.#fresh.delete(ticket.id)) item.firstElementChild.classList.add("fresh");
    return item;
  }

  #tick() {
    for (const [id, item] of this.#rows) {
      const ticket = this.#store.get(id);
      if (!ticket) continue;
      setTime(item.querySelector(".time"), ticket);
      fillWindowBadge(item.querySelector(".window"), ticket);
    }
  }
}
