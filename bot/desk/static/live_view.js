/**
 * The supervisor's live view: who attends what and who waits, reloaded every few seconds; moves tickets and sends notes
 * to their agents.
 */

/** @import { LiveView, OnDuty, TeamNow, TeamTicket } from "./shapes.js" */

import { changeTicket, heartbeat, loadTeam } from "./api.js";
import { answerOf, field } from "./dialogs.js";
import { button, byId, element, icon, within } from "./elements.js";
import { facts, say } from "./facts.js";
import { failure } from "./http.js";
import { noteId, noteStored } from "./note_ids.js";
import { chosenPlace, loadPlaces } from "./places.js";
import { ageOf, clock, elapsed, setServerTime } from "./times.js";

const READ_EVERY_MS = 5000;
const BEAT_EVERY_MS = 20_000;
const MINUTE_S = 60;
const NONE = "–";
const move = byId("move", HTMLDialogElement);
const whisper = byId("whisper", HTMLDialogElement);
const stale = byId("stale");
const failed = byId("failed");
let reads = 0;
let newest = 0; // the read that is shown

/** The words of each ticket's change that failed, for the next try. @type {Map<string, string>} */
const unsent = new Map();

async function read() {
  if (document.hidden || document.querySelector("dialog[open]")) return;
  const asked = (reads += 1);
  try {
    const view = await loadTeam();
    if (asked < newest || document.querySelector("dialog[open]")) return; // an older answer, or the focus returns here
    newest = asked;
    show(view);
    stale.hidden = true;
  } catch (error) {
    stale.hidden = false;
    if (failure(error).status === 401) location.assign(`/desk/login?volver=${location.pathname}`);
  }
}

/**
 * For who attends tickets this page counts as the desk, also while it is hidden: theirs must not go back to the queue.
 * Who attends none now, or might not, is not on duty because of it.
 */
async function beat() {
  try {
    const { agents } = await loadTeam();
    if (agents.some(({ id, tickets }) => id === facts.staff && tickets.length > 0)) await heartbeat();
  } catch {
    // the next beat tries again
  }
}

/** @param {LiveView} view */
function show(view) {
  setServerTime(view.now);
  byId("updated").textContent = say("vivo_actualizado", { hora: clock(view.now) });
  const available = view.agents.filter(({ presence }) => presence === "available").length;
  tile("n-emergencies", view.emergencies.length, view.emergencies.length ? "very_late" : "");
  tile("n-waiting", view.waiting);
  tile("n-oldest", view.oldest_at === null ? NONE : elapsed(view.oldest_at), view.oldest_at === null ? "" : ageOf(view.oldest_at));
  tile("n-available", available, available || !view.waiting ? "" : "very_late");
  fill("emergencies", view.emergencies.map((ticket) => waitRow(ticket)));
  fill("longest", view.longest.map((ticket) => waitRow(ticket)));
  fill("agents", view.agents.map(agentCard));
  fill("teams", view.teams.map(teamRow));
}

/**
 * @param {string} id
 * @param {string | number} value
 * @param {string} age
 */
function tile(id, value, age = "") {
  const shown = byId(id);
  shown.textContent = String(value);
  shown.dataset.age = age;
}

/**
 * Replaces the items of a list, keeping the focus on the same control; shows the text for an empty list.
 * @param {string} id
 * @param {HTMLElement[]} items
 */
function fill(id, items) {
  const list = byId(id);
  const focused = document.activeElement instanceof HTMLElement && list.contains(document.activeElement) ? document.activeElement.dataset.control : "";
  list.replaceChildren(...items);
  const empty = list.nextElementSibling;
  if (empty instanceof HTMLParagraphElement) empty.hidden = items.length > 0;
  if (focused) list.querySelector(`[data-control="${CSS.escape(focused)}"]`)?.dispatchEvent(new Event("refocus"));
}

/**
 * @param {TeamTicket} ticket
 * @param {OnDuty} [owner]
 */
function waitRow(ticket, owner) {
  const made = element("li", { className: "wait" });
  const who = `${ticket.nickname} #${ticket.id}`;
  const link = element("a", { href: `/desk#/t/${ticket.id}`, text: ticket.matter || say("sin_texto"), title: say("vivo_abrir", { persona: who }), "data-control": `open-${ticket.id}` });
  const about = element("p", { className: "soft", text: [who, ticket.danger ? "" : ticket.reason_words, ticket.team_words].filter(Boolean).join(" · ") });
  const words = element("div", { className: "what" });
  if (ticket.danger) words.append(danger(ticket.danger));
  words.append(link, about);
  const acts = element("div", { className: "acts" });
  acts.append(control("vivo_pasar", "vivo_pasar_a", who, () => passOn(ticket)));
  if (owner) acts.append(control("vivo_nota", "vivo_nota_a", who, () => whisperTo(ticket, owner)));
  made.append(words, waitTime(ticket), acts);
  for (const one of made.querySelectorAll("[data-control]")) one.addEventListener("refocus", () => one instanceof HTMLElement && one.focus());
  return made;
}

/** @param {NonNullable<TeamTicket["danger"]>} mark */
function danger({ words, sure }) {
  const made = element("span", { className: "danger", "data-sure": String(sure) });
  made.append(icon("alert"), words);
  return made;
}

/** @param {TeamTicket} ticket */
function waitTime({ since, state }) {
  const age = since ? ageOf(since) : "";
  const words = since ? elapsed(since) : say(state === "snoozed" ? "vivo_en_pausa" : "vivo_al_dia");
  const made = element("span", { className: "time", "data-age": age });
  if (age) made.append(icon(age === "very_late" ? "hourglass" : "clock"), element("span", { className: "visually-hidden", text: `${say("vivo_esperan")}: ` }));
  made.append(words);
  return made;
}

