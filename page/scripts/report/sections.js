/** Parts of the page: hidden, with their links, until there is something to show in them. */

import { byId } from "../dom.js";
import { readReport } from "../site.js";

/** @import { NetworkReport } from "../types.d.ts" */

/**
 * Put content into a part, and show it; without content, hide it.
 *
 * @param {string} id
 * @param {...Node} content
 */
export function fill(id, ...content) {
  const part = byId(id, HTMLElement);
  part.getElementsByClassName("content")[0].replaceChildren(...content);
  part.hidden = !content.length;
  for (const link of byId("contents", HTMLElement).querySelectorAll("a"))
    link.hidden = byId(link.hash.slice(1), HTMLElement).hidden;
}

/** @type {NetworkReport} */
export const NOTHING = {
  history: [],
  per_class: [],
  reliability: [],
  unfamiliar: [],
  predictions: { actual: [], predicted: [], confidence: [] },
};

/**
 * The report of a network, in which what the file leaves out is empty.
 *
 * @param {string} network
 * @returns {Promise<NetworkReport>}
 */
export async function readWhole(network) {
  return { ...NOTHING, ...(await readReport(network)) };
}
