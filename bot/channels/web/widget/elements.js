/** Makes elements; the text given to them is never read as HTML. */

/** @typedef {string | number | boolean | null | undefined | URL | ((event: any) => void)} Property */

const policy = makePolicy();

/**
 * h('button', {class: 'x', onclick: f}, child, ...) makes an element: `on...` listens, true is an empty attribute.
 * @template {keyof HTMLElementTagNameMap} Tag
 * @param {Tag} tag
 * @param {Record<string, Property>} [props]
 * @param {(Node | string | number | null | undefined)[]} children
 */
export function h(tag, props = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(props)) {
    if (typeof value === 'function') element.addEventListener(name.slice(2), value);
    else if (value === true) element.setAttribute(name, '');
    else if (value !== false && value != null) element.setAttribute(name, String(value));
  }
  element.append(...children.filter((child) => child != null).map((child) => (typeof child === 'number' ? String(child) : child)));
  return element;
}

/**
 * Shows HTML that the server made safe, and nothing else.
 * @param {Element} element
 * @param {string} html
 */
export function setSafeHtml(element, html) {
  // eslint-disable-next-line no-restricted-syntax
  element.innerHTML = policy ? policy.createHTML(html) : html;
}

/** Sites with `require-trusted-types-for 'script'` allow the policy `ventanilla`; elsewhere plain strings will do. */
function makePolicy() {
  try {
    return window.trustedTypes?.createPolicy('ventanilla', { createHTML: (html) => html }) ?? null;
  } catch {
    return null;
  }
}
