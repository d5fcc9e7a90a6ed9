/**
 * Warns of unclaimed emergencies on every page of the desk: a line that opens the first one, a browser notification,
 * and a sound that repeats every minute until somebody claims them. Of several open tabs, one shows the notification,
 * and one that may play sounds plays the sound. The page with the list shows the line while the list does not show them.
 */

/** @import { Emergencies } from "./shapes.js" */

import { AlarmClock } from "./alarm_clock.js";
import { alarm, whenAudible } from "./chime.js";
import { notify } from "./notification.js";

const READ_EVERY_MS = 5000;
const DRAWN_AFTER_MS = 250; // the list draws a change after 100 ms at most
const REFUSALS = [401, 403]; // the session has ended, or may not open the desk yet
const REST_MS = 60_000;
const SOUNDS = "ventanilla-alarm";
const NOTIFIES = "ventanilla-notification";
const line = document.getElementById("unclaimed");
const list = document.getElementById("board"); // the desk's own page: its list shows them in red, and sounds first
const clock = new AlarmClock({ soundsFirst: list === null, memory: sessionStorage });

/** @type {Set<string>} What this tab does for all; without HTTPS a browser has no locks, and each tab does everything. */
const does = new Set(navigator.locks ? [] : [SOUNDS, NOTIFIES]);

/** @type {ReturnType<typeof setTimeout> | undefined} */
let soon;

let refusals = 0;
let refusedAt = 0;

/**
 * A single refusal may come from a request that left while another tab gave the password again, which replaces the
 * cookie. After a second one the page asks once a minute, and at once when it is shown again.
 */
async function read() {
  if (document.hidden && !does.size) return;
  if (refusals > 1 && Date.now() - refusedAt < REST_MS) return;
  const answer = await fetch("/desk/api/emergencies").catch(() => null);
  if (answer?.ok) show(await answer.json());
  if (!answer) return;
  refusals = REFUSALS.includes(answer.status) ? refusals + 1 : 0;
  refusedAt = Date.now();
}

/** Reads the emergencies right after one changed, once the list has drawn the change: the line says what it does not show. */
export function readSoon() {
  soon ??= setTimeout(() => {
    soon = undefined;
    read().catch(() => {}); // read again after READ_EVERY_MS
  }, DRAWN_AFTER_MS);
}

/** @param {Emergencies} unclaimed */
function show({ tickets, words }) {
  if (line) showLine(tickets, words);
  if (!does.size || !clock.due(tickets, Date.now())) return;
  if (does.has(SOUNDS)) alarm();
  if (does.has(NOTIFIES)) notify(words, tickets[0]);
}

/**
 * @param {string[]} tickets
 * @param {string} words
 */
function showLine(tickets, words) {
  const link = line?.querySelector("a");
  if (!line || !link) return;
  if (link.textContent !== words) link.textContent = words; // an unchanged text is not read aloud again
  const unseen = tickets.find((one) => !isInSight(one));
  if (tickets.length) link.href = `/desk#/t/${unseen ?? tickets[0]}`;
  line.hidden = !unseen;
}

/**
 * Returns whether the desk shows the emergency: its conversation is open, or its row is in sight and red, not below many others
 * or the fold, and not hidden by another conversation on a phone.
 * @param {string} ticket
 */
function isInSight(ticket) {
  if (list && location.hash === `#/t/${ticket}`) return true;
  const row = list?.querySelector(`[data-ticket="${ticket}"][data-priority="emergency"]`);
  const { left, top, width, height } = row?.getBoundingClientRect() ?? new DOMRect();
  return Boolean(row?.contains(document.elementFromPoint(left + width / 2, top + height / 2)));
}

/**
 * Waits for a lock and keeps it until this page is left; a browser does not freeze a page that holds a lock.
 * @param {string} lock
 */
function become(lock) {
  const become = () => {
    does.add(lock);
    return new Promise(() => {});
  };
  navigator.locks?.request(lock, become).catch(() => {});
}

become(NOTIFIES);
whenAudible().then(() => become(SOUNDS), () => {});
document.addEventListener("visibilitychange", () => {
  refusals = 0;
  read();
});
if (list) window.addEventListener("hashchange", readSoon);
setInterval(read, READ_EVERY_MS);
if (!list) read().catch(() => {}); // the desk's own page reads them once its list is drawn
