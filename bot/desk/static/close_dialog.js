/** Asks, before a conversation is closed, how it ended, its topic, and whether the FAQ lacks an entry. */

/** @import { Ticket } from "./shapes.js" */
/** @import { Outbox } from "./outbox.js" */

import { closeTicket, loadQuestions, loadTopics } from "./api.js";
import { answerOf, field } from "./dialogs.js";
import { button, byId, element, within } from "./elements.js";
import { say } from "./facts.js";
import { failure } from "./http.js";
import { KeptForms } from "./kept_forms.js";
import { Newest } from "./newest.js";
import { draft } from "./tab_storage.js";
import { goesOn } from "./unanswered.js";

const dialog = byId("confirm", HTMLDialogElement);
const form = within(dialog, "form", HTMLFormElement);
const warning = byId("confirm-draft");
const closing = byId("confirm-close", HTMLButtonElement);
const topics = byId("topics");
const topic = byId("topic", HTMLInputElement);
const near = byId("topic-chips");
const missing = within(form, "[name=missing]", HTMLInputElement);
const question = within(form, "[name=question]", HTMLTextAreaElement);
const lacking = byId("lacking");

const LOOK_EVERY_MS = 300;

const begun = new KeptForms(); // an agent who goes back to answer finds the form as they left it
const newest = new Newest(); // only the newest topics belong to the open dialog

byId("confirm-stay").addEventListener("click", () => dialog.close(""));
missing.addEventListener("change", () => showLacking());
topic.addEventListener("input", markTopic);

/**
 * Returns the closing form, or null if the agent cancels. Closing cannot be undone and the citizen gets a notice, so
 * unsent replies must be sent or discarded first.
 * @param {Ticket} ticket
 * @param {Outbox} outbox
 * @param {{ question: string, answer: string }} exchange What the citizen asked last and staff answered.
 */
export async function confirmClose(ticket, outbox, { question: asked, answer }) {
  const showUnsent = () => {
    const unsent = outbox.of(ticket.conversation).length > 0;
    warning.hidden = !unsent && !draft(ticket.conversation);
    warning.textContent = say(unsent ? "cerrar_pendientes" : "cerrar_borrador");
    closing.disabled = unsent;
  };
  showUnsent();
  const looking = setInterval(showUnsent, LOOK_EVERY_MS); // a reply may be on its way while the dialog is open
  form.reset();
  begun.fillIn(ticket.id, form);
  if (!missing.checked) propose(asked || ticket.matter, answer);
  showLacking();
  loadAllTopics();
  showNear(ticket.id);
  const chosen = await answerOf(dialog);
  clearInterval(looking);
  begun.keep(ticket.id, form);
  return chosen === "close" ? formValues() : null;
}

/**
 * Proposes the entry that the FAQ lacks.
 * @param {string} asked
 * @param {string} answer
 */
function propose(asked, answer) {
  question.value = asked.replace(/\s+/g, " ").slice(0, question.maxLength);
  field(form, "draft").value = answer;
}

/**
 * Closes the ticket; returns false if the agent goes back to answer. Shows the citizen's unanswered messages first, and
 * again if newer ones arrive.
 * @param {string} ticket
 * @param {object} said The closing form that confirmClose returned.
 */
export async function sendClose(ticket, said) {
  for (let newest = ""; ; ) {
    try {
      await closeTicket(ticket, { ...said, closing_over: newest });
      begun.drop(ticket);
      return true;
    } catch (error) {
      const refused = failure(error);
      if (refused.code !== "citizen_writes") throw error;
      const what = { follows: say("sin_respuesta_detalle"), does: say("sin_respuesta_cerrar") };
      if (!(await goesOn(refused.message, what))) return false;
      newest = refused.newest;
    }
  }
}

function formValues() {
  const value = (/** @type {string} */ name) => field(form, name).value;
  const lacks = missing.checked ? { question: question.value, draft: value("draft") } : null;
  return { outcome: value("outcome"), topic: value("topic"), summary: value("summary"), missing: lacks };
}

function showLacking() {
  lacking.hidden = !missing.checked;
  question.required = missing.checked;
}

/**
 * Offers the topics that the ticket is probably about.
 * @param {string} ticket
 */
async function showNear(ticket) {
  near.hidden = true;
  const isNewest = newest.ask();
  const { questions } = await loadTopics(ticket).catch(() => ({ questions: [] })); // optional: the topic can be written
  if (!isNewest()) return;
  near.replaceChildren(...questions.map((words) => button({ className: "topic-chip", text: words, "aria-pressed": "false" }, () => chooseTopic(words))));
  near.hidden = !questions.length;
}

/** @param {string} words */
function chooseTopic(words) {
  topic.value = topic.value === words ? "" : words;
  markTopic();
}

function markTopic() {
  for (const chip of near.querySelectorAll("button")) chip.setAttribute("aria-pressed", String(chip.textContent === topic.value));
}

async function loadAllTopics() {
  if (topics.children.length) return;
  const { questions } = await loadQuestions().catch(() => ({ questions: [] })); // optional: the topic can be free text
  topics.replaceChildren(...questions.map((value) => element("option", { value })));
}
