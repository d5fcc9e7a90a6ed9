// The banner about FAQ files with errors: file, line, field, what is wrong and how to fix it.

import { element, say } from "./words.js";

const banner = document.getElementById("problems");

export function showProblems(problems) {
  banner.hidden = problems.length === 0;
  banner.querySelector("[data-words]").textContent = problems.length === 1 ? say("problemas_uno") : say("problemas_varios", { n: problems.length });
  banner.querySelector("ul").replaceChildren(...problems.map(item));
}

function item({ file, line, field, message, fix }) {
  const made = element("li");
  const place = [say("problema_lugar", { archivo: file, linea: line }), field && say("problema_campo", { campo: field })];
  made.append(element("p", { className: "file", text: place.filter(Boolean).join(" · ") }), element("p", { text: message }));
  if (fix) made.append(element("p", { text: say("problema_arreglo", { arreglo: fix }) }));
  return made;
}
