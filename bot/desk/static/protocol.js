/** Shows what to do in the open conversation's emergency: the agency's protocol, and the numbers to call. */

/** @import { Ticket } from "./shapes.js" */

import { byId, element } from "./elements.js";
import { say } from "./facts.js";

const WIDE = "(min-width: 48rem)"; // on a phone the steps are folded, so that the conversation has room
const panel = byId("protocol");
const more = byId("protocol-more", HTMLDetailsElement);
const steps = byId("protocol-steps");
const numbers = byId("protocol-numbers");
let shown = "";

/** @param {Ticket | null} ticket */
export function showProtocol(ticket) {
  const danger = ticket?.danger;
  panel.hidden = !danger?.protocol.length;
  const key = danger ? `${ticket.id} ${danger.words}` : "";
  if (key === shown) return;
  shown = key;
  if (!danger) return;
  more.open = danger.sure && matchMedia(WIDE).matches;
  steps.replaceChildren(...danger.protocol.map((step) => element("li", { text: step })));
  numbers.replaceChildren(...danger.numbers.map((number) => link(number)));
}

/** @param {string} number */
function link(number) {
  return element("a", { text: say("llamar_al", { numero: number }), className: "button", href: `tel:${number}` });
}
