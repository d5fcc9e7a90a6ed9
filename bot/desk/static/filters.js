/** Filters the list of tickets by team, channel and reason; the agent's own tickets are always shown. */

/** @import { Ticket } from "./shapes.js" */

import { byId } from "./elements.js";
import { facts } from "./facts.js";

/** @typedef {Partial<Record<"team" | "channel" | "reason", string>>} Chosen */

const KEPT = `ventanilla.${facts.staff}.filters`;
const form = byId("filters", HTMLFormElement);
const panel = form.closest("details");

export class Filters {
  /** @type {Chosen} */
  #chosen = JSON.parse(sessionStorage.getItem(KEPT) ?? "{}");

  /** @param {() => void} onChange Called when the filter has changed. */
  constructor(onChange) {
    this.onChange = onChange;
    for (const [name, value] of Object.entries(this.#chosen)) {
      const field = form.elements.namedItem(name);
      if (field instanceof HTMLSelectElement) field.value = value;
    }
    form.addEventListener("change", () => this.#changed());
    form.addEventListener("reset", () => setTimeout(() => this.#changed()));
    form.addEventListener("submit", (event) => event.preventDefault());
    this.#mark();
  }

  /** @param {Ticket} ticket */
  shows(ticket) {
    const { team, channel, reason } = ticket;
    /** @type {Record<string, string>} */
    const facets = { team, channel, reason };
    return Boolean(ticket.owner?.me) || Object.entries(this.#chosen).every(([name, value]) => facets[name] === value);
  }

  #changed() {
    this.#chosen = Object.fromEntries([...new FormData(form)].filter(([, value]) => value));
    sessionStorage.setItem(KEPT, JSON.stringify(this.#chosen));
    this.#mark();
    this.onChange();
  }

  #mark() {
    panel?.classList.toggle("active", Object.keys(this.#chosen).length > 0);
  }
}
