/**
 * Lists where a ticket can be moved: back to its queue, to an agent at the desk (with their load), or to a team. Those
 * who are away come last and cannot be chosen.
 */

/** @import { Colleague } from "./shapes.js" */

import { loadAgents } from "./api.js";
import { field } from "./dialogs.js";
import { element } from "./elements.js";
import { facts, say } from "./facts.js";
import { Newest } from "./newest.js";
import { noteId } from "./note_ids.js";

const newest = new Newest();

/**
 * Fills the list; returns whether it did, which it leaves to a later call if there was one meanwhile. Throws an ApiError if
 * the places cannot be loaded.
 * @param {HTMLSelectElement} select
 */
export async function loadPlaces(select) {
  const isNewest = newest.ask();
  const { agents, teams } = await loadAgents();
  if (!isNewest()) return false;
  const others = agents.filter(({ id }) => id !== facts.staff);
  const sorted = [...others.filter((one) => !isAway(one)), ...others.filter(isAway)];
  select.replaceChildren(
    option("", say("elige_a_quien")),
    option("line:", say("a_la_fila")),
    group(say("a_persona"), sorted.map(({ id, ...one }) => option(`staff:${id}`, personWords(one), isAway(one)))),
    group(say("a_equipo"), teams.map(({ id, name }) => option(`team:${id}`, name))),
  );
  return true;
}

/**
 * Reads the form of a moved ticket: the action, its body, and the text of the note.
 * @param {HTMLFormElement} form
 * @param {string} ticket
 */
export function chosenPlace(form, ticket) {
  const [kind, to] = field(form, "to").value.split(":");
  const text = field(form, "text").value.trim();
  const note = text ? { note_id: noteId(ticket, text), text } : null;
  return { what: kind === "line" ? "release" : "move", body: { [kind]: to, note }, text };
}

/** @param {Pick<Colleague, "presence">} person */
function isAway({ presence }) {
  return presence === "away";
}

/** @param {Pick<Colleague, "name" | "load" | "presence" | "languages">} person */
function personWords({ name, load, presence, languages }) {
  return [say(`persona_${presence}`, { nombre: name, n: load }), ...languages].join(" · ");
}

/**
 * @param {string} value
 * @param {string} text
 */
function option(value, text, disabled = false) {
  const made = element("option", { value, text });
  made.disabled = disabled;
  return made;
}

/**
 * @param {string} label
 * @param {HTMLElement[]} options
 */
function group(label, options) {
  const made = element("optgroup", { label });
  made.append(...options);
  return options.length ? made : "";
}
