/** Shows under each of our messages, on a channel that must be called, what became of it: sent, read, or why not. */

/** @import { Delivery, Ticket } from "./shapes.js" */

import { loadDeliveries } from "./api.js";
import { allWithin, button, byId, element, icon } from "./elements.js";
import { say } from "./facts.js";

const LOOK_EVERY_MS = 8_000;
const OURS = ".line.staff[data-event]";
const lines = byId("lines");

export class Deliveries {
  /** @type {string | null} */
  #ticket = null;

  /** @param {{ onAgain: (eventId: string) => void }} acts A message that failed is to be sent once more. */
  constructor({ onAgain }) {
    this.onAgain = onAgain;
    setInterval(() => document.hidden || this.look(), LOOK_EVERY_MS);
  }

  /**
   * The open ticket; null when there is none, or its citizen reads the conversation themselves.
   * @param {Ticket | null} ticket
   */
  show(ticket) {
    const id = ticket && ticket.channel !== "web" ? ticket.id : null;
    if (id === this.#ticket) return;
    this.#ticket = id;
    this.look();
  }

  async look() {
    const id = this.#ticket;
    if (!id || !lines.querySelector(OURS)) return;
    const answer = await loadDeliveries(id).catch(() => null); // looked at again in a moment
    if (!answer || id !== this.#ticket) return;
    for (const line of allWithin(lines, OURS)) this.#mark(line, answer.deliveries[line.dataset.event ?? ""]);
  }

  /**
   * @param {HTMLElement} line
   * @param {Delivery | undefined} delivery
   */
  #mark(line, delivery) {
    if (!delivery || line.dataset.delivery === delivery.words) return;
    line.dataset.delivery = delivery.words;
    line.querySelector(".delivery")?.remove();
    const mark = element("p", { className: `delivery ${delivery.state}` });
    if (delivery.state === "failed") mark.append(icon("alert"));
    mark.append(delivery.words);
    const hasFile = line.querySelector(".offered"); // it has to be chosen again
    if (delivery.again && !hasFile) mark.append(" ", this.#againButton(line));
    line.append(mark);
  }

  /** @param {HTMLElement} line */
  #againButton(line) {
    const again = button({ className: "link", text: say("enviar_de_nuevo") }, () => {
      again.remove();
      this.onAgain(line.dataset.event ?? "");
    });
    return again;
  }
}
