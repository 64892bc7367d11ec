/** The parts of the page that are about one network, which the reader chooses. */

import { byId, h } from "../dom.js";
import { showClasses } from "./classes.js";
import { showConfusion } from "./confusion.js";
import { Gallery } from "./gallery.js";
import { mark, radioGroup } from "./radioGroup.js";
import { showReliability } from "./reliability.js";
import { fill, NOTHING, readWhole } from "./sections.js";
import { showUnfamiliar } from "./ood.js";
import { ALL } from "./view.js";

/** @import { NetworkReport, Site } from "../types.d.ts" */
/** @import { Cell } from "./counts.js" */
/** @import { View, Views } from "./view.js" */

/**
 * A function that shows what a view asks for.
 *
 * @param {Site} site
 * @param {Views} views
 * @returns {(view: View) => Promise<void>}
 */
export function startDetails(site, views) {
  const { classes } = site.data;
  const images = new Gallery(site, views);
  /** @type {[string, string][]} */
  const names = site.networks.map(({ name }) => [name, name]);
  const networks = radioGroup("Network", "network", names, (network) => views.change({ network }));
  const problem = h("p", { class: "error", role: "alert" });
  byId("choice", HTMLElement).replaceChildren(...(names.length > 1 ? [networks] : []), problem);
  /** @param {Cell} cell */
  const choose = ({ actual, predicted }) => {
    views.change({ ...ALL, actual: classes[actual], predicted: classes[predicted] }, "images");
    images.focus();
  };
  let shown = "";
  return async (view) => {
    mark(networks, view.network);
    problem.textContent = "";
    let failure = "";
    const report = await readWhole(view.network).catch(({ message }) => {
      failure = message;
      return NOTHING;
    });
    if (view !== views.current) return;
    problem.textContent = failure;
    if (view.network !== shown) showNetwork(view.network, report);
    shown = failure ? "" : view.network;
    images.show(report.predictions, view);
  };

  /** @param {string} name @param {NetworkReport} report */
  function showNetwork(name, { per_class: scores, reliability, unfamiliar, predictions }) {
    const isKnown = predictions.actual.length > 0;
    const ece = site.networks.find((network) => network.name === name)?.metrics.ece;
    fill("confusion", ...(isKnown ? showConfusion(predictions, classes, choose) : []));
    fill("images", ...(isKnown ? [images.element] : []));
    fill("classes", ...(scores.length ? showClasses(scores, classes) : []));
    fill("reliability", ...showReliability(reliability, ece));
    fill("unfamiliar", ...(unfamiliar.length ? [showUnfamiliar(unfamiliar)] : []));
  }
}
