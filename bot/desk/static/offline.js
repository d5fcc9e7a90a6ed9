/**
 * Keeps the page when a form is sent without a network: the browser would replace it with its own error, and what was
 * typed would be lost.
 */

const notice = document.querySelector("#offline");

document.addEventListener(
  "submit",
  (event) => {
    if (navigator.onLine || !(notice instanceof HTMLElement)) return;
    event.preventDefault();
    event.stopPropagation();
    notice.hidden = false;
  },
  { capture: true },
);
window.addEventListener("online", () => {
  if (notice instanceof HTMLElement) notice.hidden = true;
});
