/** Shows and changes the agent's presence, which the server stores, and ends their shift. */

import { announce } from "./alerts.js";
import { setPresence } from "./api.js";
import { byId, within } from "./elements.js";
import { say } from "./facts.js";
import { failure } from "./http.js";

const select = byId("availability", HTMLSelectElement);
const mark = byId("account");
const end = byId("shift-end");
const dialog = byId("shift", HTMLDialogElement);
const away = byId("away");

/** @param {string} presence */
export function showAvailability(presence) {
  select.value = presence;
  mark.dataset.presence = presence;
  away.hidden = presence !== "away";
}

/** @param {{ presence: string, hand_over?: boolean }} change */
async function tell(change) {
  try {
    const { presence, handed_over: count } = await setPresence(change);
    showAvailability(presence);
    announce(change.hand_over ? say("turno_terminado", { n: count ?? 0 }) : select.selectedOptions[0].text);
  } catch (error) {
    showAvailability(mark.dataset.presence ?? "");
    announce(failure(error).message);
  }
}

select.addEventListener("change", () => tell({ presence: select.value }));
within(away, "button").addEventListener("click", () => tell({ presence: "available" }));
end.addEventListener("click", () => dialog.showModal());
dialog.addEventListener("close", () => dialog.returnValue === "go" && tell({ presence: "away", hand_over: true }));
