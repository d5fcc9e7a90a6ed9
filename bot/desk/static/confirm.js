// Closing: how it ended, about what, in a line for whoever attends them next, and whether the FAQ lacked it. Asked first, since the citizen is told at once and it
// cannot be taken back.

import { get } from "./api.js";
import { draft } from "./kept.js";
import { element, say } from "./words.js";

const dialog = document.getElementById("confirm");
const form = dialog.querySelector("form");
const warning = document.getElementById("confirm-draft");
const closing = document.getElementById("confirm-close");
const topics = document.getElementById("topics");
const lacks = form.elements.missing;
const lacking = document.getElementById("lacking");

document.getElementById("confirm-stay").addEventListener("click", () => dialog.close(""));
lacks.addEventListener("change", () => showLacking());

/** What the person says of the attention, or null when they go on with it. Replies on their way must arrive or be
 *  discarded first. `answered` is the last thing they wrote to the citizen. */
export async function confirmClose(ticket, outbox, answered) {
  const unsent = outbox.of(ticket.conversation).length > 0;
  warning.hidden = !unsent && !draft(ticket.conversation);
  warning.textContent = say(unsent ? "cerrar_pendientes" : "cerrar_borrador");
  closing.disabled = unsent;
  form.reset();
  form.elements.question.value = ticket.summary.replace(/\s+/g, " ").slice(0, form.elements.question.maxLength);
  form.elements.draft.value = answered;
  showLacking();
  loadTopics();
  dialog.returnValue = "";
  dialog.showModal();
  await new Promise((resolve) => dialog.addEventListener("close", resolve, { once: true }));
  return dialog.returnValue === "close" ? said() : null;
}

function said() {
  const { outcome, topic, summary, question, draft } = form.elements;
  const missing = lacks.checked ? { question: question.value, draft: draft.value } : null;
  return { outcome: outcome.value, topic: topic.value, summary: summary.value, missing };
}

function showLacking() {
  lacking.hidden = !lacks.checked;
  form.elements.question.required = lacks.checked;
}

async function loadTopics() {
  if (topics.children.length) return;
  const { questions } = await get("/questions").catch(() => ({ questions: [] })); // free words do without
  topics.replaceChildren(...questions.map((value) => element("option", { value })));
}
