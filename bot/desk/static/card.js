/** Shows the citizen's card: known attributes, time of the first message, past support sessions. */

/** @import { PastContact, Ticket } from "./shapes.js" */

import { loadCard } from "./api.js";
import { byId, element } from "./elements.js";
import { addFact } from "./fact_list.js";
import { say } from "./facts.js";
import { clock, day } from "./times.js";

const panel = byId("card");
const facts = byId("card-facts");
const since = byId("card-since");
const list = byId("contacts");

/** @type {string | null} */
let shown = null;

/**
 * Shows the citizen's attributes from the ticket and loads the rest of the card; null empties the card.
 * @param {Ticket | null} ticket
 */
export async function showCard(ticket) {
  facts.replaceChildren();
  for (const { label, words } of ticket?.known ?? []) addFact(facts, label, words);
  const id = ticket?.id ?? null;
  if (id === shown) return;
  shown = id;
  panel.hidden = !facts.children.length;
  since.textContent = "";
  list.replaceChildren();
  if (id) await showPast(id);
}

/** @param {string} id */
async function showPast(id) {
  const card = await loadCard(id).catch(() => null); // optional: without it the card stays short
  if (!card?.first_seen || id !== shown) return;
  panel.hidden = false;
  since.textContent = say(card.contacts.length ? "escribe_desde" : "primera_vez", { cuando: day(card.first_seen) });
  list.replaceChildren(...card.contacts.map(contact));
}

/** @param {PastContact} past */
function contact({ at, reason_words: reason, outcome_words: outcome, topic, name, summary }) {
  const item = element("li");
  const when = `${day(at)} ${clock(at)}`;
  item.append(element("p", { text: topic || reason }));
  item.append(element("p", { className: "hint", text: [when, name, outcome].filter(Boolean).join(" · ") }));
  if (summary) item.append(element("p", { text: `«${summary}»` }));
  return item;
}
