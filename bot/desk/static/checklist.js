/** Saves the steps of a notice's checklist one by one, each as soon as it is ticked or unticked. */

/**
 * Saves each change of the form's steps without leaving the page, on which somebody may be writing, in the order in
 * which they were made. If a step cannot be saved, the form is sent.
 */
export class Checklist {
  #form;

  /** @type {Promise<unknown>} */
  #saved = Promise.resolve();

  /** @type {Set<URLSearchParams>} Those that are not sent yet. */
  #waiting = new Set();

  /** @param {HTMLFormElement} form */
  constructor(form) {
    this.#form = form;
    form.addEventListener("change", ({ target }) => target instanceof HTMLInputElement && this.save(target));
    window.addEventListener("pagehide", () => this.#leave());
  }

  /**
   * The other steps are not sent: somebody else may have ticked them since this page was loaded.
   * @param {HTMLInputElement} box
   */
  save(box) {
    const { checked, value } = box;
    const others = [...new FormData(this.#form)].filter(([name]) => name !== "paso" && name !== "visto");
    const fields = new URLSearchParams([...others, [checked ? "paso" : "visto", value]].map(([name, one]) => [name, String(one)]));
    this.#waiting.add(fields);
    this.#saved = this.#saved.then(async () => {
      if (!this.#waiting.delete(fields)) return;
      if (await this.#send(fields)) return this.#see(value, checked);
      this.#waiting.clear(); // the form contains them
      this.#see(value, !box.checked);
      this.#form.requestSubmit();
    });
  }

  /**
   * Returns whether it was saved; if the session has ended, the answer is the page on which one signs in.
   * @param {URLSearchParams} fields
   */
  async #send(fields) {
    const options = { method: "POST", body: fields, keepalive: true }; // leaving the page does not cancel it
    const answer = await fetch(this.#form.action, options).catch(() => null);
    return Boolean(answer?.ok) && new URL(String(answer?.url)).pathname === location.pathname;
  }

  /** Sends at once what still waits for an answer to an earlier change. */
  #leave() {
    for (const fields of this.#waiting) void this.#send(fields);
    this.#waiting.clear();
  }

  /**
   * Makes the form state whether this page shows the step as done: of the steps that it sends ticked, only those not
   * seen as done are saved, and of those not ticked, only those seen as done are undone.
   * @param {string} step
   * @param {boolean} done
   */
  #see(step, done) {
    const seen = [...this.#form.querySelectorAll("input[name=visto]")];
    for (const one of seen) if (one instanceof HTMLInputElement && one.value === step) one.remove();
    if (done) this.#form.append(Object.assign(document.createElement("input"), { type: "hidden", name: "visto", value: step }));
  }
}
