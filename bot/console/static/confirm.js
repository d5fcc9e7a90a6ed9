// Asks before a conversation goes back to the assistant: the citizen is told at once, so it cannot be taken back.

import { draft } from "./kept.js";
import { say } from "./words.js";

const dialog = document.getElementById("confirm");
const warning = document.getElementById("confirm-draft");
const closing = document.getElementById("confirm-close");

/** Whether the person confirmed. Replies on their way must arrive or be discarded first. */
export async function confirmClose(ticket, outbox) {
  const unsent = outbox.of(ticket.conversation).length > 0;
  warning.hidden = !unsent && !draft(ticket.conversation);
  warning.textContent = say(unsent ? "cerrar_pendientes" : "cerrar_borrador");
  closing.disabled = unsent;
  dialog.returnValue = "";
  dialog.showModal();
  await new Promise((resolve) => dialog.addEventListener("close", resolve, { once: true }));
  return dialog.returnValue === "close";
}
