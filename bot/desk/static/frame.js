/**
 * Closes an open menu of the frame with Escape or by a click beside it; without JavaScript its button closes it. Shows
 * the current page of the menu at the left, which a low window cuts.
 */

import "./expiry.js";
import "./offline.js";

const menus = document.querySelectorAll(".top details");

document.addEventListener("click", ({ target }) => {
  for (const menu of menus) if (!(target instanceof Node && menu.contains(target))) menu.removeAttribute("open");
});
document.addEventListener("keydown", ({ key }) => {
  const open = document.querySelector(".top details[open]");
  if (key !== "Escape" || !open) return;
  open.removeAttribute("open");
  open.querySelector("summary")?.focus();
});

const rail = document.querySelector(".rail .pages");
const current = rail?.querySelector("[aria-current]");
if (rail && current instanceof HTMLElement) rail.scrollTop = current.offsetTop - rail.clientHeight / 2;
