/*
 * Loads the chat: <script src="https://host/webchat/widget.js" async></script> on any allowed site.
 *
 * On the tag or on a <ventanilla-chat> of your own: data-color="#1f5f4f", data-title="¿Te ayudo?", data-position="left",
 * data-lang="en", data-open, data-ask="¿una pregunta?", data-draft="¿una pregunta?". A click on an element with
 * data-ventanilla-ask="¿una pregunta?" opens the chat and sends the question; data-ventanilla-draft only fills it in. A
 * form with data-ventanilla-ask sends its text field. docs/web-embedding.md describes them.
 *
 * The server replaces WIDGET by the folder of this version and its script (bot/channels/web/widget.py).
 */
(({ folder, entry }) => {
  /* the page contains the tag twice */
  if (window.ventanillaLoaded) return;
  window.ventanillaLoaded = true;
  const tag = /** @type {HTMLScriptElement} */ (document.currentScript || document.querySelector('script[src*="/webchat/widget.js"]'));
  const load = (/** @type {string} */ from) => import(new URL(from + entry, tag.src).href);

  // On a site that may not show the chat, or that cannot load it so far, links and forms work by themselves.
  let isMissing = () => false;

  /** Refreshes the cached loader for the next page, since it may be older than the server's version. */
  const refresh = () => fetch(tag.src, { cache: 'reload', mode: 'no-cors' }).catch(() => null);

  /**
   * Loads the chat. A script that fails, as on a bad connection, is loaded again some times: else there is no chat until a
   * reload. Since some browsers remember the failure, every second attempt uses another name of the folder.
   * @param {number[]} rests @param {number} tries
   * @returns {Promise<typeof import('./chat.js')>}
   */
  const loadChat = async (rests, tries = 0) => {
    try {
      return await load(tries && tries % 2 === 0 ? folder.replace(/\/$/, `-${tries}/`) : folder);
    } catch (error) {
      if (!isMissing()) refresh();
      isMissing = () => true;
      if (!rests.length) throw error;
      await new Promise((done) => setTimeout(done, rests[0]));
      return loadChat(rests.slice(1), tries + 1);
    }
  };

  // Configuration and style sheet are fetched beside the script, so that they are in the browser's cache when it starts.
  const language = document.querySelector('ventanilla-chat')?.getAttribute('data-lang') || tag.dataset.lang || 'es';
  const warm = [`../api/chat/config?lang=${encodeURIComponent(language)}`, `${folder}style.css`];
  for (const path of warm) fetch(new URL(path, tag.src)).catch(() => null);
  const chat = loadChat([500, 2000, 5000, 10_000, 15_000, 30_000]);
  chat.then(({ start }) => start(tag.dataset)).catch((error) => {
    console.warn('Ventanilla: the chat could not be loaded', error);
    if (!isMissing()) refresh();
  });
  chat.then((loaded) => { isMissing = () => loaded.isRefused; }, () => null);
  // Until the chat is open, which may take seconds, the page shows that what was asked is on its way.
  const ask = async (/** @type {Element} */ asker, /** @type {string} */ question) => {
    asker.setAttribute('aria-busy', 'true');
    await chat.then((loaded) => loaded.ask(question), () => goAndAsk(question)).catch(() => null);
    asker.removeAttribute('aria-busy');
  };

  const goAndAsk = (/** @type {string} */ question) => location.assign(new URL(`../?q=${encodeURIComponent(question)}`, tag.src));

  /** Returns the element whose question the click asks; null if the browser handles the click. */
  const askerOf = (/** @type {MouseEvent} */ event) => {
    const asker = event.target instanceof Element && event.target.closest('[data-ventanilla-ask], [data-ventanilla-draft]');
    const newTab = event.ctrlKey || event.metaKey || event.shiftKey;
    if (!(asker instanceof HTMLElement) || newTab) return null;
    return asker.matches(isMissing() ? 'form, a[href]' : 'form') ? null : asker;
  };

  document.addEventListener('click', (event) => {
    const asker = askerOf(event);
    if (!asker) return;
    event.preventDefault();
    const { ventanillaAsk: question, ventanillaDraft: draft } = asker.dataset;
    if (isMissing()) goAndAsk(question ?? draft ?? '');
    else if (question !== undefined) ask(asker, question);
    else chat.then((loaded) => loaded.draft(draft ?? ''), () => goAndAsk(draft ?? '')).catch(() => null);
  });
  document.addEventListener('submit', (event) => {
    if (!(event.target instanceof Element) || !event.target.matches('form[data-ventanilla-ask]')) return;
    const field = /** @type {HTMLInputElement | HTMLTextAreaElement | null} */ (event.target.querySelector('input, textarea'));
    if (!field || (isMissing() && event.target.hasAttribute('action'))) return;
    event.preventDefault();
    if (isMissing()) return goAndAsk(field.value);
    const question = field.value;
    /* else something else was typed meanwhile */
    const done = () => { if (field.value === question) field.value = ''; };
    if (event.target.ariaBusy !== 'true') ask(event.target, question).then(done);
  });
})(WIDGET);
