/*
 * Joins the agency's own pages to their chat; other sites never load this file, so their history stays theirs.
 *
 * The link «Ir al chat» opens the chat. On a phone, where the chat covers the page, the back button closes it first: while
 * it is open, the page has one more entry in the history.
 */
(() => {
  const PHONE = '(max-width: 30em), (max-height: 26em)';

  /** @typedef {HTMLElement & { open(): void, close(): void }} Chat */

  /** @type {boolean} Whether the entry of the closed chat is being removed. */
  let isLeaving = false;

  /** @returns {Chat | null} */
  const chat = () => document.querySelector('ventanilla-chat');
  const isOpen = () => Boolean(chat()?.shadowRoot?.querySelector('dialog.panel[open]'));
  const isNoted = () => Boolean(history.state?.ventanillaChat);

  /** Makes the history follow the chat. */
  const follow = () => {
    if (isLeaving) return;
    if (isOpen() && !isNoted() && matchMedia(PHONE).matches) {
      history.pushState({ ...history.state, ventanillaChat: true }, '');
    } else if (!isOpen() && isNoted()) {
      isLeaving = true;
      history.back();
    }
  };

  addEventListener('popstate', () => {
    if (!isLeaving && !isNoted() && isOpen()) chat()?.close();
    isLeaving = false;
    follow();
  });
  // Opening and closing the chat moves the focus, which the document sees though the chat is in a shadow tree.
  for (const name of ['focusin', 'click', 'keyup']) document.addEventListener(name, follow);

  document.querySelector('.to-chat')?.addEventListener('click', (event) => {
    if (!chat()?.shadowRoot) return; // not loaded: the link leads to the home page
    event.preventDefault();
    chat()?.open();
  });
})();
