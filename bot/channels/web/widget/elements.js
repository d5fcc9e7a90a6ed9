/** Makes elements and icons; text is never parsed as HTML. */

/** @typedef {string | number | boolean | null | undefined | URL | ((event: any) => void)} Property */

const policy = makePolicy();
const SVG = 'http://www.w3.org/2000/svg';
const PATHS = {
  chat: 'M20 15a3 3 0 0 1-3 3H9l-5 3.5V7a3 3 0 0 1 3-3h10a3 3 0 0 1 3 3zM8.5 9.5h7M8.5 13h4.5',
  down: 'M6 9.5l6 6 6-6',
  again: 'M20 5v5h-5M4 19v-5h5M19.4 10A8 8 0 0 0 5.5 7.5M4.6 14a8 8 0 0 0 13.9 2.5',
  send: 'M12 19.5V5M5.5 11.5L12 5l6.5 6.5',
  person: 'M12 12a4 4 0 1 0 0-8 4 4 0 0 0 0 8zM4.5 20.5a7.5 7.5 0 0 1 15 0',
  clip: 'M19.5 11.5l-7.5 7.5a4.5 4.5 0 0 1-6.4-6.4l8-8a3 3 0 0 1 4.3 4.3l-8 8a1.5 1.5 0 0 1-2.1-2.1l7-7',
  phone: 'M6.5 3.5h3l1.5 4.5-2 1.5a12 12 0 0 0 5.5 5.5l1.5-2 4.5 1.5v3a2 2 0 0 1-2.2 2A17 17 0 0 1 4.5 5.7a2 2 0 0 1 2-2.2z',
  save: 'M12 4v11M7.5 11l4.5 4.5 4.5-4.5M4.5 19.5h15',
  back: 'M9.5 6.5L4 12l5.5 5.5M4 12h16',
  more: 'M12 5.6h.01M12 12h.01M12 18.4h.01',
  bell: 'M6 16.5V11a6 6 0 0 1 12 0v5.5l1.5 1.5h-15zM10 20.5h4',
  check: 'M5 12.5l4.5 4.5L19 7.5',
  lock: 'M6.5 11h11a1 1 0 0 1 1 1v7a1 1 0 0 1-1 1h-11a1 1 0 0 1-1-1v-7a1 1 0 0 1 1-1zM8.5 11V8a3.5 3.5 0 0 1 7 0v3',
  wide: 'M9 5H4.5v4.5M15 19h4.5v-4.5M4.5 5l6 6M19.5 19l-6-6',
};

/**
 * Makes an element: h('button', {class: 'x', onclick: f}, child, ...). Functions become listeners, true an empty attribute.
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
 * Makes an SVG icon in the color of the text.
 * @param {keyof typeof PATHS} name
 */
export function icon(name) {
  const svg = document.createElementNS(SVG, 'svg');
  svg.setAttribute('viewBox', '0 0 24 24');
  svg.setAttribute('aria-hidden', 'true');
  const line = document.createElementNS(SVG, 'path');
  line.setAttribute('d', PATHS[name]);
  svg.append(line);
  return svg;
}

/**
 * Inserts HTML that the server has sanitized.
 * @param {Element} element
 * @param {string} html
 */
export function setSafeHtml(element, html) {
  // eslint-disable-next-line no-restricted-syntax
  element.innerHTML = policy ? policy.createHTML(html) : html;
}

/** Makes the Trusted Types policy `ventanilla`; null in browsers without Trusted Types or if the site forbids it. */
function makePolicy() {
  try {
    return window.trustedTypes?.createPolicy('ventanilla', { createHTML: (html) => html }) ?? null;
  } catch {
    return null;
  }
}
