/** The foot of both pages: whose data it is, and which networks were trained on it. */

import { byId, h } from "./dom.js";
import { bytes } from "./format.js";

/** @import { Site } from "./types.d.ts" */

/**
 * Fill `#footer`.
 *
 * @param {Site} site
 */
export function showFooter(site) {
  const { name, homepage, license } = site.data;
  const data = homepage ? h("a", { href: homepage, rel: "noreferrer" }, name) : name;
  const networks = site.networks.map(
    (network) => `${network.name} (${bytes(network.model.bytes)})`,
  );
  byId("footer", HTMLElement).replaceChildren(
    h("span", {}, "Data: ", data, license ? `, licence ${license}` : ""),
    h("span", {}, `Networks: ${networks.join(", ")}`),
  );
}
