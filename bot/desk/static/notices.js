/**
 * Counts the characters of a notice while it is written, proposes how long it runs, and reloads which processes show it
 * and how far its broadcast is. Adds the entries that are chosen from the list to those that the notice replaces, and
 * shows the author's form for publishing alone as soon as it may be used.
 */

import { Checklist } from "./checklist.js";

const LOOK_EVERY_MS = 2000;

for (const box of document.querySelectorAll("textarea[data-counted]")) {
  if (box instanceof HTMLTextAreaElement) box.addEventListener("input", () => count(box));
}

/** @param {HTMLTextAreaElement} box */
function count(box) {
  const counter = document.getElementById(box.dataset.counted ?? "");
  if (!counter) return;
  const length = box.value.length;
  const values = { n: length, maximo: box.maxLength, mensaje: length + Number(box.dataset.extra) };
  counter.textContent = (counter.dataset.words ?? "").replace(/\{(\w+)\}/g, (_, name) => grouped(values[/** @type {keyof typeof values} */ (name)]));
}

/** @param {number} value */
function grouped(value) {
  return String(value).replace(/\B(?=(?:\d{3})+$)/g, ".");
}

for (const choice of document.querySelectorAll("input[data-hours]")) {
  if (choice instanceof HTMLInputElement) choice.addEventListener("change", () => proposeHours(choice));
}

/**
 * Selects the usual hours of the chosen severity; the editor may then choose others.
 * @param {HTMLInputElement} choice
 */
function proposeHours(choice) {
  const hours = choice.form?.elements.namedItem("horas");
  if (hours instanceof HTMLSelectElement) hours.value = choice.dataset.hours ?? hours.value;
}

async function lookAgain() {
  const place = /** @type {HTMLElement | null} */ (document.querySelector("[data-again]"));
  if (!place || document.visibilityState !== "visible") return;
  const path = String(place.dataset.again);
  const answer = await fetch(path, { headers: { Accept: "text/html" } });
  if (!answer.ok) return;
  const { body } = new DOMParser().parseFromString(await answer.text(), "text/html");
  const shown = /** @type {HTMLElement} */ (body.querySelector(`#${place.id}`) ?? body);
  if (shown.dataset.state !== place.dataset.state) location.replace(path);
  else if (shown.textContent?.trim() !== place.textContent?.trim()) place.replaceChildren(...shown.childNodes);
}

setInterval(() => lookAgain().catch(() => null), LOOK_EVERY_MS);

for (const form of document.querySelectorAll("form[data-saved-at-once]")) {
  if (form instanceof HTMLFormElement) new Checklist(form);
}

for (const field of document.querySelectorAll("input[data-adds-to]")) {
  if (field instanceof HTMLInputElement) field.addEventListener("input", () => addChosen(field));
}

/**
 * Moves a question that was chosen from the list to the lines of the box, so that the next one can be chosen.
 * @param {HTMLInputElement} field
 */
function addChosen(field) {
  const box = document.getElementById(field.dataset.addsTo ?? "");
  const isListed = [...(field.list?.options ?? [])].some((one) => one.value === field.value);
  if (!isListed || !(box instanceof HTMLTextAreaElement)) return;
  box.value = [...box.value.split("\n").filter((line) => line.trim() !== ""), field.value].join("\n");
  field.value = "";
}

for (const form of document.querySelectorAll("form[data-shown-in]")) {
  if (form instanceof HTMLFormElement) setTimeout(() => (form.hidden = false), Number(form.dataset.shownIn) * 1000);
}
