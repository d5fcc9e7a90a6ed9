/** Shows the agent's notices (somebody named them, gave them a ticket or took one) until they have read them. */

/** @import { StaffNotice } from "./shapes.js" */

import { alertTo } from "./alerts.js";
import { dropNotice } from "./api.js";
import { button, byId, element, icon } from "./elements.js";
import { say } from "./facts.js";

const SHOWN = 3;
const ICONS = { named: "at", given: "arrow-in", taken: "arrow-out", requeued: "arrow-out", vanished: "alert", silent: "alert", public_notice: "megaphone", entry: "page", promise: "alert" };
const CALLS = new Set(["named", "given"]);
const list = byId("staff-notices");

/** @type {Set<string> | null} Ids that were already shown; null before the first load. */
let known = null;

/** @type {StaffNotice[]} */
let unread = [];

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

function render() {
  list.hidden = !unread.length;
  list.replaceChildren(...unread.slice(-SHOWN).reverse().map(item));
}

/** @param {StaffNotice} notice */
function item({ id, kind, ticket, words, text }) {
  const made = element("li");
  const said = element("p");
  said.append(element("strong", { text: words }));
  if (text) said.append(" ", element("span", { className: "note-words", text: `«${text}»` }));
  const look = element("a", { className: "button small", href: `#/t/${ticket}`, text: say("aviso_ver"), "aria-label": `${say("aviso_ver")}: ${words}` });
  const done = button({ className: "button small", text: say("aviso_listo"), "aria-label": `${say("aviso_listo")}: ${words}` }, () => drop(id));
  made.append(icon(ICONS[kind]), said, ...(CALLS.has(kind) ? [look] : []), done);
  return made;
}

/** @param {string} id */
function drop(id) {
  unread = unread.filter((notice) => notice.id !== id);
  render();
  dropNotice(id).catch(() => null); // it is shown again after the next load
}
