/** Shows the assistant's answers that wait for an agent's approval; reloads them whenever one is added or decided. */

/** @import { PendingApproval, ProposalChange } from "./shapes.js" */

import { alertTo, announce } from "./alerts.js";
import { decide, loadProposals } from "./api.js";
import { allWithin, byId, copyOf, setSafeHtml, within } from "./elements.js";
import { facts, say } from "./facts.js";
import { failure } from "./http.js";
import { now } from "./times.js";

const TICK_MS = 500;
const REFUSAL_MS = 8000;
const SECOND_MS = 1000;

/** The list's element; null if the agency does not use approvals. */
const group = document.getElementById("proposals");

/** @type {ReturnType<typeof setTimeout> | undefined} */
let forgetting;

export class Proposals {
  /** @type {Map<string, { proposal: PendingApproval, item: HTMLElement }>} */
  #items = new Map();

  /** @type {Promise<void>} The last load: the next one waits for it, so that an older list does not replace a newer one. */
  #loads = Promise.resolve();

  /** @param {{ onTaken: (conversation: string) => void }} acts `onTaken` is called when this agent takes over an answer. */
  constructor({ onTaken }) {
    this.onTaken = onTaken;
    if (group) setInterval(() => this.#tick(), TICK_MS);
  }

  load() {
    this.#loads = this.#loads.catch(() => {}).then(() => this.#loadNow());
    return this.#loads;
  }

  async #loadNow() {
    if (!group) return;
    const answer = await loadProposals().catch(() => null); // without permission, or retried at the next change
    if (answer) this.#show(answer.proposals, group);
  }

  /**
   * Handles a live event: a new pending answer (`decision` is ""), or a decision about one.
   * @param {ProposalChange} change
   */
  async changed({ id, decision, by }) {
    if (!group) return;
    const known = this.#items.has(id);
    if (decision && known) {
      this.#remove(id);
      if (by !== facts.me) announce(say(`propuesta_${decision}`, { nombre: by }));
    }
    await this.load();
    const fresh = this.#items.get(id);
    if (!decision && !known && fresh) alertTo(`p${id}`, say("propuesta_nueva", { pregunta: fresh.proposal.questions[0] }));
  }

  /**
   * @param {PendingApproval[]} proposals
   * @param {HTMLElement} place
   */
  #show(proposals, place) {
    const wanted = new Set(proposals.map(({ id }) => id));
    for (const id of this.#items.keys()) if (!wanted.has(id)) this.#remove(id);
    for (const proposal of proposals) if (!this.#items.has(proposal.id)) this.#add(proposal, place);
    this.#count();
  }

  /**
   * @param {PendingApproval} proposal
   * @param {HTMLElement} place
   */
  #add(proposal, place) {
    const item = copyOf(byId("proposal-template", HTMLTemplateElement));
    item.dataset.proposal = proposal.id;
    within(item, ".asked").textContent = proposal.words;
    setSafeHtml(within(item, ".answer"), proposal.html);
    within(item, ".sure").textContent = proposal.questions.join(" · ");
    within(item, ".channel").textContent = proposal.channel_words;
    for (const one of allWithin(item, "[data-decide]")) {
      one.addEventListener("click", () => this.#decide(proposal, one.dataset.decide ?? ""));
    }
    within(place, "ul").append(item);
    this.#items.set(proposal.id, { proposal, item });
    this.#tick();
  }

  /**
   * @param {PendingApproval} proposal
   * @param {string} decision
   */
  async #decide(proposal, decision) {
    const buttons = this.#items.get(proposal.id)?.item.querySelectorAll("button") ?? [];
    buttons.forEach((one) => (one.disabled = true));
    try {
      await decide(proposal.id, decision);
      this.#remove(proposal.id);
      if (decision === "take-over") this.onTaken(proposal.conversation);
      else announce(say(decision === "approve" ? "propuesta_approved" : "propuesta_rejected", { nombre: say("tu") }));
    } catch (error) {
      const { code, message } = failure(error);
      buttons.forEach((one) => (one.disabled = false));
      if (code === "decided") this.#remove(proposal.id);
      refuse(message);
    }
  }

  /**
   * Removes a pending answer; if it had the focus, focuses the next one or the list of tickets.
   * @param {string} id
   */
  #remove(id) {
    const known = this.#items.get(id);
    if (!known) return;
    const focused = known.item.contains(document.activeElement);
    known.item.remove();
    this.#items.delete(id);
    this.#count();
    if (focused) (group?.querySelector("button") ?? byId("board")).focus();
  }

  #count() {
    if (!group) return;
    group.hidden = this.#items.size === 0;
    within(group, ".count").textContent = String(this.#items.size);
  }

  #tick() {
    for (const { proposal, item } of this.#items.values()) {
      const left = Math.ceil((proposal.due - now()) / SECOND_MS);
      within(item, ".left").textContent = left > 0 ? say("propuesta_falta", { n: left }) : say("propuesta_sale");
    }
  }
}

/**
 * Shows above the list, for REFUSAL_MS, why a decision failed; for example, another agent was faster.
 * @param {string} words
 */
function refuse(words) {
  const refusal = byId("proposal-refusal");
  clearTimeout(forgetting);
  refusal.textContent = words;
  refusal.hidden = false;
  forgetting = setTimeout(() => (refusal.hidden = true), REFUSAL_MS);
}
