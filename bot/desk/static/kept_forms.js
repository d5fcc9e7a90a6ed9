/** Keeps in memory what was filled in in a form about a ticket, until it has done its work: nobody fills it in twice. */

/** @typedef {{ value: string, checked: boolean }} Filled */

export class KeptForms {
  /** @type {Map<string, Filled[]>} What each field held, by ticket. */
  #kept = new Map();

  /**
   * @param {string} ticket
   * @param {{ elements: Iterable<any> }} form
   */
  keep(ticket, form) {
    this.#kept.set(ticket, fields(form).map(({ value, checked }) => ({ value, checked })));
  }

  /**
   * Fills in what was kept for the ticket; leaves the form as it is if nothing was.
   * @param {string} ticket
   * @param {{ elements: Iterable<any> }} form
   */
  fillIn(ticket, form) {
    const kept = this.#kept.get(ticket);
    if (!kept) return;
    fields(form).forEach((control, place) => {
      control.value = kept[place].value;
      if ("checked" in control) control.checked = kept[place].checked;
    });
  }

  /** @param {string} ticket */
  drop(ticket) {
    this.#kept.delete(ticket);
  }
}

/**
 * Returns the controls that are filled in: those with a name. Buttons come and go.
 * @param {{ elements: Iterable<any> }} form
 */
function fields(form) {
  return [...form.elements].filter(({ name }) => name);
}
