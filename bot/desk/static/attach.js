// A picture or a document that goes with the next reply: chosen, dropped or pasted, and looked at before it is sent.

import { element, icon, say } from "./words.js";

const form = document.getElementById("reply");
const box = document.getElementById("text");
const chooser = document.getElementById("file");
const chip = document.getElementById("attachment");
const refusal = document.getElementById("attach-refusal");
const talk = document.getElementById("open");

/** The file that each conversation's next reply takes along, in this page only. */
export class Attachment {
  #chosen = new Map();
  #ticket = null;
  #picture = "";

  constructor() {
    document.getElementById("attach").addEventListener("click", () => !this.#hindered() && chooser.click());
    chooser.addEventListener("change", () => this.#choose(chooser.files));
    box.addEventListener("paste", (event) => this.#given(event, event.clipboardData));
    talk.addEventListener("dragover", (event) => this.#over(event));
    talk.addEventListener("dragleave", (event) => !talk.contains(event.relatedTarget) && form.classList.remove("dropping"));
    talk.addEventListener("drop", (event) => this.#given(event, event.dataTransfer));
  }

  show(ticket) {
    const other = ticket.conversation !== this.#ticket?.conversation;
    this.#ticket = ticket;
    if (!other) return;
    this.#refuse("");
    this.#render();
  }

  /** The chosen file, which is then no longer chosen. */
  take() {
    const file = this.#chosen.get(this.#ticket.conversation);
    this.#chosen.delete(this.#ticket.conversation);
    this.#refuse("");
    this.#render();
    return file;
  }

  #over(event) {
    if (form.hidden || ![...event.dataTransfer.types].includes("Files")) return;
    event.preventDefault();
    form.classList.add("dropping");
  }

  #given(event, given) {
    form.classList.remove("dropping");
    if (form.hidden || !given?.files.length) return;
    event.preventDefault();
    if (!this.#hindered()) this.#choose(given.files);
  }

  #hindered() {
    this.#refuse(this.#ticket.files.hindrance);
    return Boolean(this.#ticket.files.hindrance);
  }

  #choose([file]) {
    if (!file) return;
    const wrong = problemOf(file, this.#ticket.files);
    this.#refuse(wrong);
    if (!wrong) this.#chosen.set(this.#ticket.conversation, file);
    chooser.value = "";
    this.#render();
    box.focus();
  }

  #remove() {
    this.#chosen.delete(this.#ticket.conversation);
    this.#render();
    box.focus();
  }

  #render() {
    const file = this.#chosen.get(this.#ticket.conversation);
    URL.revokeObjectURL(this.#picture);
    chip.hidden = !file;
    if (!file) return chip.replaceChildren();
    const remove = element("button", { type: "button", className: "icon-button", "aria-label": say("adjunto_quitar", { nombre: file.name }), title: say("adjunto_quitar", { nombre: file.name }) });
    remove.append(icon("close"));
    remove.addEventListener("click", () => this.#remove());
    chip.replaceChildren(this.#preview(file), element("span", { className: "name", text: file.name }), element("span", { className: "size", text: sizeWords(file.size) }), remove);
  }

  #preview(file) {
    if (!file.type.startsWith("image/")) return icon("clip");
    this.#picture = URL.createObjectURL(file);
    return element("img", { src: this.#picture, alt: "" });
  }

  #refuse(words) {
    refusal.hidden = !words;
    refusal.textContent = words;
  }
}

function problemOf(file, limits) {
  const extension = `.${file.name.split(".").pop().toLowerCase()}`;
  if (!chooser.accept.split(",").includes(extension)) return say("adjunto_otro");
  const most = extension === ".pdf" ? limits.document : limits.picture;
  return file.size > most ? say("adjunto_grande", { maximo: sizeWords(most) }) : "";
}

function sizeWords(bytes) {
  if (bytes < 1_000_000) return `${Math.max(1, Math.round(bytes / 1000))} KB`;
  return `${(bytes / 1_000_000).toFixed(1).replace(".", ",")} MB`;
}
