/** Elements, made in one call. */

const SVG = "http://www.w3.org/2000/svg";

/**
 * An element with properties and children, as in `h("button", { type: "button" }, "Draw")`.
 *
 * A name with a hyphen, `class`, `role` or `for` is set as an attribute, `style` takes custom
 * properties and styles by name, all others are properties of the element.
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
 * An element of SVG with attributes and children.
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
 * The element of the document that has this id, which must be of the given class.
 *
 * @template {HTMLElement} Kind
 * @param {string} id
 * @param {new () => Kind} kind
 * @returns {Kind}
 */
export function byId(id, kind) {
  const element = document.getElementById(id);
  if (!(element instanceof kind)) throw new Error(`expected ${kind.name} #${id}`);
  return element;
}
