// The keyboard: everything can be done without a mouse. One-letter shortcuts can be turned off in the help (WCAG 2.1.4).

const LETTERS = "ventanilla.letters";
const help = document.getElementById("help");
const letters = document.getElementById("letters");
const account = document.getElementById("account");

/** `moves`: {move(step), claim(), next(), search(), pause(), close(), does(name), reply(), back()}. */
export function listenToKeys(moves) {
  letters.checked = localStorage.getItem(LETTERS) !== "off";
  letters.addEventListener("change", () => localStorage.setItem(LETTERS, letters.checked ? "on" : "off"));
  document.getElementById("help-open").addEventListener("click", () => help.showModal());
  document.addEventListener("click", (event) => account.contains(event.target) || (account.open = false));
  document.addEventListener("keydown", (event) => handle(event, moves));
}

function handle(event, moves) {
  if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey || document.querySelector("dialog[open]")) return;
  if (event.key === "Escape") return escape(event, moves);
  const typing = event.target.closest("input, textarea, select, [contenteditable]");
  const action = typing ? null : actionOf(event, moves);
  if (!action) return;
  event.preventDefault();
  action();
}

function actionOf(event, moves) {
  const inTalk = event.target.closest("#talk");
  const arrows = inTalk ? {} : { ArrowDown: () => moves.move(1), ArrowUp: () => moves.move(-1) };
  const single = letters.checked
    ? { j: () => moves.move(1), k: () => moves.move(-1), t: moves.claim, n: moves.next, "/": moves.search, r: moves.reply, p: moves.pause, y: () => moves.does("take-over"), c: moves.close, m: () => moves.does("move"), i: () => moves.does("note"), "?": () => help.showModal() }
    : {};
  return { ...arrows, ...single }[event.key];
}

function escape(event, moves) {
  const open = document.querySelector("details[open]:is(.account, .filter)");
  if (open) {
    open.open = false;
    open.querySelector("summary").focus();
  } else if (event.target.closest("#talk")) {
    moves.back();
  }
}
