/**
 * Finds the question that staff answered last: the citizen's last message that states a matter, and staff's answer to
 * it.
 */

/** @import { TranscriptEvent } from "./shapes.js" */

export class Exchange {
  question = "";

  answer = "";

  /** The citizen's message that staff have not answered yet; "" if it states none. */
  #asked = "";

  #going = false;

  /** @param {Pick<TranscriptEvent, "kind" | "author" | "text" | "matter">} event */
  said({ kind, author, text, matter }) {
    if (kind !== "message") return;
    if (author === "citizen") {
      if (matter) this.#asked = text;
      this.#going = false;
    } else if (author === "staff") this.#answered(text);
  }

  /** @param {string} text */
  #answered(text) {
    if (this.#asked) {
      this.question = this.#asked;
      this.answer = text;
      this.#asked = "";
      this.#going = true;
    } else if (this.#going) this.answer += `\n${text}`;
    else if (!this.question) this.answer = text;
  }
}
