/** Tries a citizen's words: shows what the assistant answers before and after the edition, and keeps them as a test message. */

import { byId, element, within } from "./elements.js";
import { failure, post } from "./http.js";
import { Newest } from "./newest.js";

/** @typedef {{ before: string[], after: string[] | null }} Tried */

const words = within(document, ".editor").dataset;

/**
 * Shows the form that tries a message.
 * @param {string} path The entry's path of the API.
 * @param {() => Promise<boolean>} save Saves what is typed, after what is being saved; returns whether it succeeded.
 */
export function trying(path, save) {
  byId("try").hidden = false;
  const box = byId("try-text", HTMLInputElement);
  const newest = new Newest();
  byId("try-form").addEventListener("submit", async (event) => {
    event.preventDefault();
    const shown = byId("tried");
    const text = box.value;
    const isNewest = newest.ask();
    shown.textContent = words.trying ?? "";
    try {
      const tried = (await save()) ? /** @type {Tried} */ (await post(`${path}/try`, { text })) : null;
      if (!isNewest()) return;
      if (tried) shown.replaceChildren(...compared(tried), keeping(path, text));
      else shown.textContent = words.untried ?? "";
    } catch (error) {
      if (isNewest()) shown.textContent = failure(error).message;
    }
  });
}

/**
 * Returns the button that keeps the tried words as a test message.
 * @param {string} path
 * @param {string} text
 */
function keeping(path, text) {
  const line = element("p", { className: "choices" });
  const button = element("button", { className: "button", text: words.keep, type: "button" });
  button.addEventListener("click", async () => {
    button.disabled = true;
    try {
      line.textContent = (await post(`${path}/test`, { text })).message;
    } catch (error) {
      line.append(element("span", { className: "soft", text: failure(error).message }));
    }
  });
  line.append(button);
  return line;
}

/** @param {Tried} tried */
function compared({ before, after }) {
  if (!after) return [element("p", { text: words.wrong })];
  if (before.join("\n") === after.join("\n")) return [element("p", { text: words.same }), ...lines(words.before, before)];
  return [...lines(words.before, before), ...lines(words.after, after)];
}

/**
 * @param {string | undefined} title
 * @param {string[]} said
 */
function lines(title, said) {
  return [element("h3", { text: title }), ...said.map((line) => element("p", { text: line }))];
}
