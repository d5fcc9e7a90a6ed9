/** Closes an open menu of the frame with Escape or by a click beside it; without JavaScript its button closes it. */

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
