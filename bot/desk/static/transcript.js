// One line of a conversation as elements. Citizens' and staff's words are text; only what the assistant or the system wrote
// is HTML, made safe by the server (bot/channels/formatting/html.py).

import { clock, day, element, facts, icon, say } from "./words.js";

const GROUP_MS = 5 * 60_000;
// taking and closing are told by the notices to the citizen, which stand in the transcript anyway
const MARKS = {
  ticket_opened: (event) => say("entro_a_fila", { motivo: event.reason_words }),
  ticket_raised: (event) => say("entro_a_fila", { motivo: event.reason_words }),
  ticket_cancelled: () => say("volvio_linea"),
  ticket_returned: (event) => say(`de_vuelta_${event.why}`),
  ticket_moved: () => say("de_vuelta_transfer"),
  ticket_snoozed: () => say("en_pausa_linea"),
  ticket_woken: () => say("retomada_linea"),
  ticket_callback: () => say("llamada_linea"),
  delivery: (event) => event.words,
  blocked: (event) => event.words,
  unblocked: (event) => event.words,
  proposal_decided: (event) => say(`propuesta_${event.why}`, { nombre: event.owner_name }),
  opinion: (event) => say(event.text ? "opino_con_palabras" : "opino", { n: event.score, texto: event.text }),
};

/** The elements of `event` after `previous` (null at the beginning): a new day, a new author and the words. */
export function linesOf(event, previous) {
  const made = [];
  const newDay = !previous || day(previous.at) !== day(event.at);
  if (newDay) made.push(element("p", { className: "day", text: day(event.at) }));
  if (event.kind === "note") {
    made.push(noteLine(event));
    return made;
  }
  if (event.kind !== "message") {
    if (MARKS[event.kind]) made.push(element("p", { className: "mark", text: `${MARKS[event.kind](event)} · ${clock(event.at)}` }));
    if (event.kind === "proposal_decided" && event.text) made.push(unsentLine(event));
    return made;
  }
  const follows = !newDay && previous.kind === "message" && previous.author === event.author && previous.name === event.name;
  made.push(messageLine(event, follows && event.at - previous.at < GROUP_MS));
  return made;
}

export function pendingLine(reply) {
  const line = element("div", { className: "line ours staff pending" });
  line.dataset.reply = reply.reply_id;
  const words = [reply.text, reply.file && say("adjunto_nombre", { nombre: reply.file })].filter(Boolean).join("\n");
  line.append(element("div", { className: "bubble plain", text: words }), element("p", { className: "status" }));
  return line;
}

function messageLine(event, follows) {
  const ours = event.author !== "citizen";
  const line = element("div", { className: `line ${event.author}${ours ? " ours" : ""}` });
  line.dataset.event = event.id;
  line.append(by(event, follows), bubble(event));
  if (event.buttons.length) line.append(offered(event.buttons));
  if (event.attached) line.append(attached(event.attached));
  if (event.provenance || event.source) line.append(proof(event));
  return line;
}

function noteLine(event) {
  const line = element("div", { className: "line ours note" });
  const by = element("p", { className: "by" });
  by.append(element("b", { text: say("nota_de", { nombre: event.name }) }), ` · ${clock(event.at)}`);
  line.append(by, element("div", { className: "bubble plain", text: event.text }));
  return line;
}

/** An answer of the assistant that a person did not let out. */
function unsentLine(event) {
  const line = element("div", { className: "line ours note" });
  line.append(element("p", { className: "by", text: say("propuesta_no_salio") }), bubble(event));
  return line;
}

function by(event, follows) {
  const made = element("p", { className: follows && !event.edited ? "visually-hidden" : "by" });
  made.append(element("b", { text: authorWords(event) }), ` · ${clock(event.at)}${event.edited ? ` · ${say("corregido")}` : ""}`);
  return made;
}

function authorWords(event) {
  if (event.author === "citizen") return say("ciudadania");
  if (event.author === "assistant") return say("asistente");
  if (event.author === "system") return say("aviso");
  return event.name && event.name !== facts.me ? event.name : say("tu");
}

function bubble(event) {
  if (event.html === undefined) return element("div", { className: "bubble plain", text: event.text || say("sin_texto") });
  const made = element("div", { className: "bubble", ...(event.language && { lang: event.language }) });
  made.innerHTML = event.html;
  return made;
}

function offered(titles) {
  const list = element("ul", { className: "offered", "aria-label": say("opciones") });
  list.append(...titles.map((title) => element("li", { text: title })));
  return list;
}

function attached(files) {
  const list = element("ul", { className: "offered" });
  for (const { words, url } of files) {
    const item = element("li");
    item.append(url ? element("a", { text: words, href: url, target: "_blank", rel: "noopener noreferrer" }) : words);
    list.append(item);
  }
  return list;
}

function proof(event) {
  const { provenance, source } = event;
  const made = element("details", { className: "proof" });
  const summary = element("summary");
  const chosen = event.author === "staff"; // by a person, so there is no certainty to tell
  const brief = chosen ? say("ficha_enviada", { pregunta: provenance.question }) : provenance ? `${provenance.question || provenance.entry} · ${say("certeza", { n: provenance.percent })}` : say("fuente");
  summary.append(icon("check"), element("span", { text: brief }), icon("chevron"));
  const list = element("dl");
  if (provenance) {
    addFact(list, say("respondio_con"), provenance.question);
    if (!chosen) addFact(list, say("certeza_label"), say("certeza", { n: provenance.percent }));
    addFact(list, say("ficha"), provenance.entry);
    addFact(list, say("version"), provenance.version);
    addFact(list, say("responsable"), provenance.responsible);
    addFact(list, say("revisado"), provenance.reviewed);
    addFact(list, say("aprobada_por"), provenance.approved_by);
  }
  if (source) addFact(list, say("fuente"), element("a", { text: source.title, href: source.url, target: "_blank", rel: "noopener noreferrer" }));
  made.append(summary, list);
  return made;
}

export function addFact(list, name, value) {
  if (!value) return;
  const fact = element("dd");
  fact.append(value);
  list.append(element("dt", { text: name }), fact);
}
