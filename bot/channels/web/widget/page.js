/** Watches the page: what the citizen reads and where they write, so that the chat is in nobody's way. */

const FORMS = 'form[data-ventanilla-ask]';
const READING_PX = 120;

/**
 * Reports whether a form of the page that asks the chat is in sight.
 * @param {(inSight: boolean) => void} onChange
 */
export function watchForms(onChange) {
  const inSight = new Set();
  const watcher = new IntersectionObserver((changes) => {
    for (const { target, isIntersecting } of changes) {
      if (isIntersecting) inSight.add(target);
      else inSight.delete(target);
    }
    onChange(inSight.size > 0);
  });
  for (const form of document.querySelectorAll(FORMS)) watcher.observe(form);
}

/**
 * Reports whether the citizen has scrolled down to read.
 * @param {(reading: boolean) => void} onChange
 */
export function watchReading(onChange) {
  addEventListener('scroll', () => onChange(scrollY > READING_PX), { passive: true });
}

/**
 * Returns whether something else of the page than the chat has the focus.
 * @param {HTMLElement} part A part of the chat.
 */
export function isElsewhere(part) {
  const { activeElement: focused, body } = document;
  return focused !== null && focused !== body && focused.shadowRoot !== part.getRootNode();
}
