/** Shows the delivery state under each message by staff in an external channel: sent, read, or why it failed. */

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

  /** @param {{ onAgain: (eventId: string) => void }} acts `onAgain` is called to send a failed message again. */
  constructor({ onAgain }) {
    this.onAgain = onAgain;
    setInterval(() => document.hidden || this.look(), LOOK_EVERY_MS);
  }

  /**
   * Sets the ticket whose deliveries are shown; shows none for null or a ticket of the web channel.
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
    const answer = await loadDeliveries(id).catch(() => null); // polled again after LOOK_EVERY_MS
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
    const hasFile = line.querySelector(".offered"); // a file cannot be sent again: the agent must choose it again
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
