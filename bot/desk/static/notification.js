/** Shows browser notifications, if the agent has allowed them and not turned them off at the desk. */

const NOTICES = "ventanilla.notices";
const title = document.title;

/**
 * Shows a browser notification that opens the ticket, if allowed and the page is hidden; never with a citizen's words.
 * @param {string} words
 * @param {string} ticket The ticket's id; '' for none.
 */
export function notify(words, ticket) {
  if (!document.hidden || !notifying()) return;
  const notice = new Notification(title, { body: words, tag: `ventanilla-${ticket}`, icon: "/desk/static/mark.svg" });
  notice.addEventListener("click", () => {
    window.focus();
    if (ticket) location.assign(`/desk#/t/${ticket}`);
    notice.close();
  });
}

export function notifying() {
  return "Notification" in window && Notification.permission === "granted" && localStorage.getItem(NOTICES) !== "off";
}

/** @param {boolean} on */
export function keepNotifying(on) {
  localStorage.setItem(NOTICES, on ? "on" : "off");
}
