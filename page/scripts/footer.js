/** The footer of both pages: the dataset and the networks. */

import { byId, h } from "./dom.js";
import { formatBytes } from "./format.js";

/** @import { AnyNetwork, Site } from "./types.d.ts" */

/** @param {Site} site */
export function showFooter({ dataset: { name, homepage, license }, networks, other_networks }) {
  const link = homepage ? h("a", { href: homepage, rel: "noreferrer" }, name) : name;
  const list = (/** @type {AnyNetwork[]} */ those) =>
    those.map(({ name, model }) => `${name} (${formatBytes(model.bytes)})`).join(", ");
  byId("footer").replaceChildren(
    h("span", {}, "Dataset: ", link, license ? `, licence ${license}` : ""),
    h("span", {}, `Networks: ${list(networks)}`),
    h("span", {}, other_networks.length ? `Of other datasets: ${list(other_networks)}` : ""),
  );
}
