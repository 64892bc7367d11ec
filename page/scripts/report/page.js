/** The parts of the page, filled and shown as far as there is something to show. */

import { h } from "../dom.js";
import { count } from "../format.js";
import { readReport, readSite } from "../site.js";
import { choice, mark } from "./choice.js";
import { showCurves } from "./curves.js";
import { gallery } from "./gallery.js";
import { showNetwork } from "./network.js";
import { compareNetworks } from "./networks.js";
import { fill, part, reveal } from "./parts.js";
import { startView } from "./view.js";

/** @import { NetworkReport, Site } from "../types.d.ts" */
/** @import { Change, View } from "./view.js" */

/** What a file may leave out. */
/** @type {NetworkReport} */
const NOTHING = {
  history: [],
  per_class: [],
  reliability: [],
  unfamiliar: [],
  predictions: { actual: [], predicted: [], confidence: [] },
};

/** Read the data and show them; what fails is said in one line. */
export async function startPage() {
  try {
    const site = await readSite();
    introduce(site.data);
    if (site.networks.length) await start(site);
  } catch (error) {
    complain(error);
  }
}

/** @param {Site} site */
async function start(site) {
  fill("networks", compareNetworks(site));
  const names = site.networks.map(({ name }) => name);
  const options = Object.fromEntries(names.map((name) => [name, name]));
  const networks = choice("Network", "network", options, (network) => change({ network }));
  const metrics = choice("Show", "curve", { accuracy: "Accuracy", loss: "Loss" }, (curve) => change({ curve }));
  ...
}
