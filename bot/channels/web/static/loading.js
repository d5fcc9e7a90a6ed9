/*
 * Loads again what a page could not load because the network changed or the server restarted: modules, style sheets, and
 * the tag of the chat. It is the first script of every page's <head>, so that it misses no failure. It never reloads the
 * page, which would lose what somebody is typing.
 *
 * Some browsers remember that a module failed, so every second attempt asks for all modules in another folder
 * (<version>-2/), which the server knows to be the same. No module runs twice, since none runs before all that it imports
 * are loaded, and the modules of a page share none.
 */
(() => {
  const RESTS_MS = [500, 1000, 2000, 4000, 8000, 15_000, 15_000, 15_000];
  const line = Object.assign(document.createElement('p'), {
    className: 'not-loaded',
    role: 'alert',
    textContent: document.currentScript?.dataset.words ?? '',
  });

  /** @typedef {HTMLScriptElement | HTMLLinkElement} Tag */
  /** @typedef {{ address: string, tries: number, rested: number }} File `rested` counts the rests since the last new start. */

  /** @type {Map<Tag, ReturnType<typeof setTimeout> | null>} The failed tags and their timers; null: there are no more attempts. */
  const failed = new Map();

  /** @type {WeakMap<Tag, File>} */
  const files = new WeakMap();

  /** @type {Set<EventTarget>} The fields in which somebody has typed. */
  const typed = new Set();

  /** @param {EventTarget | null} target @returns {target is Tag} */
  const isTag = (target) =>
    target instanceof HTMLScriptElement || (target instanceof HTMLLinkElement && target.rel === 'stylesheet');

  /** @param {Tag} tag */
  const isModule = (tag) => tag instanceof HTMLScriptElement && tag.type === 'module';

  /** @param {Tag} tag @returns {File} */
  const fileOf = (tag) =>
    files.get(tag) ?? { address: tag instanceof HTMLScriptElement ? tag.src : tag.href, tries: 0, rested: 0 };

  /** Replaces a failed tag by a new one, which the browser loads. @param {Tag} tag */
  const again = (tag) => {
    const file = fileOf(tag);
    const copy = /** @type {Tag} */ (document.createElement(tag.localName));
    for (const { name, value } of tag.attributes) copy.setAttribute(name, value);
    file.tries += 1;
    const elsewhere = isModule(tag) && file.tries % 2 === 0;
    const address = elsewhere ? file.address.replace(/\/[^/]*$/, `-${file.tries}$&`) : file.address;
    copy.setAttribute(copy instanceof HTMLScriptElement ? 'src' : 'href', address);
    failed.delete(tag);
    files.set(copy, file);
    tag.replaceWith(copy);
  };

  document.addEventListener('error', ({ target: tag }) => {
    if (!isTag(tag)) return;
    const file = fileOf(tag);
    const rest = RESTS_MS[file.rested];
    file.rested += 1;
    files.set(tag, file);
    failed.set(tag, rest ? setTimeout(again, rest, tag) : null);
    if (!rest) document.body.prepend(line);
  }, true);

  addEventListener('online', () => {
    for (const [tag, timer] of [...failed]) {
      if (timer) clearTimeout(timer);
      fileOf(tag).rested = 0;
      again(tag);
    }
  });

  document.addEventListener('input', ({ target, isTrusted }) => target && isTrusted && typed.add(target), true);

  // A module that comes late is told what was typed before, so that it counts and saves it.
  document.addEventListener('load', ({ target: tag }) => {
    if (!isTag(tag)) return;
    if (isModule(tag)) for (const field of typed) field.dispatchEvent(new Event('input', { bubbles: true }));
    if (![...failed.values()].includes(null)) line.remove();
  }, true);
})();
