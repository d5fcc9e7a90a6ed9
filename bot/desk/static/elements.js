/** Finds and creates elements of the page. Text given to them is never parsed as HTML. */

const SVG = "http://www.w3.org/2000/svg";

/** @template {Element} T @typedef {abstract new (...args: any[]) => T} Kind */

/**
 * Returns the element with this id; throws if the page has none of that kind.
 * @template {Element} T
 * @overload
 * @param {string} id
 * @param {Kind<T>} kind
 * @returns {T}
 */
/**
 * @overload
 * @param {string} id
 * @returns {HTMLElement}
 */
/**
 * @param {string} id
 * @param {Kind<Element>} kind
 */
export function byId(id, kind = HTMLElement) {
  return sure(document.getElementById(id), kind, `#${id}`);
}

/**
 * Returns the first element in `parent` that matches the selector; throws if there is none.
 * @template {Element} T
 * @overload
 * @param {ParentNode} parent
 * @param {string} selector
 * @param {Kind<T>} kind
 * @returns {T}
 */
/**
 * @overload
 * @param {ParentNode} parent
 * @param {string} selector
 * @returns {HTMLElement}
 */
/**
 * @param {ParentNode} parent
 * @param {string} selector
 * @param {Kind<Element>} kind
 */
export function within(parent, selector, kind = HTMLElement) {
  return sure(parent.querySelector(selector), kind, selector);
}

/**
 * Returns all HTML elements in `parent` that match the selector.
 * @param {ParentNode} parent
 * @param {string} selector
 * @returns {HTMLElement[]}
 */
export function allWithin(parent, selector) {
  return [...parent.querySelectorAll(selector)].filter((one) => one instanceof HTMLElement);
}

/**
 * Returns the event's target or its nearest ancestor that matches the selector, or null.
 * @param {Event} event
 * @param {string} selector
 */
export function around(event, selector) {
  const found = event.target instanceof Element ? event.target.closest(selector) : null;
  return found instanceof HTMLElement ? found : null;
}

/**
 * @param {Element} parent
 * @param {EventTarget | null} target
 */
export function holds(parent, target) {
  return target instanceof Node && parent.contains(target);
}

/**
 * Returns a copy of the template's first element.
 * @param {HTMLTemplateElement} template
 */
export function copyOf(template) {
  return sure(template.content.firstElementChild?.cloneNode(true), HTMLElement, "template");
}

/**
 * Creates an element with text, class and attributes.
 * @template {keyof HTMLElementTagNameMap} Tag
 * @param {Tag} tag
 * @param {{ text?: string | number | null, className?: string, [attribute: string]: string | number | null | undefined }} [properties]
 */
export function element(tag, { text, className, ...attributes } = {}) {
  const created = document.createElement(tag);
  if (text !== undefined) created.textContent = text === null ? null : String(text);
  if (className) created.className = className;
  for (const [name, value] of Object.entries(attributes)) created.setAttribute(name, String(value));
  return created;
}

/**
 * Creates a button that calls `act` when clicked.
 * @param {{ text: string, className: string, [attribute: string]: string }} properties
 * @param {() => void} act
 */
export function button(properties, act) {
  const created = element("button", { type: "button", ...properties });
  created.addEventListener("click", act);
  return created;
}

/** @param {string} name */
export function icon(name) {
  const svg = document.createElementNS(SVG, "svg");
  svg.setAttribute("class", "icon");
  svg.setAttribute("aria-hidden", "true");
  const use = document.createElementNS(SVG, "use");
  use.setAttribute("href", `#i-${name}`);
  svg.append(use);
  return svg;
}

/**
 * Sets HTML that the server has sanitized (bot/channels/formatting/html.py); the only place that sets HTML.
 * @param {Element} element
 * @param {string} html
 */
export function setSafeHtml(element, html) {
  // eslint-disable-next-line no-restricted-syntax
  element.innerHTML = html;
}

/**
 * @template {Element} T
 * @param {Node | null | undefined} found
 * @param {Kind<T>} kind
 * @param {string} name
 * @returns {T}
 */
function sure(found, kind, name) {
  if (!(found instanceof kind)) throw new Error(`the page has no ${name}`);
  return found;
}
