// Why a conversation is here: reason, team, time, and the entries the assistant thought of. A column on wide screens.

import { addFact } from "./transcript.js";
import { clock, day, element, say } from "./words.js";

const panel = document.getElementById("why");
const wide = matchMedia("(min-width: 80rem)");

export function showWhy(ticket) {
  const list = document.getElementById("why-facts");
  list.replaceChildren();
  addFact(list, say("motivo_label"), ticket.reason_words);
  addFact(list, say("prioridad"), ticket.priority_words);
  addFact(list, say("equipo"), ticket.team_words);
  addFact(list, say("canal"), ticket.channel_words);
  addFact(list, say("entro"), `${day(ticket.opened_at)}, ${clock(ticket.opened_at)}`);
  const [best] = ticket.candidates;
  const considered = ticket.candidates.filter((one) => one === best || one.percent > 0);
  document.getElementById("why-brief").textContent = best ? `${best.question} · ${say("certeza", { n: best.percent })}` : "";
  document.getElementById("candidates").replaceChildren(...considered.map(candidate));
  document.getElementById("no-candidates").hidden = ticket.candidates.length > 0;
}

function candidate({ question, entry, percent }) {
  const item = element("li");
  const line = element("p", { className: "question" });
  line.append(element("span", { text: question || entry }), element("span", { className: "percent", text: say("certeza", { n: percent }) }));
  const meter = element("meter", { min: 0, max: 100, value: percent, "aria-label": say("certeza_de", { n: percent }) });
  item.append(line, meter);
  return item;
}

function fit() {
  panel.open = wide.matches;
}

wide.addEventListener("change", fit);
fit();
