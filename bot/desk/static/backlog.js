/** The editors' backlog: one key decides about a group, then the next group has the focus. Works by touch, too. */

import { allWithin, around, byId, element, within } from "./elements.js";
import { ApiError, failure, post, upload } from "./http.js";

/**
 * The result of a decision, as Done of bot/desk/pages/backlog/deciding.py.
 * @typedef {{ message: string, link: string, warning: string, effect: string[], decision: number }} Done
 */

const LETTERS = "ventanilla.letters";
const TYPING = "input:not([type=checkbox], [type=radio]), textarea, select";
const root = within(document, ".backlog");
const words = root.dataset;
const left = byId("left");
const letters = byId("letters", HTMLInputElement);
/** @type {HTMLElement[]} The results of the decisions that `z` undoes, in order, also those not answered yet. */
const undoable = [];
let waiting = Number(left.dataset.total);
let saving = 0;
let uses = 0; // keys and clicks on this page

const forms = () => allWithin(root, "form.group");

/** @param {Element | null} target */
const formOf = (target) => /** @type {HTMLFormElement | null} */ (target?.closest("form.group") ?? null);

function current() {
  return formOf(document.activeElement);
}

/** @param {number} step */
function move(step) {
  const all = forms();
  const place = all.indexOf(/** @type {HTMLElement} */ (current()));
  const next = all[place < 0 ? 0 : Math.min(Math.max(place + step, 0), all.length - 1)];
  next?.focus();
  next?.scrollIntoView({ block: "nearest" });
}

/** @param {number} change */
function count(change) {
  waiting = Math.max(0, waiting + change);
  left.textContent = waiting === 1 ? words.leftOne ?? "" : (words.left ?? "").replace("{n}", String(waiting));
}

/**
 * Posts the group's form, and shows the next group meanwhile.
 * @param {HTMLFormElement} form
 * @param {string} what
 * @param {boolean} sure
 */
async function decide(form, what, sure) {
  const fields = [...new FormData(form)].map(([name, value]) => [name, String(value)]);
  const data = new URLSearchParams([...fields, ["que", what], ["segura", sure ? "1" : "0"]]);
  const row = /** @type {HTMLElement} */ (form.parentElement);
  const result = element("div", { className: "result" });
  result.append(element("p", { text: words.saving }));
  move(forms().at(-1) === form ? -1 : 1);
  form.hidden = true;
  form.classList.remove("group");
  row.append(result);
  count(-1);
  undoable.push(result);
  saving++;
  const asked = uses;
  const done = /** @type {Done | ApiError} */ (await upload("/backlog", data).then(answered).catch(failure));
  saving--;
  if (done instanceof ApiError) bring(form, result, done.message, { asked });
  else if (done.warning) bring(form, result, done.warning, { asked, confirms: what === "wording" && !sure });
  else show(form, result, done);
}

/**
 * Brings a group back that was not decided. It gets the focus unless somebody has used the page since `asked`, whose
 * next key would then decide about a group that they do not look at.
 * @param {HTMLFormElement} form
 * @param {HTMLElement} result
 * @param {string} message
 * @param {{ asked: number, confirms?: boolean }} how
 */
function bring(form, result, message, { asked, confirms = false }) {
  result.remove();
  forget(result);
  form.hidden = false;
  form.classList.add("group");
  within(form, ".told").textContent = message;
  within(form, "[data-what]").hidden = !confirms;
  count(1);
  if (uses === asked || !current()) form.focus();
}

/**
 * @param {HTMLFormElement} form
 * @param {HTMLElement} result
 * @param {Done} done
 */
function show(form, result, { message, link, effect, decision }) {
  const acts = element("p", { className: "acts" });
  if (link) acts.append(element("a", { text: words.open, href: link }));
  if (decision) {
    const button = element("button", { className: "button", text: words.undo, type: "button" });
    button.addEventListener("click", () => undo(form, result, decision));
    acts.append(button, element("span"));
  } else forget(result);
  const title = within(form, "h2").textContent ?? "";
  const lines = effect.map((line) => element("p", { className: "soft", text: line }));
  result.setAttribute("role", "status");
  result.replaceChildren(element("p", { text: `${title}: ${message}` }), ...lines, acts);
  if (forms().length === 0 && saving === 0) left.textContent = words.end ?? "";
  if (decision && result.dataset.undo) undo(form, result, decision);
}

