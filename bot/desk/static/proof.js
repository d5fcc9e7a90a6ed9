/** Shows an answer's provenance: entry, version, confidence, who is responsible, the official page. */

/** @import { Provenance, TranscriptEvent } from "./shapes.js" */

import { element, icon } from "./elements.js";
import { addFact } from "./fact_list.js";
import { say } from "./facts.js";

/** @param {TranscriptEvent} event */
export function proof({ author, provenance, source }) {
  const chosen = author === "staff"; // chosen by an agent, so it has no confidence to show
  const made = element("details", { className: "proof" });
  const summary = element("summary");
  summary.append(icon("check"), element("span", { text: brief(provenance, chosen) }), icon("chevron"));
  const list = element("dl");
  if (provenance) addProvenance(list, provenance, chosen);
  if (source) addFact(list, say("fuente"), element("a", { text: source.title, href: source.url, target: "_blank", rel: "noopener noreferrer" }));
  made.append(summary, list);
  return made;
}

/**
 * @param {Provenance | null | undefined} provenance
 * @param {boolean} chosen
 */
function brief(provenance, chosen) {
  if (!provenance) return say("fuente");
  const { entry, percent, question } = provenance;
  return chosen ? say("ficha_enviada", { pregunta: question }) : `${question || entry} · ${say("certeza", { n: percent })}`;
}

/**
 * @param {Element} list
 * @param {Provenance} provenance
 * @param {boolean} chosen
 */
function addProvenance(list, provenance, chosen) {
  addFact(list, say("respondio_con"), provenance.question);
  if (!chosen) addFact(list, say("certeza_label"), say("certeza", { n: provenance.percent }));
  addFact(list, say("ficha"), provenance.entry);
  addFact(list, say("version"), provenance.version);
  addFact(list, say("responsable"), provenance.responsible);
  addFact(list, say("revisado"), provenance.reviewed);
  addFact(list, say("aprobada_por"), provenance.approved_by);
}
