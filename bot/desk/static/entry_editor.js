/** The page of an entry: tabs, autosave with live preview, formatting buttons, trying a citizen's words, and who else is here. */

import { answerTools, showOutline } from "./answer_tools.js";
import { allWithin, around, byId, element, setSafeHtml, within } from "./elements.js";
import { failure, post, upload } from "./http.js";
import { pasteAsMarkdown } from "./pasting.js";
import { reaching } from "./reach.js";
import { trying } from "./trying.js";
import { showKinds, showMarks, utteranceMarks } from "./utterance_marks.js";

/** @import { Outline } from "./answer_tools.js" */
/** @import { Mark } from "./utterance_marks.js" */

/** @typedef {{ field: string, message: string, fix: string, severity: string }} Problem */
/** @typedef {{ score: string, notes: { sentence: string, message: string }[] }} Clarity */
/** @typedef {{ channel: string, name: string, bubbles: string[], size: string }} Shown */
/** @typedef {{ version: number, base: string, problems: Problem[], clarity: Clarity, diff: string, previews: Shown[], state: string, minor: boolean, outline: Outline, marks?: Mark[], kinds?: Record<string, string[]> }} Saved */

const REST_MS = 700;
const RETRY_MS = 4000;
const KEEP_MS = 60_000; // how often the server keeps what it refuses to save
const OPEN_MS = 20_000;
const KEYS = { ArrowRight: 1, ArrowLeft: -1 };
const root = within(document, ".editor");
const words = root.dataset;
const form = document.querySelector("#entry");
const path = `/entries/${words.entry}`;
const opened = Number(document.querySelector("#entry [name=version]")?.getAttribute("value"));

/** Tabs over the sections, as the links of `#tabs` name them; without this script all are shown. */
function tabs() {
  const bar = byId("tabs");
  const links = allWithin(bar, "a");
  const panels = links.map((link) => byId((link.getAttribute("href") ?? "").slice(1)));
  bar.setAttribute("role", "tablist");
  for (const [place, link] of links.entries()) {
    link.setAttribute("role", "tab");
    link.setAttribute("aria-controls", panels[place].id);
    panels[place].setAttribute("role", "tabpanel");
    link.addEventListener("click", (event) => {
      event.preventDefault();
      select(place);
    });
    link.addEventListener("keydown", ({ key }) => {
      const step = key === "ArrowRight" || key === "ArrowLeft" ? KEYS[key] : 0;
      if (step) select((place + step + links.length) % links.length).focus();
    });
  }
  /** @param {number} chosen */
  function select(chosen) {
    for (const [place, link] of links.entries()) {
      link.setAttribute("aria-selected", String(place === chosen));
      link.tabIndex = place === chosen ? 0 : -1;
      panels[place].hidden = place !== chosen;
    }
    return links[chosen];
  }
  select(0);
}

/** Saves the form a moment after the last change, one request at a time. */
class Autosave {
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #timer;

  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #keeping;

  #saving = false;
  #saved = Promise.resolve(true);
  #dirty = false;
  #refused = false;
  #pressed = /** @type {HTMLElement | null} */ (null); // the button that was pressed while the form was being saved

