/** Handles the keyboard shortcuts, so that no mouse is needed; single letters can be turned off (WCAG 2.1.4). */

import { around, byId, holds, within } from "./elements.js";

const LETTERS = "ventanilla.letters";
const help = byId("help", HTMLDialogElement);
const letters = byId("letters", HTMLInputElement);
const account = byId("account", HTMLDetailsElement);

/**
 * The actions of the shortcuts.
 * @typedef {object} Moves
 * @property {(step: number) => void} move Moves the focus by `step` rows.
 * @property {() => void} claim
 * @property {() => void} next
 * @property {() => void} search
 * @property {() => void} update Applies the changes of the list that wait.
 * @property {() => void} pause
 * @property {() => void} close
 * @property {() => void} reply
 * @property {() => void} back
 * @property {(name: string) => void} does Runs a menu action by its name.
 */

/** @param {Moves} moves */
export function listenToKeys(moves) {
  letters.checked = localStorage.getItem(LETTERS) !== "off";
  letters.addEventListener("change", () => localStorage.setItem(LETTERS, letters.checked ? "on" : "off"));
  byId("help-open").addEventListener("click", () => help.showModal());
  document.addEventListener("click", (event) => holds(account, event.target) || (account.open = false));
  document.addEventListener("keydown", (event) => handle(event, moves));
}

/**
 * @param {KeyboardEvent} event
 * @param {Moves} moves
 */
function handle(event, moves) {
  const taken = event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey;
  if (taken || document.querySelector("dialog[open]")) return;
  if (event.key === "Escape") return escape(event, moves);
  const typing = around(event, "input, textarea, select, [contenteditable]");
  const action = typing ? null : actionOf(event, moves);
  if (!action) return;
  event.preventDefault();
  action();
}

/**
 * @param {KeyboardEvent} event
 * @param {Moves} moves
 * @returns {(() => void) | undefined}
 */
function actionOf(event, moves) {
  /** @type {Record<string, () => void>} */
  const arrows = around(event, "#talk") ? {} : { ArrowDown: () => moves.move(1), ArrowUp: () => moves.move(-1) };
  /** @type {Record<string, () => void>} */
  const single = letters.checked
    ? { j: () => moves.move(1), k: () => moves.move(-1), t: moves.claim, n: moves.next, u: moves.update, "/": moves.search, r: moves.reply, p: moves.pause, y: () => moves.does("take-over"), c: moves.close, m: () => moves.does("move"), i: () => moves.does("note"), "?": () => help.showModal() }
    : {};
  return { ...arrows, ...single }[event.key];
}

/**
 * Closes the open menu, or goes back to the list.
 * @param {KeyboardEvent} event
 * @param {Moves} moves
 */
function escape(event, moves) {
  const open = document.querySelector("details[open]:is(.account, .filter)");
  if (open instanceof HTMLDetailsElement) {
    open.open = false;
    within(open, "summary").focus();
  } else if (around(event, "#talk")) {
    moves.back();
  }
}
