/** Shows the agent's own figures of the day, loaded when the account menu opens. */

/** @import { Day } from "./shapes.js" */

import { loadDay } from "./api.js";
import { byId } from "./elements.js";
import { addFact } from "./fact_list.js";
import { say } from "./facts.js";

const IN_SECONDS_BELOW_S = 90;
const NONE = "–";
const account = byId("account", HTMLDetailsElement);
const list = byId("day");

account.addEventListener("toggle", async () => {
  if (!account.open) return;
  const figures = await loadDay().catch(() => null); // optional: the menu works without them
  if (figures) show(figures);
});

/** @param {Day} figures */
function show({ taken, closed, first_answer_s: firstS, mean, opinions }) {
  list.replaceChildren();
  addFact(list, say("dia_tomadas"), String(taken));
  addFact(list, say("dia_cerradas"), String(closed));
  addFact(list, say("dia_primera"), firstS === null ? NONE : duration(firstS));
  addFact(list, say("dia_opiniones"), mean === null ? NONE : say("dia_nota", { nota: String(mean).replace(".", ","), n: opinions }));
}

/** @param {number} seconds */
function duration(seconds) {
  return seconds < IN_SECONDS_BELOW_S ? say("segundos", { n: seconds }) : say("minutos", { n: Math.round(seconds / 60) });
}
