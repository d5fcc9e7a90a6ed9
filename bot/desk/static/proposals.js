// «Por confirmar»: answers of the assistant that wait a few seconds for somebody's OK. Read again whenever one comes or goes.

import { announce, arrived } from "./alerts.js";
import { get, post } from "./api.js";
import { element, facts, now, say } from "./words.js";

const TICK_MS = 500;
const REFUSAL_MS = 8000;
const group = document.getElementById("proposals");
const template = document.getElementById("proposal-template");
const refusal = document.getElementById("proposal-refusal");
let forgetting = null;

export class Proposals {
  #items = new Map();

  /** `onTaken(conversation)` when this person attends the citizen instead. */
  constructor({ onTaken }) {
    this.onTaken = onTaken;
    if (group) setInterval(() => this.#tick(), TICK_MS);
  }

  async load() {
    if (!group) return;
    const answer = await get("/proposals").catch(() => null); // who may not answer has none; the rest comes with the next one
    if (answer) this.#show(answer.proposals);
  }

  /** One began to wait (`decision` is ""), or somebody decided. */
  async changed({ id, decision, by }) {
    if (!group) return;
    const known = this.#items.get(id);
    if (decision && known) {
      this.#remove(id);
      if (by !== facts.me) announce(say(`propuesta_${decision}`, { nombre: by }));
    }
    await this.load();
    const fresh = !decision && !known && this.#items.get(id);
    if (fresh) arrived({ id: `p${id}` }, say("propuesta_nueva", { pregunta: fresh.proposal.questions[0] }));
  }

  #show(proposals) {
    const wanted = new Set(proposals.map(({ id }) => id));
    for (const id of this.#items.keys()) if (!wanted.has(id)) this.#remove(id);
    for (const proposal of proposals) if (!this.#items.has(proposal.id)) this.#add(proposal);
    this.#count();
  }

  #add(proposal) {
    const item = template.content.firstElementChild.cloneNode(true);
    item.dataset.proposal = proposal.id;
    item.querySelector(".asked").textContent = proposal.words;
    item.querySelector(".answer").innerHTML = proposal.html; // made safe by the server
    item.querySelector(".sure").textContent = proposal.questions.join(" · ");
    item.querySelector(".channel").textContent = proposal.channel_words;
    for (const button of item.querySelectorAll("[data-decide]")) {
      button.addEventListener("click", () => this.#decide(proposal, button.dataset.decide));
    }
    group.querySelector("ul").append(item);
    this.#items.set(proposal.id, { proposal, item });
    this.#tick();
  }

  async #decide(proposal, what) {
    const known = this.#items.get(proposal.id);
    const buttons = known.item.querySelectorAll("button");
    buttons.forEach((button) => (button.disabled = true));
    try {
      await post(`/proposals/${proposal.id}/${what}`);
      this.#remove(proposal.id);
      if (what === "take-over") this.onTaken(proposal.conversation);
      else announce(say(what === "approve" ? "propuesta_approved" : "propuesta_rejected", { nombre: say("tu") }));
    } catch (error) {
      buttons.forEach((button) => (button.disabled = false));
      if (error.code === "decided") this.#remove(proposal.id);
      refuse(error.message);
    }
  }

  /** Takes it away; the focus, if it was there, goes on to the next one or to the list. */
  #remove(id) {
    const known = this.#items.get(id);
    if (!known) return;
    const focused = known.item.contains(document.activeElement);
    known.item.remove();
    this.#items.delete(id);
    this.#count();
    if (focused) (group.querySelector("button") ?? document.getElementById("board")).focus();
  }

  #count() {
    group.hidden = this.#items.size === 0;
    group.querySelector(".count").textContent = this.#items.size;
  }

  #tick() {
    for (const { proposal, item } of this.#items.values()) {
      const left = Math.ceil((proposal.due - now()) / 1000);
      item.querySelector(".left").textContent = left > 0 ? say("propuesta_falta", { n: left }) : say("propuesta_sale");
    }
  }
}

/** Says above the list what could not be done, such as that somebody was faster; for a moment. */
function refuse(words) {
  clearTimeout(forgetting);
  refusal.textContent = words;
  refusal.hidden = false;
  forgetting = setTimeout(() => (refusal.hidden = true), REFUSAL_MS);
}
