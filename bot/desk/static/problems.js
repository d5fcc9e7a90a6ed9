/** Shows a banner of the errors in FAQ files: file, line, field, what is wrong and how to fix it. */

/** @import { FaqProblem } from "./shapes.js" */

import { byId, element, within } from "./elements.js";
import { say } from "./facts.js";

const banner = byId("problems");

/** @param {FaqProblem[]} problems */
export function showProblems(problems) {
  const count = problems.length;
  banner.hidden = count === 0;
  within(banner, "[data-words]").textContent = count === 1 ? say("problemas_uno") : say("problemas_varios", { n: count });
  within(banner, "ul").replaceChildren(...problems.map(item));
}

/** @param {FaqProblem} problem */
function item({ file, line, field, message, fix }) {
  const made = element("li");
  const place = [say("problema_lugar", { archivo: file, linea: line }), field && say("problema_campo", { campo: field })];
  made.append(element("p", { className: "file", text: place.filter(Boolean).join(" · ") }), element("p", { text: message }));
  if (fix) made.append(element("p", { text: say("problema_arreglo", { arreglo: fix }) }));
  return made;
}
