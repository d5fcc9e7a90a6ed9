/** Searches recorded conversations and shows the results in place of the list; a conversation opens read-only. */

/** @import { FoundConversation } from "./shapes.js" */

import { findConversations, loadSearchAgents } from "./api.js";
import { byId, element, icon, within } from "./elements.js";
import { say } from "./facts.js";
import { lookFor } from "./hits.js";
import { failure } from "./http.js";
import { clock, day, today } from "./times.js";

const REST_MS = 350;
const LEAST = 3;
const box = byId("search", HTMLInputElement);
const closedToday = byId("closed-today");
const results = byId("found");
const filters = byId("search-filters", HTMLFormElement);
const panel = byId("search-more", HTMLDetailsElement);
const agents = within(filters, "[name=agent]", HTMLSelectElement);
const list = within(results, "ul");
const status = within(results, "[role='status']");
let asked = "";

/** @type {ReturnType<typeof setTimeout> | undefined} */
let timer;

box.addEventListener("input", () => changed(REST_MS));
filters.addEventListener("change", () => changed(0));
filters.addEventListener("submit", (event) => event.preventDefault());
filters.addEventListener("reset", () => setTimeout(() => changed(0)));
panel.addEventListener("toggle", loadAgents);
closedToday.addEventListener("click", () => (isClosedToday() ? leaveSearch() : showClosedToday()));
box.addEventListener("keydown", (event) => {
  if (event.key === "ArrowDown") list.querySelector("a")?.focus();
  else if (event.key !== "Escape" || results.hidden) return;
  else leaveSearch();
  event.preventDefault();
});

export function focusSearch() {
  box.focus();
  box.select();
}

/** Searches again when the words or filters have changed, or shows the list when there are none. */
function changed(/** @type {number} */ waitMs) {
  clearTimeout(timer);
  const query = queryNow();
  asked = JSON.stringify(query);
  const shown = query !== null;
  document.body.classList.toggle("searching", shown);
  results.hidden = !shown;
  closedToday.setAttribute("aria-pressed", String(isClosedToday()));
  if (query) timer = setTimeout(() => search(query), waitMs);
}

/**
 * Returns words and filters of the search; null while there are too few letters and no filters.
 * @returns {Record<string, string> | null}
 */
function queryNow() {
  const words = box.value.trim();
  const chosen = [...new FormData(filters)].filter(([, value]) => value).map(([name, value]) => [name, String(value)]);
  if (words.length < LEAST && (words || !chosen.length)) return null;
  return Object.fromEntries(words ? [["words", words], ...chosen] : chosen);
}

function isClosedToday() {
  return JSON.stringify(queryNow()) === JSON.stringify({ since: today() });
}

function showClosedToday() {
  box.value = "";
  filters.reset();
  within(filters, "[name=since]", HTMLInputElement).value = today();
  changed(0);
}

function leaveSearch() {
  box.value = "";
  filters.reset();
  panel.open = false;
  changed(0);
}

async function loadAgents() {
  if (agents.options.length > 1) return;
  const { colleagues } = await loadSearchAgents().catch(() => ({ colleagues: [] })); // optional: the other filters work
  agents.append(...colleagues.map(({ id, name }) => element("option", { value: id, text: name })));
}

/** @param {Record<string, string>} query */
async function search(query) {
  const now = JSON.stringify(query);
  status.textContent = say("buscando");
  try {
    const { found } = await findConversations(query);
    if (now !== asked) return;
    const focused = list.contains(document.activeElement);
    list.replaceChildren(...found.map(item));
    if (focused) (list.querySelector("a") ?? box).focus();
    status.textContent = say(["nada_encontrado", "encontrada"][found.length] ?? "encontradas", { n: found.length });
  } catch (error) {
    if (now === asked) status.textContent = failure(error).message;
  }
}

/** @param {FoundConversation} found */
function item(found) {
  const { conversation, event, channel, channel_words: channelWords, author, pieces, at, agent } = found;
  const made = element("li");
  const link = element("a", { className: "row", href: event ? `#/c/${conversation}/${event}` : `#/c/${conversation}` });
  link.addEventListener("click", () => lookFor(event, pieces.filter(({ hit }) => hit).map(({ text }) => text)));
  const words = element("span", { className: "words" });
  const by = author === "staff" ? [element("span", { className: "from", text: `${agent || say("dijo_staff")}: ` })] : [];
  words.append(...by, ...pieces.map(({ text, hit }) => (hit ? element("mark", { text }) : text)));
  const top = element("span", { className: "row-top" });
  const sign = icon(channel);
  sign.setAttribute("aria-label", channelWords);
  sign.setAttribute("role", "img");
  sign.removeAttribute("aria-hidden");
  top.append(sign, words);
  const more = element("span", { className: "row-more" });
  more.append(element("span", { className: "chip", text: aboutWords(found) }), element("span", { className: "time", text: `${day(at)} ${clock(at)}` }));
  link.append(top, more);
  made.append(link);
  return made;
}

/** @param {FoundConversation} found */
function aboutWords({ nickname, ticket, team_words: team, agent, outcome_words: outcome, open }) {
  if (!ticket) return `${nickname} · ${say("solo_asistente")}`;
  return [`${nickname} #${ticket}`, open ? say("abierta") : outcome, agent, team].filter(Boolean).join(" · ");
}
