/** Attaches a picture or document to the next reply: chosen, dropped or pasted, with a preview. */

/** @import { FileLimits, Ticket } from "./shapes.js" */

import { button, byId, element, holds, icon } from "./elements.js";
import { say } from "./facts.js";
import { sizeWords } from "./sizes.js";

const form = byId("reply");
const box = byId("text");
const chooser = byId("file", HTMLInputElement);
const chip = byId("attachment");
const refusal = byId("attach-refusal");
const dropZone = byId("open");

/** Files attached to the next reply of each conversation; they are lost on reload. */
export class Attachments {
  /** @type {Map<string, File>} By conversation. */
  #chosen = new Map();

  /** @type {Ticket | null} */
  #ticket = null;

  #pictureUrl = "";

  constructor() {
    byId("attach").addEventListener("click", () => !this.#isHindered() && chooser.click());
    chooser.addEventListener("change", () => this.#choose(chooser.files));
    box.addEventListener("paste", (event) => this.#given(event, event.clipboardData));
    dropZone.addEventListener("dragover", (event) => this.#dragOver(event));
    dropZone.addEventListener("dragleave", (event) => !holds(dropZone, event.relatedTarget) && form.classList.remove("dropping"));
    dropZone.addEventListener("drop", (event) => this.#given(event, event.dataTransfer));
  }

  /** @param {Ticket} ticket */
  show(ticket) {
    const other = ticket.conversation !== this.#ticket?.conversation;
    this.#ticket = ticket;
    if (!other) return;
    this.#refuse("");
    this.#render();
  }

  /** Returns the attached file and removes it from the form. */
  take() {
    const file = this.#file;
    this.#chosen.delete(this.#conversation);
    this.#refuse("");
    this.#render();
    return file;
  }

  get #conversation() {
    return this.#ticket?.conversation ?? "";
  }

  get #file() {
    return this.#chosen.get(this.#conversation);
  }

  /** @param {DragEvent} event */
  #dragOver(event) {
    if (form.hidden || !event.dataTransfer?.types.includes("Files")) return;
    event.preventDefault();
    form.classList.add("dropping");
  }

  /**
   * @param {Event} event
   * @param {DataTransfer | null} given
   */
  #given(event, given) {
    form.classList.remove("dropping");
    if (form.hidden || !given?.files.length) return;
    event.preventDefault();
    if (!this.#isHindered()) this.#choose(given.files);
  }

  #isHindered() {
    const hindrance = this.#ticket?.files.hindrance ?? "";
    this.#refuse(hindrance);
    return hindrance !== "";
  }

  /** @param {FileList | null} files */
  #choose(files) {
    const file = files?.[0];
    if (!file || !this.#ticket) return;
    const wrong = problemOf(file, this.#ticket.files);
    this.#refuse(wrong);
    if (!wrong) this.#chosen.set(this.#conversation, file);
    chooser.value = "";
    this.#render();
    box.focus();
  }

  #remove() {
    this.#chosen.delete(this.#conversation);
    this.#render();
    box.focus();
  }

  #render() {
    const file = this.#file;
    URL.revokeObjectURL(this.#pictureUrl);
    chip.hidden = !file;
    if (!file) return chip.replaceChildren();
    const label = say("adjunto_quitar", { nombre: file.name });
    const remove = button({ className: "icon-button", text: "", "aria-label": label, title: label }, () => this.#remove());
    remove.append(icon("close"));
    const name = element("span", { className: "name", text: file.name });
    chip.replaceChildren(this.#preview(file), name, element("span", { className: "size", text: sizeWords(file.size) }), remove);
  }

  /** @param {File} file */
  #preview(file) {
    if (!file.type.startsWith("image/")) return icon("clip");
    this.#pictureUrl = URL.createObjectURL(file);
    return element("img", { src: this.#pictureUrl, alt: "" });
  }

  /** @param {string} words */
  #refuse(words) {
    refusal.hidden = !words;
    refusal.textContent = words;
  }
}

/**
 * Returns why a file cannot be sent, or "" if it can.
 * @param {File} file
 * @param {FileLimits} limits
 */
function problemOf(file, limits) {
  const extension = `.${file.name.split(".").pop()?.toLowerCase()}`;
  if (!chooser.accept.split(",").includes(extension)) return say("adjunto_otro");
  const most = extension === ".pdf" ? limits.document : limits.picture;
  return file.size > most ? say("adjunto_grande", { maximo: sizeWords(most) }) : "";
}
