// Under each of our messages on a channel that must be called: whether it was sent, delivered, read, or why it was not.

import { get } from "./api.js";
import { element, icon, say } from "./words.js";

const LOOK_EVERY_MS = 8_000;
const lines = document.getElementById("lines");

export class Deliveries {
  #ticket = null;

  /** `onAgain(feedId)` when a message that failed is to be sent once more. */
  constructor({ onAgain }) {
    this.onAgain = onAgain;
    setInterval(() => document.hidden || this.look(), LOOK_EVERY_MS);
  }

  /** The open ticket; null when there is none, or its citizen reads the feed themselves. */
  show(ticket) {
    const id = ticket && ticket.channel !== "web" ? ticket.id : null;
    if (id === this.#ticket) return;
    this.#ticket = id;
    this.look();
  }

  async look() {
    const id = this.#ticket;
    if (!id || !lines.querySelector(".line.staff[data-event]")) return;
    const answer = await get(`/tickets/${id}/deliveries`).catch(() => null); // looked at again in a moment
    if (!answer || id !== this.#ticket) return;
    for (const line of lines.querySelectorAll(".line.staff[data-event]")) this.#mark(line, answer.deliveries[line.dataset.event]);
  }

  #mark(line, delivery) {
    if (!delivery || line.dataset.delivery === delivery.words) return;
    line.dataset.delivery = delivery.words;
    line.querySelector(".delivery")?.remove();
    const mark = element("p", { className: `delivery ${delivery.state}` });
    if (delivery.state === "failed") mark.append(icon("alert"));
    mark.append(delivery.words);
    if (delivery.again && !line.querySelector(".offered")) { // a file has to be chosen again
      const again = element("button", { type: "button", className: "link", text: say("enviar_de_nuevo") });
      again.addEventListener("click", () => {
        again.remove();
        this.onAgain(line.dataset.event);
      });
      mark.append(" ", again);
    }
    line.append(mark);
  }
}
