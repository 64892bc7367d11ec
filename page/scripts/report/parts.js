/** Parts of the page: hidden, with their links, until there is something to show in them. */

import { readReport } from "../site.js";

/** @import { NetworkReport } from "../types.d.ts" */

/**
 * Put content into a part, and show it; without content, hide it.
 *
 * @param {string} id
 * @param {...Node} content
 */
export function fill(id, ...content) {
  const part = document.getElementById(id);
  const place = part?.querySelector(".content");
  if (!part || !place) throw new Error(`expected .content in #${id}`);
  place.replaceChildren(...content);
  part.hidden = !content.length;
  const link = document.querySelector(`#contents a[href="#${id}"]`);
  if (link instanceof HTMLElement) link.hidden = part.hidden;
}

/**
 * The report of a network, in which what the file leaves out is empty.
 *
 * @param {string} network
 * @returns {Promise<NetworkReport>}
 */
export async function readWhole(network) {
  const predictions = { actual: [], predicted: [], confidence: [] };
  const nothing = { history: [], per_class: [], reliability: [], unfamiliar: [], predictions };
  return { ...nothing, ...(await readReport(network)) };
}
