/** The area below the transcript: suggestions, the "/" picker, and the box for replies and notes. */

/** @import { FaqEntry, Ticket } from "./shapes.js" */
/** @import { Acts } from "./composer.js" */

import { Composer } from "./composer.js";
import { Picker } from "./picker.js";
import { Suggestions } from "./suggestions.js";

export class ReplyArea {
  /** Whether this agent writes a note on a ticket that they do not have. */
  #noting = false;

  /** @param {Acts & { onSendEntry: (entry: FaqEntry) => void }} acts */
  constructor({ onSendEntry, ...acts }) {
    this.suggestions = new Suggestions({ onSend: onSendEntry, onInsert: ({ text }) => this.composer.insert(text) });
    this.picker = new Picker({ onSend: onSendEntry, onInsert: (text) => this.composer.insert(text) });
    this.composer = new Composer(acts);
  }

  /** Begins with another ticket: no note is being written. */
  begin() {
    this.#noting = false;
  }

  /**
   * @param {Ticket | null} ticket The open ticket; null if it is over.
   * @param {{ mine: boolean }} whose
   */
  show(ticket, { mine }) {
    this.suggestions.show(ticket && mine ? ticket.id : null);
    this.picker.show(mine ? ticket : null);
    if (ticket && (mine || this.#noting)) this.composer.show(ticket, { answers: mine });
    else this.composer.hide();
  }

  /** @param {Ticket} ticket */
  startNote(ticket, { mine = false }) {
    this.#noting = true;
    this.show(ticket, { mine });
    this.composer.toggleNote();
  }

  hide() {
    this.show(null, { mine: false });
  }
}
