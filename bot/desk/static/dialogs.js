/** Opens a dialog and waits for its answer. */

/**
 * Shows the dialog and returns the value it was closed with; "" if it was cancelled.
 * @param {HTMLDialogElement} dialog
 */
export async function answerOf(dialog) {
  dialog.returnValue = "";
  dialog.showModal();
  await new Promise((resolve) => dialog.addEventListener("close", resolve, { once: true }));
  return dialog.returnValue;
}

/**
 * Returns a form's field by its name; throws if there is none.
 * @param {HTMLFormElement} form
 * @param {string} name
 * @returns {{ value: string }}
 */
export function field(form, name) {
  const found = form.elements.namedItem(name);
  if (found === null || !("value" in found)) throw new Error(`the form has no ${name}`);
  return found;
}
