/** Which network predictions; the address of the page says so, too, for who comes back to it. */

import { byId, h } from "../dom.js";
import { bytes, percent } from "../format.js";

/** @import { Network } from "../types.d.ts" */

/**
 * The network that the address names, else the first.
 *
 * @param {Network[]} networks
 */
export function chosenNetwork(networks) {
  const wanted = new URLSearchParams(location.search).get("network");
  return networks.find(({ name }) => name === wanted) ?? networks[0];
}

/**
 * Offer the networks; a single one is only named.
 *
 * @param {Network[]} networks
 * @param {(network: Network) => void} onChoice
 */
export function offerNetworks(networks, onChoice) {
  const offer = byId("network", HTMLElement);
  if (networks.length < 2) {
    offer.replaceChildren(h("p", {}, `Network ${about(networks[0])}`));
    return;
  }
  const chosen = chosenNetwork(networks);
  const select = h("select", {}, ...networks.map(({ name }) => h("option", {}, name)));
  const line = h("p", { class: "quiet" }, about(chosen));
  select.value = chosen.name;
  select.addEventListener("change", () => {
    history.replaceState(null, "", `?${new URLSearchParams({ network: select.value })}`);
    const network = chosenNetwork(networks);
    line.textContent = about(network);
    onChoice(network);
  });
  offer.replaceChildren(h("label", {}, "Network ", select), line);
}

/** @param {Network} network as it is exported: without test-time augmentation */
function about({ name, formats, model }) {
  return `${name}: ${percent(formats.onnx.accuracy, 2)} of the test images, ${bytes(model.bytes)}`;
}
