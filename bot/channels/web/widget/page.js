/** Watches the page, so that the button that opens the chat covers little of it. */

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
