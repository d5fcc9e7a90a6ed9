/** Opens a dialog and waits for its answer. */

/**
 * What cancels the answer that each open dialog waits for.
 * @type {WeakMap<HTMLDialogElement, () => void>}
 */
const cancels = new WeakMap();

/**
 * Shows the dialog and returns the value it was closed with; "" if it was cancelled. A dialog may be shown again before
 * the browser tells that it was closed: the close event is then the first answer's, and the second waits for its own.
 * @param {HTMLDialogElement} dialog
 * @returns {Promise<string>}
 */
export function answerOf(dialog) {
  cancels.get(dialog)?.();
  dialog.returnValue = "";
  dialog.showModal();
  return new Promise((resolve) => {
    const onClose = () => dialog.open || end(dialog.returnValue);
    const end = (/** @type {string} */ answer) => {
      dialog.removeEventListener("close", onClose);
      cancels.delete(dialog);
      resolve(answer);
    };
    cancels.set(dialog, () => end(""));
    dialog.addEventListener("close", onClose);
  });
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
