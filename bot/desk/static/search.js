// Search over conversations that were: results in place of the list. Opening one shows it to be read.

import { get } from "./api.js";
import { clock, day, element, icon, say } from "./words.js";

const REST_MS = 350;
const LEAST = 3;
const box = document.getElementById("search");
const results = document.getElementById("found");
const list = results.querySelector("ul");
const status = results.querySelector("[role='status']");
let timer = null;
let asked = "";

box.addEventListener("input", () => {
  clearTimeout(timer);
  asked = box.value.trim();
  document.body.classList.toggle("searching", asked.length >= LEAST);
  results.hidden = asked.length < LEAST;
  if (asked.length >= LEAST) timer = setTimeout(() => search(asked), REST_MS);
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

export function leaveSearch() {
  box.value = "";
  box.dispatchEvent(new Event("input"));
}

async function search(words) {
  status.textContent = say("buscando");
  try {
    const { found } = await get(`/search?words=${encodeURIComponent(words)}`);
    if (words !== asked) return;
    list.replaceChildren(...found.map(item));
    status.textContent = say(["nada_encontrado", "encontrada"][found.length] ?? "encontradas", { n: found.length });
  } catch (error) {
    if (words === asked) status.textContent = error.message;
  }
}

function item({ conversation, channel, channel_words, at, author, pieces }) {
  const made = element("li");
  const link = element("a", { className: "row", href: `#/c/${conversation}` });
  const top = element("span", { className: "row-top" });
  const where = icon(channel);
  top.append(where, element("span", { className: "where", text: `${channel_words} · ${say(`dijo_${author}`)}` }), element("span", { className: "time", text: `${day(at)} ${clock(at)}` }));
  const words = element("span", { className: "words" });
  const plain = (text) => (author === "citizen" ? text : text.replaceAll("**", "")); // the assistant's Markdown
  words.append(...pieces.map(({ text, hit }) => (hit ? element("mark", { text: plain(text) }) : plain(text))));
  link.append(top, words);
  made.append(link);
  return made;
}
