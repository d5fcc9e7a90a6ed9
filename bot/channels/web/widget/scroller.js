/** Scrolls the messages: follows the end, but not past the beginning of a long answer. */

import { h, icon } from './elements.js';

const NEAR_END_PX = 80;
const AT_END_PX = 8;
const ABOVE_PX = 12;

export class Scroller {
  /** Whether the end is shown and must stay visible when the messages get less room. */
  #stuck = false;

  /**
   * @param {string} downWords
   * @param {Node[]} children
   */
  constructor(downWords, children) {
    this.element = h('div', { class: 'scroller', onscroll: () => this.#scrolled() }, ...children);
    this.jump = h('button', { type: 'button', class: 'jump', hidden: true, onclick: () => this.toEnd() }, icon('down'), downWords);
    new ResizeObserver(() => this.#stuck && this.toEnd()).observe(this.element); // e.g. the queue bar opens below
  }

  get atEnd() {
    return this.#below < NEAR_END_PX;
  }

  toStart() {
    this.element.scrollTop = 0;
    this.#stuck = false;
  }

  /**
   * Scrolls to the end, or to the beginning of `node` if that is further up.
   * @param {HTMLElement | null} [node]
   */
  toEnd(node) {
    const { element } = this;
    const start = node ? node.offsetTop - ABOVE_PX : Infinity;
    element.scrollTop = Math.min(start, element.scrollHeight - element.clientHeight);
    this.#stick();
    this.jump.hidden = true;
  }

  get #below() {
    const { scrollTop, clientHeight, scrollHeight } = this.element;
    return scrollHeight - clientHeight - scrollTop;
  }

  #stick() {
    this.#stuck = this.#below < AT_END_PX;
  }

  #scrolled() {
    this.#stick();
    if (this.atEnd) this.jump.hidden = true;
  }
}
