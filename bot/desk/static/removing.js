/** Removes a message of the open conversation, after a confirmation; the transcript then says so. */

import { announce } from "./alerts.js";
import { removeMessage } from "./api.js";
import { answerOf } from "./dialogs.js";
import { byId } from "./elements.js";
import { say } from "./facts.js";
import { failure } from "./http.js";

const dialog = byId("remove", HTMLDialogElement);
const lines = byId("lines");

/**
 * Listens to the buttons of the transcript.
 * @param {{ ticket: () => string | undefined, onRefused: (words: string, id: string) => void, onDone: (id: string) => void }} acts
 */
export function listenToRemoving({ ticket, onRefused, onDone }) {
  lines.addEventListener("remove-message", async (event) => {
    const id = ticket();
    if (!id || !(event instanceof CustomEvent) || (await answerOf(dialog)) !== "go") return;
    try {
      const { complaints, at_once: atOnce } = await removeMessage(id, event.detail);
      const done = say(atOnce ? "eliminar_hecho" : "eliminar_despues");
      const words = complaints.length ? `${done} ${say("eliminar_queda", { numeros: complaints.join(", ") })}` : done;
      if (atOnce) announce(words);
      else onRefused(words, id); // visible, too, since the message is still there
      onDone(id);
    } catch (error) {
      onRefused(failure(error).message, id);
    }
  });
}

/** @param {boolean} mine Whether this agent attends the conversation, so that the buttons show. */
export function showRemoving(mine) {
  lines.classList.toggle("mine", mine);
}
