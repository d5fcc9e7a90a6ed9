/** Puts the chat on the page. The loader calls this once every module is here. */

import { ChatElement } from './chat.js';

const NAME = 'ventanilla-chat';

/**
 * Defines the element and adds it at the end of the page, unless it is there already.
 * @param {DOMStringMap} options The attributes of the script tag.
 */
export function start(options) {
  ChatElement.defaults = options;
  customElements.define(NAME, ChatElement);
  if (document.body) addChat();
  else addEventListener('DOMContentLoaded', addChat);
}

/**
 * Opens the chat and asks.
 * @param {string} question
 */
export function ask(question) {
  const chat = document.querySelector(NAME);
  if (chat instanceof ChatElement) chat.ask(question);
}

function addChat() {
  if (!document.querySelector(NAME)) document.body.append(document.createElement(NAME));
}
