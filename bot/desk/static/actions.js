// What else may be done with the open conversation: pause, pass on, give back, note, take over. The menu and its dialogs.

import { announce } from "./alerts.js";
import { get, newId, post } from "./api.js";
import { sectionOf } from "./store.js";
import { element, facts, say } from "./words.js";

const $ = (id) => document.getElementById(id);
const menu = $("more");
const move = $("move");
const note = $("note");
const SHOWN = {
  snooze: ({ mine, ticket }) => mine && ticket.state === "claimed",
  wake: ({ mine, ticket }) => mine && ticket.state === "snoozed",
  move: ({ mine, theirs, waits }) => mine || theirs || waits,
  "take-over": ({ theirs }) => theirs,
  note: () => true,
};

export class Actions {
  #store;
  #ticket = null;

  /** `onTaken(id)` when this person got a ticket, `onRefused(words)` when something could not be done. */
  constructor(store, { onTaken, onRefused }) {
    this.#store = store;
    this.onTaken = onTaken;
    this.onRefused = onRefused;
    menu.addEventListener("click", (event) => this.#chosen(event.target.closest("[data-do]")?.dataset.do));
    document.addEventListener("click", (event) => menu.contains(event.target) || (menu.open = false));
    for (const dialog of [move, note]) {
      dialog.querySelector("[data-stay]").addEventListener("click", () => dialog.close(""));
      const go = dialog.querySelector('[value="go"]');
      dialog.addEventListener("keydown", (event) => event.key === "Enter" && event.ctrlKey && go.click());
    }
  }

  /** The open ticket, null when there is none or it is over. */
  show(ticket) {
    this.#ticket = ticket;
    menu.hidden = !ticket;
    if (!ticket) return;
    const mine = sectionOf(ticket) === "mine";
    const theirs = facts.reassign && sectionOf(ticket) === "others";
    const waits = facts.reassign && sectionOf(ticket) === "waiting";
    for (const button of menu.querySelectorAll("[data-do]")) button.hidden = !SHOWN[button.dataset.do]({ mine, theirs, waits, ticket });
  }

  /** Does one of the menu's things, if the menu offers it now: for the keyboard. */
  do(name) {
    if (this.#ticket && !menu.querySelector(`[data-do="${name}"]`).hidden) this.#chosen(name);
  }

  pauseOrGoOn() {
    this.do(this.#ticket?.state === "snoozed" ? "wake" : "snooze");
  }

  async takeNext() {
    if (this.taking) return;
    this.taking = true; // the live event about it may come first
    try {
      const { ticket } = await post("/next");
      if (!ticket) return announce(say("nadie_espera"));
      this.#store.put(ticket);
      this.onTaken(ticket.id);
    } catch (error) {
      this.onRefused(error.message);
    } finally {
      this.taking = false;
    }
  }

  #chosen(name) {
    if (!name) return;
    menu.open = false;
    const { id } = this.#ticket;
    if (name === "move") this.#move(id);
    else if (name === "note") this.#note(id);
    else if (name === "take-over") this.#change(id, "take-over", {}, () => this.onTaken(id));
    else this.#change(id, name);
  }

  async #change(id, what, body = {}, then = () => {}) {
    try {
      const { ticket } = await post(`/tickets/${id}/${what}`, body);
      if (ticket) this.#store.put(ticket);
      else if (ticket === null) this.#store.remove(id);
      then();
    } catch (error) {
      this.onRefused(error.message);
    }
  }

  async #note(id) {
    const form = note.querySelector("form");
    form.reset();
    if ((await asked(note)) && form.elements.text.value.trim()) this.#change(id, "notes", { note_id: newId(), text: form.elements.text.value });
  }

  async #move(id) {
    const form = move.querySelector("form");
    form.reset();
    await loadPlaces(form.elements.to);
    if (!(await asked(move))) return;
    const [kind, to] = form.elements.to.value.split(":");
    const text = form.elements.text.value.trim();
    const body = { [kind]: to, note: text ? { note_id: newId(), text } : null };
    this.#change(id, kind === "line" ? "release" : "move", body, () => announce(say("pasada")));
  }
}

/** Whether the dialog was confirmed. */
async function asked(dialog) {
  dialog.returnValue = "";
  dialog.showModal();
  await new Promise((resolve) => dialog.addEventListener("close", resolve, { once: true }));
  return dialog.returnValue === "go";
}

/** Where a ticket may go: who is there, with how much they have, the teams, the line it came from. */
async function loadPlaces(select) {
  const { agents, teams } = await get("/agents").catch(() => ({ agents: [], teams: [] }));
  const there = agents.filter(({ id, presence }) => id !== facts.staff && presence !== "away");
  const people = there.map(({ id, name, load, presence, languages }) => option(`staff:${id}`, [say(`persona_${presence}`, { nombre: name, n: load }), ...languages].join(" · ")));
  select.replaceChildren(
    option("line:", say("a_la_fila")),
    group(say("a_persona"), people),
    group(say("a_equipo"), teams.map(({ id, name }) => option(`team:${id}`, name))),
  );
}

function option(value, text) {
  return element("option", { value, text });
}

function group(label, options) {
  const made = element("optgroup", { label });
  made.append(...options);
  return options.length ? made : "";
}
