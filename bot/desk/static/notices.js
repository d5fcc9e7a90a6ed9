/**
 * Counts the characters of a notice while it is written, proposes how long it runs, and reloads which processes show it
 * and how far its broadcast is. Adds the entries that are chosen from the list to those that the notice replaces, and
 * shows the author's form for publishing alone as soon as it may be used.
 */

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
  if (form instanceof HTMLFormElement) form.addEventListener("change", (event) => void saveNow(form, event.target));
}

/**
 * Saves one step of a checklist without leaving the page, on which somebody may be writing; if that fails, sends the
 * form. The other steps are not sent: somebody else may have ticked them since this page was loaded.
 * @param {HTMLFormElement} form
 * @param {EventTarget | null} box
 */
async function saveNow(form, box) {
  if (!(box instanceof HTMLInputElement)) return;
  const others = [...new FormData(form)].filter(([name]) => name !== "paso" && name !== "visto");
  const step = [box.checked ? "paso" : "visto", box.value];
  const fields = [...others, step].map(([name, value]) => [name, String(value)]);
  const options = { method: "POST", body: new URLSearchParams(fields), keepalive: true }; // leaving the page does not cancel it
  const answer = await fetch(form.action, options).catch(() => null);
  if (!answer?.ok) form.requestSubmit();
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
