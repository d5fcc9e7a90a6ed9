/** Shows the agent's notices (somebody named them, gave them a ticket or took one) and new complaints until they have read them. */

/** @import { StaffNotice } from "./shapes.js" */

import { alertTo } from "./alerts.js";
import { dropNotice } from "./api.js";
import { button, byId, element, icon, within } from "./elements.js";
import { say } from "./facts.js";

const SHOWN = 3;
const ICONS = { named: "at", given: "arrow-in", taken: "arrow-out", requeued: "arrow-out", vanished: "alert", silent: "alert", public_notice: "megaphone", drill: "megaphone", entry: "page", promise: "alert", banned: "alert", fault: "alert" };
/** @type {Record<string, string>} The page where something can be done about a notice without a ticket. */
const PAGES = { banned: "/desk/bloqueos", drill: "/desk/avisos?paquete=simulacro#h-new" };
const CALLS = new Set(["named", "given"]);
const list = byId("staff-notices");
const all = byId("all-notices");

/** @type {Set<string> | null} Ids that were already shown; null before the first load. */
let known = null;

/** @type {StaffNotice[]} */
let unread = [];

/** @type {string[]} Numbers of the complaints that came since the page was loaded and have not been looked at. */
let complaints = [];

/** @param {StaffNotice[]} notices The unread ones, oldest first. */
export function showNotices(notices) {
  const fresh = notices.filter(({ id }) => known && !known.has(id));
  known = new Set(notices.map(({ id }) => id));
  unread = notices;
  render();
  for (const { ticket, words } of fresh) alertTo(ticket, words);
}

/**
 * Deletes the notices that called the agent to a ticket, which is open now.
 * @param {string} ticket
 */
export function dropNoticesOf(ticket) {
  unread.filter((notice) => notice.ticket === ticket && CALLS.has(notice.kind)).forEach(({ id }) => drop(id));
}

/** @param {string} number A complaint that was just filed. */
export function showComplaint(number) {
  if (complaints.includes(number)) return;
  complaints.push(number);
  render();
  alertTo("", newComplaints());
}

function newComplaints() {
  return complaints.length === 1 ? say("reclamo_nuevo", { numero: complaints[0] }) : say("reclamos_nuevos", { n: complaints.length });
}

/** The newest public notice comes first: on a phone, an open conversation leaves room for one line. */
function render() {
  const newest = [...unread].reverse();
  const first = newest.filter(({ kind }) => kind === "public_notice").slice(0, 1);
  const rest = newest.filter((one) => !first.includes(one)).slice(0, SHOWN - first.length);
  const items = [...first.map(item), ...(complaints.length ? [complaintItem()] : []), ...rest.map(item)];
  const others = unread.length + (complaints.length ? 1 : 0) - 1;
  if (others > 0) items[0].querySelector("p")?.after(element("span", { className: "others", text: `+${others}` }));
  all.hidden = others < 1;
  within(all, "span").textContent = say("avisos_cuantos", { n: others + 1 });
  list.hidden = !items.length;
  list.replaceChildren(...items);
}

/** Deletes all notices at once. */
function dropAll() {
  const ids = unread.map(({ id }) => id);
  [unread, complaints] = [[], []];
  render();
  byId("board").focus();
  ids.forEach((id) => dropNotice(id).catch(() => null)); // it is shown again after the next load
}

function complaintItem() {
  const words = newComplaints();
  const forget = () => {
    complaints = [];
    render();
  };
  const look = element("a", { className: "button small", href: "/desk/reclamos", text: say("aviso_ver"), "aria-label": `${say("aviso_ver")}: ${words}` });
  const done = button({ className: "button small", text: say("aviso_listo"), "aria-label": `${say("aviso_listo")}: ${words}` }, forget);
  const made = element("li");
  made.append(icon("flag"), element("p", {}), look, done);
  made.querySelector("p")?.append(element("strong", { text: words }));
  return made;
}

/** @param {StaffNotice} notice */
function item({ id, kind, ticket, words, text, page }) {
  const made = element("li");
  const said = element("p");
  said.append(element("strong", { text: words }));
  if (text) said.append(" ", element("span", { className: "note-words", text: `«${text}»` }));
  const place = page || PAGES[kind];
  const look = element("a", { className: "button small", href: place ?? `#/t/${ticket}`, text: say("aviso_ver"), "aria-label": `${say("aviso_ver")}: ${words}` });
  const done = button({ className: "button small", text: say("aviso_listo"), "aria-label": `${say("aviso_listo")}: ${words}` }, () => drop(id));
  made.append(icon(ICONS[kind]), said, ...(CALLS.has(kind) || place ? [look] : []), done);
  return made;
}

/** @param {string} id */
function drop(id) {
  unread = unread.filter((notice) => notice.id !== id);
  render();
  dropNotice(id).catch(() => null); // it is shown again after the next load
}

within(all, "button").addEventListener("click", dropAll);
