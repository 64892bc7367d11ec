/** The choice of the network, which the address of the page keeps. */

import { byId, h } from "../dom.js";
import { formatBytes, percent } from "../format.js";

/** @import { AnyNetwork } from "../types.d.ts" */

const DEFAULT = "cnn"; // as for the command, fashion_predict/default_model.py
const FOR_PHOTOS = "clothing"; // as for the command, fashion_predict/cli.py

/**
 * The network named in the address, else the default one, else the most accurate.
 *
 * @param {AnyNetwork[]} networks
 */
export function chosenNetwork(networks) {
  const wanted = new URLSearchParams(location.search).get("network");
  const named = (/** @type {string | null} */ name) => networks.find((one) => one.name === name);
  return named(wanted) ?? named(DEFAULT) ?? networks[0];
}

/**
 * @param {AnyNetwork[]} networks
 * @param {(network: AnyNetwork) => void} onChoice
 */
export function offerNetworks(networks, onChoice) {
  const chosen = chosenNetwork(networks);
  const select = h("select", {}, ...networks.map(({ name }) => h("option", {}, name)));
  const text = h("p", { class: "quiet" }, describe(chosen));
  select.value = chosen.name;
  select.addEventListener("change", () => {
    history.replaceState(null, "", `?${new URLSearchParams({ network: select.value })}`);
    const network = chosenNetwork(networks);
    text.textContent = describe(network);
    onChoice(network);
  });
  byId("network").replaceChildren(h("label", {}, "Network ", select), text);
}

/**
 * Which images a network of another dataset is for.
 *
 * @param {AnyNetwork} network
 */
export const purpose = ({ name, model }) =>
  name === FOR_PHOTOS ? "For photographs of clothes" : `For images like those of ${model.dataset}`;

/** A sentence with a button that chooses the network for photographs; null if there is none. */
export function photoAdvice() {
  const select = byId("network").querySelector("select");
  const isOffered = [...(select?.options ?? [])].some(({ value }) => value === FOR_PHOTOS);
  if (!select || !isOffered || select.value === FOR_PHOTOS) return null;
  const onclick = () => {
    select.value = FOR_PHOTOS;
    select.dispatchEvent(new Event("change"));
    select.focus({ preventScroll: true }); // the button is gone
  };
  const button = h("button", { type: "button", onclick }, `Use the network ${FOR_PHOTOS}`);
  return h("p", {}, "For photographs of clothes: ", button);
}

/** @param {AnyNetwork} network */
function describe({ metrics, name, model }) {
  if (!metrics) return `${purpose({ name, model })}, ${formatBytes(model.bytes)}`;
  const accuracy = percent(metrics.accuracy_without_tta, 2); // the page uses no TTA either
  return `${accuracy} test accuracy, ${formatBytes(model.bytes)}`;
}
