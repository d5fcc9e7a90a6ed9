/** Searches recorded conversations and shows the results in place of the list; a conversation opens read-only. */

/** @import { FoundConversation } from "./shapes.js" */

import { findConversations } from "./api.js";
import { byId, element, icon, within } from "./elements.js";
import { say } from "./facts.js";
import { failure } from "./http.js";
import { clock, day } from "./times.js";

const REST_MS = 350;
const LEAST = 3;
const box = byId("search", HTMLInputElement);
const results = byId("found");
const list = within(results, "ul");
const status = within(results, "[role='status']");
let asked = "";

/** @type {ReturnType<typeof setTimeout> | undefined} */
let timer;

box.addEventListener("input", () => {
  clearTimeout(timer);
  asked = box.value.trim();
  const enough = asked.length >= LEAST;
  document.body.classList.toggle("searching", enough);
  results.hidden = !enough;
  if (enough) timer = setTimeout(() => search(asked), REST_MS);
});
box.addEventListener("keydown", (event) => {
  if (event.key === "ArrowDown") list.querySelector("a")?.focus();
  else if (event.key !== "Escape" || !box.value) return;
  else leaveSearch();
  event.preventDefault();
});

export function focusSearch() {
  box.focus();
  box.select();
}

function leaveSearch() {
  box.value = "";
  box.dispatchEvent(new Event("input"));
}

/** @param {string} words */
async function search(words) {
  status.textContent = say("buscando");
  try {
    const { found } = await findConversations(words);
    if (words !== asked) return;
    list.replaceChildren(...found.map(item));
    status.textContent = say(["nada_encontrado", "encontrada"][found.length] ?? "encontradas", { n: found.length });
  } catch (error) {
    if (words === asked) status.textContent = failure(error).message;
  }
}

/** @param {FoundConversation} found */
function item({ conversation, channel, channel_words: channelWords, at, author, pieces }) {
  const made = element("li");
  const link = element("a", { className: "row", href: `#/c/${conversation}` });
  const top = element("span", { className: "row-top" });
  const where = element("span", { className: "where", text: `${channelWords} · ${say(`dijo_${author}`)}` });
  top.append(icon(channel), where, element("span", { className: "time", text: `${day(at)} ${clock(at)}` }));
  const words = element("span", { className: "words" });
  // removes Markdown's bold, which citizens do not write
  const plain = (/** @type {string} */ text) => (author === "citizen" ? text : text.replaceAll("**", ""));
  words.append(...pieces.map(({ text, hit }) => (hit ? element("mark", { text: plain(text) }) : plain(text))));
  link.append(top, words);
  made.append(link);
  return made;
}
