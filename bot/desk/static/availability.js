/** Shows and changes the agent's presence, which the server stores, and ends their shift. */

/** @import { PresenceAnswer } from "./shapes.js" */

import { announce } from "./alerts.js";
import { setPresence } from "./api.js";
import { answerOf } from "./dialogs.js";
import { byId, within } from "./elements.js";
import { say } from "./facts.js";
import { failure } from "./http.js";

const select = byId("availability", HTMLSelectElement);
const mark = byId("account");
const end = byId("shift-end");
const dialog = byId("shift", HTMLDialogElement);
const away = byId("away");

/** Increases when the agent changes the presence and when the server has answered: what was asked before is outdated. */
let changes = 0;

/**
 * Shows the presence that a heartbeat tells, unless the agent has changed it since the heartbeat was sent.
 * @param {Promise<PresenceAnswer | null>} beat
 */
export async function showTold(beat) {
  const before = changes;
  const answer = await beat.catch(() => null);
  if (answer && before === changes) show(answer.presence);
}

/** @param {string} presence */
function show(presence) {
  select.value = presence;
  mark.dataset.presence = presence;
  away.hidden = presence !== "away";
}

/** @param {{ presence: string, hand_over?: boolean }} change */
async function tell(change) {
  changes++;
  try {
    const { presence, handed_over: count } = await setPresence(change);
    show(presence);
    announce(change.hand_over ? say("turno_terminado", { n: count ?? 0 }) : select.selectedOptions[0].text);
  } catch (error) {
    show(mark.dataset.presence ?? "");
    announce(failure(error).message);
  }
  changes++;
}

async function endShift() {
  if ((await answerOf(dialog)) === "go") await tell({ presence: "away", hand_over: true });
}

select.addEventListener("change", () => tell({ presence: select.value }));
within(away, "button").addEventListener("click", () => tell({ presence: "available" }));
end.addEventListener("click", endShift);
