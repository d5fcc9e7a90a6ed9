// Whether this person takes conversations now, and the end of their shift. Kept by the server, shown on their picture.

import { announce } from "./alerts.js";
import { post } from "./api.js";
import { say } from "./words.js";

const select = document.getElementById("availability");
const mark = document.getElementById("account");
const end = document.getElementById("shift-end");
const dialog = document.getElementById("shift");
const away = document.getElementById("away");

export function showAvailability(presence) {
  select.value = presence;
  mark.dataset.presence = presence;
  away.hidden = presence !== "away";
}

async function tell(body) {
  try {
    const { presence, handed_over } = await post("/presence", body);
    showAvailability(presence);
    announce(body.hand_over ? say("turno_terminado", { n: handed_over }) : select.selectedOptions[0].text);
  } catch (error) {
    showAvailability(mark.dataset.presence);
    announce(error.message);
  }
}

select.addEventListener("change", () => tell({ presence: select.value }));
away.querySelector("button").addEventListener("click", () => tell({ presence: "available" }));
end.addEventListener("click", () => dialog.showModal());
dialog.addEventListener("close", () => dialog.returnValue === "go" && tell({ presence: "away", hand_over: true }));