  /** @param {HTMLFormElement} form */
  constructor(form) {
    this.form = form;
    form.addEventListener("input", () => {
      this.later(REST_MS);
      if (this.#refused && !this.#keeping) this.#keeping = setTimeout(() => this.#keep(), KEEP_MS);
    });
    form.addEventListener("submit", (event) => this.#submit(event));
    window.addEventListener("beforeunload", (event) => (this.#dirty || this.#refused) && event.preventDefault());
  }

  /**
   * Lets the form go once it is saved, since what was typed would be lost without a connection, or be taken for outdated.
   * @param {SubmitEvent} event
   */
  #submit(event) {
    clearTimeout(this.#timer);
    this.#pressed = this.#saving || this.#dirty ? event.submitter : null;
    if (!this.#pressed) this.#dirty = this.#refused = false;
    else (event.preventDefault(), this.save());
  }

  /** @param {number} ms */
  later(ms) {
    this.#dirty = true;
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.save(), ms);
  }

  /** Saves what is not saved, one request at a time, for which a second call waits; returns whether that succeeded. */
  save() {
    if (!this.#saving && this.#dirty) this.#saved = this.#save();
    return this.#saved;
  }

  /** Sends once more what was refused, which the server then keeps. */
  #keep() {
    this.#keeping = undefined;
    if (this.#refused) this.later(0);
  }

  /** Saves the draft that is on its way, then what was typed since; returns whether the server has it all. */
  async all() {
    return (await this.save()) && this.save();
  }

  async #save() {
    this.#saving = true;
    this.#dirty = false;
    let isSaved = true;
    let restMs = REST_MS;
    announce(words.saving);
    try {
      const saved = /** @type {Saved} */ (await upload(`${path}/draft`, fieldsOf(this.form)));
      within(this.form, "[name=version]", HTMLInputElement).value = String(saved.version);
      within(this.form, "[name=base]", HTMLInputElement).value = saved.base;
      this.#refused = false;
      show(saved);
      announce(words.saved);
    } catch (error) {
      const refused = failure(error);
      isSaved = false;
      this.#refused = !refused.passing;
      byId("compare").hidden = refused.code !== "outdated";
      announce(refused.passing ? (this.#pressed ? words.unsent : words.unsaved) : refused.message);
      if (refused.passing) [this.#dirty, this.#pressed, restMs] = [true, null, RETRY_MS];
    }
    const pressed = this.#pressed;
    this.#saving = false;
    this.#pressed = null;
    if (pressed?.isConnected) this.form.requestSubmit(pressed);
    else if (this.#dirty) this.later(restMs);
    return isSaved;
  }
}

/**
 * Returns the fields to save, without their earlier values, which only a comparison needs.
 * @param {HTMLFormElement} form
 */
function fieldsOf(form) {
  const fields = new FormData(form);
  fields.delete("base");
  return fields;
}

/** @param {string | undefined} text */
function announce(text) {
  byId("saved").textContent = text ?? "";
}

/** @param {Saved} saved */
function show({ version, problems, clarity, diff, previews, state, minor, outline, marks, kinds }) {
  byId("state").textContent = state;
  byId("minor").hidden = !minor;
  byId("open-edition").hidden = version === 0;
  for (const one of allWithin(root, "#still-valid")) one.hidden = version !== 0;
  if (version !== opened) changed();
  byId("missing").hidden = problems.length === 0;
  byId("problems").replaceChildren(...problems.map(problemRow));
  advise(clarity);
  if (marks) showMarks(marks);
  if (kinds) showKinds(kinds);
  showOutline(outline);
  setSafeHtml(byId("diff"), diff);
  if (!diff) byId("diff").textContent = words.nothing ?? "";
  byId("previews").replaceChildren(...previews.map(previewOf));
}

/** Adapts the buttons to a text that nobody has approved: an author can send it to review but not approve it. */
function changed() {
  document.querySelector("#reviewing")?.remove();
  document.querySelector("#publish-approved")?.remove();
  document.querySelector("#send")?.removeAttribute("hidden");
}

/** @param {Problem} problem */
function problemRow({ severity, message, fix }) {
  const row = element("li", { className: severity });
  row.append(element("strong", { text: `${severity === "error" ? words.error : words.advice}:` }), ` ${message} ${fix}`);
  return row;
}

/** @param {Clarity} clarity */
function advise({ score, notes }) {
  byId("clarity-score").textContent = score;
  byId("clarity-hint").hidden = notes.length === 0;
  byId("clarity-notes").replaceChildren(
    ...notes.map(({ sentence, message }) => {
      const row = element("li");
      row.append(element("button", { type: "button", className: "quote", text: sentence }), ` ${message}`);
      return row;
    }),
  );
}

/**
 * Selects in the answer the sentence of the advice that was pressed.
 * @param {HTMLTextAreaElement} box
 */
function findSentences(box) {
  byId("clarity-notes").addEventListener("click", (event) => {
    const sentence = around(event, ".quote")?.textContent ?? "";
    const at = sentence ? box.value.indexOf(sentence) : -1;
    if (at < 0) return;
    within(document, '#tabs a[href="#part-answer"]').click();
    box.focus();
    box.setSelectionRange(at, at + sentence.length);
  });
}

/** @param {Shown} shown */
function previewOf({ channel, bubbles, size }) {
  const made = element("article", { className: `preview ${channel}` });
  const screen = element("div", { className: "screen" });
  made.append(element("p", { className: "soft", text: size }), screen);
  for (const html of bubbles) {
    const bubble = element("div", { className: "bubble" });
    setSafeHtml(bubble, html);
    screen.append(bubble);
  }
  const end = element("p", { className: "screen-end", "aria-hidden": "true" });
  end.append(element("span", { text: words.screen }));
  screen.append(end);
  return made;
}

/** Reports, while the page is visible, that the entry is open here, and shows who else has it open. */
async function presence() {
  if (document.visibilityState === "hidden") return;
  try {
    const { others } = await post(`${path}/open`);
    if (byId("others").textContent !== others) byId("others").textContent = others;
  } catch {
    byId("others").textContent = ""; // not known for now
  }
}

function watchOthers() {
  setInterval(presence, OPEN_MS);
  document.addEventListener("visibilitychange", presence);
  window.addEventListener("pagehide", () => navigator.sendBeacon(`/desk/api${path}/left`));
  presence();
}

if (form instanceof HTMLFormElement) {
  watchOthers();
  tabs();
  const autosave = new Autosave(form);
  const answer = byId("f-respuesta", HTMLTextAreaElement);
  findSentences(answer);
  utteranceMarks();
  pasteAsMarkdown(answer, byId("pasted"));
  answerTools(answer, within(form, ".toolbar"));
  const confirm = byId("confirm-today");
  confirm.hidden = false;
  confirm.addEventListener("click", () => {
    const day = byId("f-revisado", HTMLInputElement);
    day.value = confirm.dataset.today ?? "";
    day.dispatchEvent(new Event("input", { bubbles: true }));
  });
  trying(path, () => autosave.all());
  reaching(path, () => autosave.all());
}
