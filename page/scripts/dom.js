/** Shorthands for elements of the document. */

const SVG = "http://www.w3.org/2000/svg";

/**
 * Make an element with properties and children, as in `h("button", { type: "button" }, "Draw")`.
 *
 * A name with a hyphen, `class`, `role` and `for` set an attribute; `style` takes an object of
 * styles and custom properties; all other names set a property of the element.
 *
 * @template {keyof HTMLElementTagNameMap} Tag
 * @param {Tag} tag
 * @param {Record<string, any>} [properties]
 * @param {...(Node | string | number)} children
 * @returns {HTMLElementTagNameMap[Tag]}
 */
export function h(tag, properties = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(properties)) {
    if (name === "style") {
      for (const [style, text] of Object.entries(value)) element.style.setProperty(style, text);
    } else if (name.includes("-") || ["class", "role", "for"].includes(name)) {
      element.setAttribute(name, value);
    } else {
      Object.assign(element, { [name]: value });
    }
  }
  element.append(...children.map((child) => (child instanceof Node ? child : String(child))));
  return element;
}

/**
 * Make an SVG element with attributes and children.
 *
 * @template {keyof SVGElementTagNameMap} Tag
 * @param {Tag} tag
 * @param {Record<string, string | number>} [attributes]
 * @param {...(Node | string)} children
 * @returns {SVGElementTagNameMap[Tag]}
 */
export function svg(tag, attributes = {}, ...children) {
  const element = document.createElementNS(SVG, tag);
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, String(value));
  element.append(...children);
  return element;
}

/**
 * The element with this id, which must be an instance of `type`.
 *
 * @template {HTMLElement} [Type=HTMLElement]
 * @param {string} id
 * @param {new () => Type} [type]
 * @returns {Type}
 */
export function byId(id, type = /** @type {any} */ (HTMLElement)) {
  const element = document.getElementById(id);
  if (!(element instanceof type)) throw new Error(`expected ${type.name} #${id}`);
  return element;
}

/**
 * Call `action` with the value of a pressed key. Keys held with Ctrl, Alt or Meta stay with the
 * browser.
 *
 * @template Value
 * @param {HTMLElement} element
 * @param {Record<string, Value>} keys
 * @param {(value: Value, event: KeyboardEvent) => void} action
 */
export function onKeys(element, keys, action) {
  element.addEventListener("keydown", (event) => {
    const value = keys[event.key];
    if (!value || event.ctrlKey || event.altKey || event.metaKey) return;
    event.preventDefault();
    action(value, event);
  });
}
