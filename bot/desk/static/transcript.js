/** Renders the lines of a conversation: days, messages, notes, and marks for changes. */

/** @import { AttachedThing, TranscriptEvent } from "./shapes.js" */
/** @import { Reply } from "./outbox.js" */

import { button, element, icon, setSafeHtml } from "./elements.js";
import { facts, say } from "./facts.js";
import { proof } from "./proof.js";
import { clock, day } from "./times.js";

const GROUP_MS = 5 * 60_000;

/**
 * Renders the elements of `event`, with the day if it differs from that of `previous` (null at the beginning).
 * @param {TranscriptEvent} event
 * @param {TranscriptEvent | null} previous
 */
export function linesOf(event, previous) {
  const newDay = !previous || day(previous.at) !== day(event.at);
  const made = newDay ? [element("p", { className: "day", text: day(event.at) })] : [];
  if (event.kind === "note") return [...made, noteLine(event)];
  if (event.kind !== "message") return [...made, ...changeLines(event)];
  const welcome = event.author === "assistant" && !previous;
  if (event.author === "system" || welcome) return [...made, foldedLine(event, welcome ? say("bienvenida") : withoutMarks(event.text))];
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
 * Returns whether the same author wrote both within GROUP_MS, so that the author is not shown again.
 * @param {TranscriptEvent} event
 * @param {TranscriptEvent} previous
 */
function follows(event, previous) {
  const same = previous.kind === "message" && previous.author === event.author && previous.name === event.name;
  return same && event.at - previous.at < GROUP_MS;
}

/** @param {TranscriptEvent} event */
function changeLines(event) {
  const { words } = event;
  const made = words ? [element("p", { className: "mark", text: `${words} · ${clock(event.at)}` })] : [];
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
  if (event.removed_at) {
    line.append(byLine(event, follows), element("div", { className: "bubble removed", text: removedWords(event) }));
    return line;
  }
  line.append(byLine(event, follows), bubble(event));
  if (event.author === "citizen" || event.author === "staff") line.append(removing(event));
  if (event.buttons.length) line.append(offered(event.buttons));
  if (event.attached) line.append(attached(event.attached));
  if (event.provenance || event.source) line.append(proof(event));
  return line;
}

/**
 * Renders an automatic text as one line that can be unfolded.
 * @param {TranscriptEvent} event
 * @param {string} words
 */
function foldedLine(event, words) {
  const line = element("details", { className: `line ours folded ${event.author}` });
  line.dataset.event = event.id;
  const summary = element("summary");
  summary.append(icon("chevron"), element("span", { className: "visually-hidden", text: `${authorWords(event)}: ` }));
  summary.append(element("span", { className: "brief", text: words }), element("span", { text: `· ${clock(event.at)}` }));
  line.append(summary, bubble(event));
  if (event.buttons.length) line.append(offered(event.buttons));
  return line;
}

/**
 * Returns Markdown in one line, without links and bold.
 * @param {string} text
 */
function withoutMarks(text) {
  return text.replace(/\[([^\]]+)\]\([^)\s]+\)/g, "$1").replaceAll("**", "").replace(/\s+/g, " ");
}

/** @param {TranscriptEvent} event */
function removedWords({ removed_at: at, removed_by: by }) {
  return say("eliminado", { hora: clock(at ?? 0), quien: by ?? "" });
}

/**
 * Renders the button that removes a message, which only the attending agent sees; the conversation handles its click.
 * @param {TranscriptEvent} event
 */
function removing({ id, at }) {
  const act = () => made.dispatchEvent(new CustomEvent("remove-message", { bubbles: true, detail: id }));
  const made = button({ className: "link remove", text: say("eliminar"), "aria-label": say("eliminar_este", { hora: clock(at) }) }, act);
  return made;
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
 * Renders an answer of the assistant that an agent did not approve.
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
 * Renders a message's text: as HTML if the server sent HTML, else as plain text.
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
  for (const thing of things) {
    const item = element("li", { className: thing.picture ? "picture" : "" });
    item.append(thing.url ? attachedLink(thing) : thing.words);
    list.append(item);
  }
  return list;
}

/**
 * Renders a link to a file, with a picture of it if there is one that this agent may load.
 * @param {AttachedThing} thing
 */
function attachedLink({ words, url, picture }) {
  const link = element("a", { href: picture || url, target: "_blank", rel: "noopener noreferrer" });
  if (!picture) {
    link.textContent = words;
    return link;
  }
  const image = element("img", { src: picture + "?mini", alt: say("foto_grande", { nombre: words }), loading: "lazy" });
  image.addEventListener("error", () => {
    link.parentElement?.classList.remove("picture");
    link.href = url;
    link.textContent = words;
  });
  link.append(image);
  return link;
}
