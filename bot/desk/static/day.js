// One's own figures of the day, read when the account's menu opens.

import { get } from "./api.js";
import { addFact } from "./transcript.js";
import { say } from "./words.js";

const account = document.getElementById("account");
const list = document.getElementById("day");

account.addEventListener("toggle", async () => {
  if (!account.open) return;
  const figures = await get("/day").catch(() => null); // a nicety: the menu does without
  if (!figures) return;
  list.replaceChildren();
  addFact(list, say("dia_tomadas"), String(figures.taken));
  addFact(list, say("dia_cerradas"), String(figures.closed));
  addFact(list, say("dia_primera"), figures.first_answer_s === null ? "–" : duration(figures.first_answer_s));
  addFact(list, say("dia_opiniones"), figures.mean === null ? "–" : say("dia_nota", { nota: String(figures.mean).replace(".", ","), n: figures.opinions }));
});

function duration(seconds) {
  return seconds < 90 ? say("segundos", { n: seconds }) : say("minutos", { n: Math.round(seconds / 60) });
}
