/**
 * Warns of unclaimed emergencies on every page of the desk: a line that opens the first one, a browser notification, and
 * a sound that repeats every minute until somebody claims them. Of several open tabs only one sounds.
 */

/** @import { Emergencies } from "./shapes.js" */

import { AlarmClock } from "./alarm_clock.js";
import { alarm } from "./chime.js";
import { notify } from "./notification.js";

const READ_EVERY_MS = 5000;
const LOCK = "ventanilla-alarm";
const line = document.getElementById("unclaimed"); // the desk's own page has none: its list shows them in red
const clock = new AlarmClock({ soundsFirst: line !== null });
let sounds = !navigator.locks; // without HTTPS a browser has no locks: then each tab sounds

async function read() {
  if (document.hidden && !sounds) return;
  const answer = await fetch("/desk/api/emergencies").catch(() => null);
  if (answer?.ok) show(await answer.json());
}

/** @param {Emergencies} unclaimed */
function show({ tickets, words }) {
  if (line) showLine(tickets, words);
  if (!sounds || !clock.due(tickets, Date.now())) return;
  alarm();
  notify(words, tickets[0]);
}

/**
 * @param {string[]} tickets
 * @param {string} words
 */
function showLine(tickets, words) {
  const link = line?.querySelector("a");
  if (!line || !link) return;
  if (link.textContent !== words) link.textContent = words; // an unchanged text is not read aloud again
  if (tickets.length) link.href = `/desk#/t/${tickets[0]}`;
  line.hidden = !tickets.length;
}

/** Keeps the lock until this page is left; a browser neither freezes nor throttles away a page that has one. */
function becomeTheOneThatSounds() {
  sounds = true;
  return new Promise(() => {});
}

navigator.locks?.request(LOCK, becomeTheOneThatSounds).catch(() => {});
document.addEventListener("visibilitychange", read);
setInterval(read, READ_EVERY_MS);
read().catch(() => {});
