/** Watches the page's own forms that ask the chat: while one is in sight, the button that opens the chat may step aside. */

const FORMS = 'form[data-ventanilla-ask]';

/** @param {(inSight: boolean) => void} onChange */
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