/**
 * @param {string} text
 * @param {string} label
 * @param {string} who
 * @param {() => void} act
 */
function control(text, label, who, act) {
  return button({ className: "button small", text: say(text), "aria-label": say(label, { persona: who }), "data-control": `${text}-${who}` }, act);
}

/** @param {number} closed */
function closedWords(closed) {
  return closed === 1 ? say("vivo_cerrada") : say("vivo_cerradas", { n: closed });
}

/** @param {OnDuty} agent */
function agentCard(agent) {
  const made = element("li", { className: "agent" });
  const head = element("div", { className: "agent-head" });
  const avatar = element("span", { className: "initial", "data-presence": agent.presence, "aria-hidden": "true", text: agent.name.charAt(0).toUpperCase() });
  const name = element("h3", { text: agent.name });
  const state = element("p", { className: "soft", text: [say(`presencia_${agent.presence}`), ...agent.teams, closedWords(agent.closed)].join(" · ") });
  const title = element("div");
  title.append(name, state);
  head.append(avatar, title, load(agent));
  const list = element("ul", { className: "waits" });
  list.append(...agent.tickets.map((ticket) => waitRow(ticket, agent)));
  made.append(head, agent.tickets.length ? list : element("p", { className: "soft none", text: say("vivo_sin_chats") }));
  return made;
}

/** @param {OnDuty} agent */
function load({ load: n, capacity }) {
  const made = element("div", { className: "load" });
  const words = capacity ? say("vivo_carga", { n, total: capacity }) : say("vivo_carga_sola", { n });
  made.append(element("span", { text: words }));
  if (capacity) made.append(element("meter", { min: 0, max: capacity, value: Math.min(n, capacity), "aria-label": words }));
  return made;
}

/** @param {TeamNow} team */
function teamRow(team) {
  const made = element("tr", { className: team.waiting || team.taken ? "" : "idle" });
  const oldest = element("span", { className: "time", "data-age": team.oldest_at === null ? "" : ageOf(team.oldest_at) });
  oldest.textContent = team.oldest_at === null ? NONE : elapsed(team.oldest_at);
  made.append(
    element("th", { scope: "row", text: team.name }),
    cell("vivo_esperan", String(team.waiting)),
    cell("vivo_mas_antigua", oldest),
    cell("vivo_en_turno", String(team.on_duty)),
    cell("vivo_tomadas", String(team.taken)),
    cell("vivo_mediana", duration(team.median_s)),
    cell("vivo_p90", duration(team.p90_s)),
  );
  return made;
}

/**
 * @param {string} name
 * @param {string | Node} value
 */
function cell(name, value) {
  const made = element("td", { "data-name": say(name) });
  made.append(value);
  return made;
}

/** @param {number | null} seconds */
function duration(seconds) {
  if (seconds === null) return NONE;
  return seconds < MINUTE_S ? say("segundos", { n: seconds }) : say("minutos", { n: Math.round(seconds / MINUTE_S) });
}

/** @param {TeamTicket} ticket */
async function passOn({ id, nickname }) {
  const isLoaded = await tried(loadPlaces(byId("move-to", HTMLSelectElement)));
  if (!isLoaded || document.querySelector("dialog[open]")) return; // another button was pressed meanwhile
  byId("move-title").textContent = say("vivo_pasar_a", { persona: `${nickname} #${id}` });
  const form = within(move, "form", HTMLFormElement);
  form.reset();
  field(form, "text").value = unsent.get(id) ?? "";
  if ((await answerOf(move)) !== "go") return;
  const { what, body, text } = chosenPlace(form, id);
  if (await change(id, what, body, text)) announce(say("pasada"));
}

/**
 * @param {TeamTicket} ticket
 * @param {OnDuty} owner
 */
async function whisperTo({ id, nickname }, { name }) {
  byId("whisper-title").textContent = say("vivo_nota_a", { persona: `${nickname} #${id}` });
  byId("whisper-label").textContent = say("vivo_nota_para", { nombre: name });
  const form = within(whisper, "form", HTMLFormElement);
  form.reset();
  field(form, "text").value = unsent.get(id) ?? "";
  if ((await answerOf(whisper)) !== "go") return;
  const text = field(form, "text").value.trim();
  await change(id, "notes", { note_id: noteId(id, text), text }, text);
}

/**
 * Changes a ticket; returns whether it was changed. Keeps the note's text if not.
 * @param {string} id
 * @param {string} what
 * @param {object} body
 * @param {string} text
 */
async function change(id, what, body, text) {
  const done = await tried(changeTicket(id, what, body));
  if (done) {
    unsent.delete(id);
    noteStored(id);
  } else unsent.set(id, text);
  await read();
  return done;
}

/**
 * Returns whether the request succeeds with anything but false, and shows why it failed.
 * @param {Promise<unknown>} request
 */
async function tried(request) {
  failed.hidden = true;
  try {
    return (await request) !== false;
  } catch (error) {
    failed.textContent = failure(error).message;
    failed.hidden = false;
    failed.scrollIntoView({ block: "nearest" });
    return false;
  }
}

/** @param {string} words */
function announce(words) {
  byId("announce").textContent = words;
}

for (const dialog of [move, whisper]) within(dialog, "[data-stay]").addEventListener("click", () => dialog.close(""));
document.addEventListener("visibilitychange", read);
setInterval(read, READ_EVERY_MS);
setInterval(beat, BEAT_EVERY_MS);
await read();
