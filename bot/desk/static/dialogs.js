/** Asks in a dialog, and waits for how it was closed. */

/**
 * The value it was closed with; "" when it was left.
 * @param {HTMLDialogElement} dialog
 */
export async function answerOf(dialog) {
  dialog.returnValue = "";
  dialog.showModal();
  await new Promise((resolve) => dialog.addEventListener("close", resolve, { once: true }));
  return dialog.returnValue;
}

/**
 * A form's text field by its name.
 * @param {HTMLFormElement} form
 * @param {string} name
 * @returns {{ value: string }}
 */
export function field(form, name) {
  const found = form.elements.namedItem(name);
  if (found === null || !("value" in found)) throw new Error(`the form has no ${name}`);
  return found;
}
