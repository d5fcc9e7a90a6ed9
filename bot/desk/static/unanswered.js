/** Asks whether to do something although the citizen wrote and nobody replied. */

import { answerOf } from "./dialogs.js";
import { byId, within } from "./elements.js";

const dialog = byId("unanswered", HTMLDialogElement);
const words = byId("unanswered-words");
const detail = byId("unanswered-detail");
const go = within(dialog, '[value="go"]');

/**
 * Returns whether the agent goes on.
 * @param {string} said What the citizen wrote.
 * @param {{ follows: string, does: string }} what What follows if the agent goes on, and the name of the button.
 */
export async function goesOn(said, { follows, does }) {
  words.textContent = said;
  detail.textContent = follows;
  go.textContent = does;
  return (await answerOf(dialog)) === "go";
}
