/** Makes the button that reveals the typed password work; without JavaScript it stays hidden. */

for (const button of document.querySelectorAll(".reveal")) {
  if (button instanceof HTMLElement) makeWork(button);
}

/** @param {HTMLElement} button */
function makeWork(button) {
  const input = document.getElementById(button.getAttribute("aria-controls") ?? "");
  if (!(input instanceof HTMLInputElement)) return;
  button.hidden = false;
  button.addEventListener("click", () => {
    const show = input.type === "password";
    input.type = show ? "text" : "password";
    button.setAttribute("aria-pressed", String(show));
    button.textContent = (show ? button.dataset.hide : button.dataset.show) ?? "";
  });
}
