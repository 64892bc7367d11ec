/** The footer of both pages: the dataset and the networks. */

import { byId, h } from "./dom.js";
import { formatBytes } from "./format.js";

/** @import { Site } from "./types.d.ts" */

/** @param {Site} site */
export function showFooter({ dataset: { name, homepage, license }, networks }) {
  const link = homepage ? h("a", { href: homepage, rel: "noreferrer" }, name) : name;
  const sizes = networks.map((network) => `${network.name} (${formatBytes(network.model.bytes)})`);
  byId("footer").replaceChildren(
    h("span", {}, "Dataset: ", link, license ? `, licence ${license}` : ""),
    h("span", {}, `Networks: ${sizes.join(", ")}`),
  );
}
