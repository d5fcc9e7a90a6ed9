/** Sorts and renders the options of the picker: canned replies first, then FAQ entries. */

/** @import { CannedReply, FaqEntry, Ticket } from "./shapes.js" */

import { element } from "./elements.js";
import { facts, say } from "./facts.js";

const SAVED_SHOWN = 12;
const NOT_NEAR = 2;
const GAP = /\[[^[\]\n]*\p{L}[^[\]\n]*\](?!\()/u; // not the name of a link, "[name](address)"

/** @typedef {{ saved: CannedReply }} SavedOption */
/** @typedef {{ entry: FaqEntry }} EntryOption */
/** @typedef {SavedOption | EntryOption} Option */

/**
 * Returns the matching canned replies: matches of the shortcut before matches of the text; then the ticket's team first,
 * replies for all teams second, other teams' last.
 * @param {CannedReply[]} saved
 * @param {string} words
 * @param {string | undefined} team
 * @returns {SavedOption[]}
 */
export function matching(saved, words, team) {
  const wanted = fold(words);
  return saved
    .map((one) => ({ saved: one, near: nearness(one, wanted), far: one.team === team ? 0 : one.team ? 2 : 1 }))
    .filter(({ near }) => near < NOT_NEAR)
    .sort((one, other) => one.near - other.near || one.far - other.far)
    .slice(0, SAVED_SHOWN);
}

/**
 * Fills in a canned reply's placeholders; the citizen's name is unknown, so the agent has to write it.
 * @param {string} text
 * @param {Ticket} ticket
 */
export function filled(text, ticket) {
  /** @type {Record<string, string>} */
  const known = { agente: facts.me, equipo: ticket.team_words, ticket: ticket.id, nombre: say("por_nombre") };
  return text.replace(/\{(\w+)\}/g, (all, name) => known[name] ?? all);
}

/**
 * Returns the first part of a text that the agent has to write, such as "[hora]", or "" if there is none.
 * @param {string} text
 */
export function gapIn(text) {
  return GAP.exec(text)?.[0] ?? "";
}

/**
 * Renders the options in groups; `data-option` is each one's index.
 * @param {Option[]} options
 */
export function drawOptions(options) {
  const drawn = options.map((option, index) => {
    const item = "saved" in option ? savedOption(option.saved) : entryOption(option.entry);
    item.id = `option-${index}`;
    item.dataset.option = String(index);
    return item;
  });
  const split = options.filter((option) => "saved" in option).length;
  return [
    ...group("guardadas", say("grupo_guardadas"), drawn.slice(0, split)),
    ...group("fichas", say("grupo_fichas"), drawn.slice(split)),
  ];
}

/**
 * @param {string} name
 * @param {string} title
 * @param {HTMLElement[]} options
 */
function group(name, title, options) {
  if (!options.length) return [];
  const item = element("div", { role: "group", "aria-labelledby": `picker-${name}` });
  item.append(element("p", { className: "group-title", id: `picker-${name}`, text: title }), ...options);
  return [item];
}

/** @param {CannedReply} saved */
function savedOption({ shortcut, text }) {
  const item = element("div", { role: "option" });
  item.append(element("b", { text: `/${shortcut}` }), element("span", { className: "brief", text }));
  return item;
}

/** @param {FaqEntry} entry */
function entryOption({ question, text }) {
  const item = element("div", { role: "option" });
  const send = element("span", { className: "send-it", "data-send": "", "aria-hidden": "true", text: say("enviar_con_fuente") });
  item.append(element("b", { text: question }), element("span", { className: "brief", text }), send);
  return item;
}

/**
 * @param {CannedReply} saved
 * @param {string} wanted
 */
function nearness({ shortcut, text }, wanted) {
  if (fold(shortcut).startsWith(wanted)) return 0;
  return fold(text).includes(wanted) ? 1 : NOT_NEAR;
}

/**
 * Returns the text in lower case, without accents.
 * @param {string} text
 */
export function fold(text) {
  return text.normalize("NFD").replace(/[\u0300-\u036f]/g, "").toLowerCase();
}
