/** Sections of the page, which are hidden together with their links while they are empty. */

import { byId } from "../dom.js";

/**
 * Show content in a section; without content, hide it.
 *
 * @param {string} id
 * @param {...(Node | false)} content
 */
export function fillSection(id, ...content) {
  const nodes = content.filter((node) => node !== false);
  const section = byId(id);
  section.getElementsByClassName("content")[0].replaceChildren(...nodes);
  section.hidden = !nodes.length;
  for (const link of byId("contents").querySelectorAll("a"))
    link.hidden = byId(link.hash.slice(1)).hidden;
}