/**
 * @param {HTMLFormElement} form
 * @param {HTMLElement} result
 * @param {number} decision
 */
async function undo(form, result, decision) {
  const button = within(result, "button", HTMLButtonElement);
  forget(result);
  button.disabled = true;
  const asked = uses;
  const answer = await post(`/backlog/${decision}/undo`).then(answered).catch(failure);
  if (answer.undone) return bring(form, result, answer.message, { asked });
  within(result, "button + span").textContent = answer.message;
  if (!(answer instanceof ApiError)) return button.remove();
  button.disabled = false;
  undoable.push(result); // the next `z` tries it again, rather than undo the decision before it
}

/**
 * Returns the server's answer; an error if there is none, as from a proxy before it.
 * @template Answer
 * @param {Answer | null} answer
 */
function answered(answer) {
  if (answer) return answer;
  throw new ApiError(0, null);
}

/** Undoes the newest decision; one that the server has not answered yet, as soon as it has. */
function undoNewest() {
  const result = undoable.pop();
  if (!result) return;
  result.dataset.undo = "true";
  result.querySelector("button")?.click();
}

/** @param {HTMLElement} result The result of a decision that `z` does not undo any more. */
function forget(result) {
  const place = undoable.indexOf(result);
  if (place >= 0) undoable.splice(place, 1);
}

/** @param {KeyboardEvent} event */
function pressed(event) {
  const typing = around(event, TYPING);
  if (typing && event.key === "Escape") formOf(typing)?.focus();
  const action = typing || isTaken(event) ? null : actionOf(event.key);
  if (!action) return;
  event.preventDefault();
  action();
}

/** @param {KeyboardEvent} event */
function isTaken(event) {
  return event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey || !letters.checked;
}

/**
 * @param {string} key
 * @returns {(() => void) | undefined}
 */
function actionOf(key) {
  /** @type {Record<string, () => void>} */
  const moves = { j: () => move(1), k: () => move(-1), z: undoNewest };
  const form = current();
  if (!form) return moves[key];
  /** @type {Record<string, () => void>} */
  const acts = { a: () => press(form, "wording"), r: () => press(form, "counterexample"), n: () => press(form, "entry"), i: () => press(form, "ignored"), x: () => away(form), "/": () => focusOn(form, "[name=otra]") };
  const near = allWithin(form, "[type=radio]")[Number(key) - 1];
  return near ? () => near.click() : moves[key] ?? acts[key];
}

/**
 * Presses the button of a decision, if the group has it; a button that confirms a warning takes precedence.
 * @param {HTMLFormElement} form
 * @param {string} what
 */
function press(form, what) {
  const sure = within(form, "[data-what]");
  const button = what === "wording" && !sure.hidden ? sure : form.querySelector(`button[value="${what}"]`);
  if (button instanceof HTMLElement) button.click();
}

/**
 * @param {Element} parent
 * @param {string} selector
 */
function focusOn(parent, selector) {
  const found = parent.querySelector(selector);
  if (found instanceof HTMLElement) found.focus();
}

/** @param {HTMLFormElement} form */
function away(form) {
  const details = form.querySelector(".away");
  if (!(details instanceof HTMLDetailsElement)) return;
  details.open = true;
  focusOn(details, "[name=nombre]");
}

root.addEventListener("submit", (event) => {
  const form = formOf(/** @type {Element} */ (event.target));
  if (!form) return;
  event.preventDefault();
  const button = event.submitter;
  const sure = button instanceof HTMLElement && "what" in button.dataset;
  decide(form, sure ? "wording" : button instanceof HTMLButtonElement ? button.value : "", sure);
});
root.addEventListener("keydown", (event) => {
  const box = around(event, ".away-form input, [name=otra]");
  if (event.key !== "Enter" || !box) return;
  event.preventDefault(); // Enter would press the form's first button, whatever the field is about
  const form = formOf(box);
  if (form) press(form, box.getAttribute("name") === "otra" ? "wording" : "not_ours");
});
letters.checked = localStorage.getItem(LETTERS) !== "off";
letters.addEventListener("change", () => localStorage.setItem(LETTERS, letters.checked ? "on" : "off"));
within(root, ".keys").hidden = false;
for (const name of ["keydown", "pointerdown"]) document.addEventListener(name, () => uses++, { capture: true });
document.addEventListener("keydown", pressed);
forms()[0]?.focus({ preventScroll: true });
