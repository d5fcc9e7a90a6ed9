/*
 * Loads the chat: <script src="https://host/webchat/widget.js" async></script> on any allowed site.
 *
 * On the tag or on a <ventanilla-chat> of your own: data-color="#1f5f4f", data-title="¿Te ayudo?", data-position="left",
 * data-lang="en", data-open. Anything with data-ventanilla-ask="¿una pregunta?" opens the chat and asks it; a form with
 * that attribute asks what was typed in it. docs/web-embedding.md describes both.
 *
 * The server puts WIDGET in: the folder of this version and the names of its modules (bot/channels/web/widget.py).
 */
(({ folder, modules, entry }) => {
  if (window.ventanillaLoaded) return; // the page has the tag twice
  window.ventanillaLoaded = true;
  const tag = /** @type {HTMLScriptElement} */ (document.currentScript || document.querySelector('script[src*="/webchat/widget.js"]'));
  const load = (/** @type {string} */ name) => import(new URL(folder + name, tag.src).href);

  // All at once: following the imports one by one would cost a slow network a round trip for each level. What the chat
  // fetches when it starts is asked for too, and is then in the browser's cache.
  const language = document.querySelector('ventanilla-chat')?.getAttribute('data-lang') || tag.dataset.lang || 'es';
  const warm = [`../api/chat/config?lang=${encodeURIComponent(language)}`, `${folder}style.css`];
  for (const path of warm) fetch(new URL(path, tag.src)).catch(() => null);
  for (const name of modules) load(name).catch(() => null);
  /** @type {Promise<typeof import('./chat.js')>} */
  const chat = load(entry);
  chat.then(({ start }) => start(tag.dataset)).catch((error) => {
    console.warn('Ventanilla: the chat could not be loaded', error);
    // Perhaps this loader was kept while the server got another version: the next page finds the new one.
    fetch(tag.src, { cache: 'reload', mode: 'no-cors' }).catch(() => null);
  });
  const ask = (/** @type {string} */ question) => chat.then((loaded) => loaded.ask(question)).catch(() => null);

  document.addEventListener('click', (event) => {
    const asker = event.target instanceof Element && event.target.closest('[data-ventanilla-ask]');
    if (!(asker instanceof HTMLElement) || asker.matches('form')) return;
    event.preventDefault();
    ask(asker.dataset.ventanillaAsk ?? '');
  });
  document.addEventListener('submit', (event) => {
    if (!(event.target instanceof Element) || !event.target.matches('form[data-ventanilla-ask]')) return;
    const field = /** @type {HTMLInputElement | HTMLTextAreaElement | null} */ (event.target.querySelector('input, textarea'));
    if (!field) return;
    event.preventDefault();
    ask(field.value);
    field.value = '';
  });
})(WIDGET);
