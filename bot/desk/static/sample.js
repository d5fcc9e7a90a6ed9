/** Judges the shown answer with the keys 1, 2 and 3, which press the buttons in their order. */

document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.altKey || event.metaKey || event.repeat) return;
  const button = document.querySelector(`[aria-keyshortcuts="${CSS.escape(event.key)}"]`);
  if (button instanceof HTMLButtonElement) button.click();
});
