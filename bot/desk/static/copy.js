/** Makes the `data-copy` buttons copy a text field and then show that it was copied; without JavaScript they are hidden. */

for (const button of document.querySelectorAll("[data-copy]")) {
  if (button instanceof HTMLElement) makeWork(button);
}

/** @param {HTMLElement} button */
function makeWork(button) {
  const field = document.getElementById(button.dataset.copy ?? "");
  if (!(field instanceof HTMLInputElement || field instanceof HTMLTextAreaElement)) return;
  button.hidden = false;
  button.addEventListener("click", async () => {
    field.select();
    // navigator.clipboard is missing on plain http, as in an office network
    if (navigator.clipboard) await navigator.clipboard.writeText(field.value);
    else document.execCommand("copy");
    button.textContent = button.dataset.done ?? "";
  });
}
