/** Draws the lines of a conversation: new days, what was said, and marks for what changed. */

/** @import { AttachedThing, TranscriptEvent } from "./shapes.js" */
/** @import { Reply } from "./outbox.js" */

import { element, setSafeHtml } from "./elements.js";
import { facts, say } from "./facts.js";
import { proof } from "./proof.js";
import { clock, day } from "./times.js";

const GROUP_MS = 5 * 60_000;

/**
 * The words of changes. Taking and closing are told by the notices to the citizen, which stand in the transcript anyway.
 * @type {Record<string, (event: TranscriptEvent) => string>}
 */
const MARKS = {
  ticket_opened: ({ reason_words: reason }) => say("entro_a_fila", { motivo: reason ?? "" }),
  ticket_raised: ({ reason_words: reason }) => say("entro_a_fila", { motivo: reason ?? "" }),
  ticket_cancelled: () => say("volvio_linea"),
  ticket_returned: ({ why }) => say(`de_vuelta_${why}`),
  ticket_moved: () => say("de_vuelta_transfer"),
  ticket_snoozed: () => say("en_pausa_linea"),
  ticket_woken: () => say("retomada_linea"),
  ticket_callback: () => say("llamada_linea"),
  delivery: ({ words }) => words ?? "",
  blocked: ({ words }) => words ?? "",
  unblocked: ({ words }) => words ?? "",
  proposal_decided: ({ why, owner_name: name }) => say(`propuesta_${why}`, { nombre: name ?? "" }),
  opinion: ({ text, score }) => say(text ? "opino_con_palabras" : "opino", { n: score ?? 0, texto: text }),
};

/**
 * The elements of `event` after `previous`, null at the beginning: a new day, a new author and the words.
 * @param {TranscriptEvent} event
 * @param {TranscriptEvent | null} previous
 */
export function linesOf(event, previous) {
  const newDay = !previous || day(previous.at) !== day(event.at);
  const made = newDay ? [element("p", { className: "day", text: day(event.at) })] : [];
  if (event.kind === "note") return [...made, noteLine(event)];
  if (event.kind !== "message") return [...made, ...changeLines(event)];
  return [...made, messageLine(event, !newDay && follows(event, previous))];
}

/** @param {Reply} reply */
export function pendingLine(reply) {
  const line = element("div", { className: "line ours staff pending" });
  line.dataset.reply = reply.reply_id;
  const words = [reply.text, reply.file && say("adjunto_nombre", { nombre: reply.file })].filter(Boolean).join("\n");
  line.append(element("div", { className: "bubble plain", text: words }), element("p", { className: "status" }));
  return line;
}

/**
 * Whether the same wrote it shortly after: the author is not shown again.
 * @param {TranscriptEvent} event
 * @param {TranscriptEvent} previous
 */
function follows(event, previous) {
  const same = previous.kind === "message" && previous.author === event.author && previous.name === event.name;
  return same && event.at - previous.at < GROUP_MS;
}

/** @param {TranscriptEvent} event */
function changeLines(event) {
  const words = MARKS[event.kind];
  const made = words ? [element("p", { className: "mark", text: `${words(event)} · ${clock(event.at)}` })] : [];
  return event.kind === "proposal_decided" && event.text ? [...made, unsentLine(event)] : made;
}

/**
 * @param {TranscriptEvent} event
 * @param {boolean} follows
 */
function messageLine(event, follows) {
  const ours = event.author !== "citizen";
  const line = element("div", { className: `line ${event.author}${ours ? " ours" : ""}` });
  line.dataset.event = event.id;
  line.append(byLine(event, follows), bubble(event));
  if (event.buttons.length) line.append(offered(event.buttons));
  if (event.attached) line.append(attached(event.attached));
  if (event.provenance || event.source) line.append(proof(event));
  return line;
}

/** @param {TranscriptEvent} event */
function noteLine(event) {
  const line = element("div", { className: "line ours note" });
  const by = element("p", { className: "by" });
  by.append(element("b", { text: say("nota_de", { nombre: event.name }) }), ` · ${clock(event.at)}`);
  line.append(by, element("div", { className: "bubble plain", text: event.text }));
  return line;
}

/**
 * An answer of the assistant that a person did not let out.
 * @param {TranscriptEvent} event
 */
function unsentLine(event) {
  const line = element("div", { className: "line ours note" });
  line.append(element("p", { className: "by", text: say("propuesta_no_salio") }), bubble(event));
  return line;
}

/**
 * @param {TranscriptEvent} event
 * @param {boolean} follows
 */
function byLine(event, follows) {
  const made = element("p", { className: follows && !event.edited ? "visually-hidden" : "by" });
  made.append(element("b", { text: authorWords(event) }), ` · ${clock(event.at)}${event.edited ? ` · ${say("corregido")}` : ""}`);
  return made;
}

/** @param {TranscriptEvent} event */
function authorWords({ author, name }) {
  if (author === "citizen") return say("ciudadania");
  if (author === "assistant") return say("asistente");
  if (author === "system") return say("aviso");
  return name && name !== facts.me ? name : say("tu");
}

/**
 * Citizens' and staff's words are text; only what the assistant or the system wrote is HTML.
 * @param {TranscriptEvent} event
 */
function bubble({ html, language, text }) {
  if (html == null) return element("div", { className: "bubble plain", text: text || say("sin_texto") });
  const made = element("div", { className: "bubble", ...(language && { lang: language }) });
  setSafeHtml(made, html);
  return made;
}

/** @param {string[]} titles */
function offered(titles) {
  const list = element("ul", { className: "offered", "aria-label": say("opciones") });
  list.append(...titles.map((title) => element("li", { text: title })));
  return list;
}

/** @param {AttachedThing[]} things */
function attached(things) {
  const list = element("ul", { className: "offered" });
  for (const { words, url } of things) {
    const item = element("li");
    item.append(url ? element("a", { text: words, href: url, target: "_blank", rel: "noopener noreferrer" }) : words);
    list.append(item);
  }
  return list;
}
