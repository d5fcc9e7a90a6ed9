/** Tells the style sheet whether the citizen moves by keyboard, since browsers show the ring of a text field to everybody. */

const MOVING = ['Tab', 'Enter', ' '];

/** @param {HTMLElement} root */
export function watchKeyboard(root) {
  addEventListener('keydown', ({ key }) => {
    const types = root.getRootNode() instanceof ShadowRoot && focused(root)?.localName === 'textarea';
    if (key === 'Tab' || (MOVING.includes(key) && !types)) root.classList.add('keys');
  }, true);
  addEventListener('pointerdown', () => root.classList.remove('keys'), true);
}

/** @param {HTMLElement} root */
function focused(root) {
  return /** @type {ShadowRoot} */ (root.getRootNode()).activeElement;
}
