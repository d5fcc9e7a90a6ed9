// The citizen's card, below why they are here: what is known of them, since when they write, their earlier attentions.

import { get } from "./api.js";
import { addFact } from "./transcript.js";
import { clock, day, element, say } from "./words.js";

const panel = document.getElementById("card");
const facts = document.getElementById("card-facts");
const since = document.getElementById("card-since");
const list = document.getElementById("contacts");
let shown = null;

/** Shows what the ticket tells of its citizen and loads the rest of the card; null for none. */
export async function showCard(ticket) {
  facts.replaceChildren();
  for (const { label, words } of ticket?.known ?? []) addFact(facts, label, words);
  const id = ticket?.id ?? null;
  if (id === shown) return;
  shown = id;
  panel.hidden = !facts.children.length;
  since.textContent = "";
  list.replaceChildren();
  const card = id && (await get(`/tickets/${id}/card`).catch(() => null)); // a help, not a need
  if (!card?.first_seen || id !== shown) return;
  panel.hidden = false;
  since.textContent = say(card.contacts.length ? "escribe_desde" : "primera_vez", { cuando: day(card.first_seen) });
  list.replaceChildren(...card.contacts.map(contact));
}

function contact({ at, reason_words, outcome_words, topic, name, summary }) {
  const made = element("li");
  made.append(element("p", { text: topic || reason_words }));
  made.append(element("p", { className: "hint", text: [`${day(at)} ${clock(at)}`, name, outcome_words].filter(Boolean).join(" · ") }));
  if (summary) made.append(element("p", { text: `«${summary}»` }));
  return made;
}
