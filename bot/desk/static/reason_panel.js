/** Shows why a conversation was handed off: reason, team, time, and the entries that the assistant considered. */

/** @import { ConsideredEntry, Ticket } from "./shapes.js" */

import { byId, element } from "./elements.js";
import { addFact } from "./fact_list.js";
import { say } from "./facts.js";
import { clock, day } from "./times.js";

const LEAST_PERCENT = 10;
const panel = byId("why", HTMLDetailsElement);
const wide = matchMedia("(min-width: 80rem)");

/** @param {Ticket} ticket */
export function showReason(ticket) {
  const list = byId("why-facts");
  list.replaceChildren();
  addFact(list, say("motivo_label"), ticket.reason_words);
  if (ticket.priority !== "normal") addFact(list, say("prioridad"), ticket.priority_words);
  addFact(list, say("equipo"), ticket.team_words);
  addFact(list, say("entro"), `${day(ticket.opened_at)}, ${clock(ticket.opened_at)}`);
  const [best] = ticket.candidates;
  const considered = ticket.candidates.filter((one) => one === best || one.percent >= LEAST_PERCENT);
  byId("why-brief").textContent = best ? `${best.question} · ${say("certeza", { n: best.percent })}` : "";
  byId("candidates").replaceChildren(...considered.map(candidate));
  byId("no-candidates").hidden = ticket.candidates.length > 0;
}

/** @param {ConsideredEntry} considered */
function candidate({ question, entry, percent }) {
  const item = element("li");
  const line = element("p", { className: "question" });
  line.append(element("span", { text: question || entry }), element("span", { className: "percent", text: say("certeza", { n: percent }) }));
  const meter = element("meter", { min: 0, max: 100, value: percent, "aria-label": say("certeza_de", { n: percent }) });
  item.append(line, meter);
  return item;
}

/** Folds the panel unless it is a column: whoever took the conversation needs the room to write. */
export function foldReason() {
  panel.open &&= wide.matches;
}

/** Opens the panel on wide screens, where it is a column, and folds it on others. */
function fit() {
  panel.open = wide.matches;
}

wide.addEventListener("change", fit);
fit();
