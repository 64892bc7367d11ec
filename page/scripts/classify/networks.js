/** Which network answers. */

import { byId, h } from "../dom.js";
import { bytes } from "../format.js";

/** @import { Network } from "../types.d.ts" */

/**
 * Offer the networks, with their sizes; a single one is only named.
 *
 * @param {Network[]} networks the first is chosen
 * @param {(network: Network) => void} onChoice
 */
export function offerNetworks(networks, onChoice) {
  const place = byId("network", HTMLElement);
  const names = networks.map(({ name, model }) => `${name}, ${bytes(model.bytes)}`);
  if (networks.length < 2) {
    place.replaceChildren(h("p", {}, `Network: ${names[0]}`));
    return;
  }
  const options = names.map((name, value) => h("option", { value: String(value) }, name));
  const select = h("select", {}, ...options);
  select.addEventListener("change", () => onChoice(networks[Number(select.value)]));
  place.replaceChildren(h("label", {}, "Network ", select));
}
