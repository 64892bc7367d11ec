/** The sections about one network, which the reader chooses. */

import { byId, h } from "../dom.js";
import { EMPTY_REPORT, readReport } from "../site.js";
import { showClasses } from "./classes.js";
import { showConfusion } from "./confusion.js";
import { Gallery } from "./gallery.js";
import { showOod } from "./ood.js";
import { checkOption, radioGroup } from "./radioGroup.js";
import { showReliability } from "./reliability.js";
import { fillSection } from "./sections.js";
import { DEFAULT_FILTERS } from "./view.js";

/** @import { NetworkReport, Site } from "../types.d.ts" */
/** @import { Cell } from "./confusion.js" */
/** @import { View, Views } from "./view.js" */

/**
 * A function that shows a view.
 *
 * @param {Site} site
 * @param {Views} views
 * @returns {(view: View) => Promise<void>}
 */
export function startDetails(site, views) {
  const { classes } = site.dataset;
  const gallery = new Gallery(site, views);
  /** @type {[string, string][]} */
  const names = site.networks.map(({ name }) => [name, name]);
  const networks = radioGroup("Network", "network", names, (network) => views.change({ network }));
  const problem = h("p", { class: "error", role: "alert" });
  byId("network").replaceChildren(...(names.length > 1 ? [networks] : []), problem);
  /** @param {Cell} cell */
  const onChoice = ({ actual, predicted }) => {
    views.change(
      { ...DEFAULT_FILTERS, actual: classes[actual], predicted: classes[predicted] },
      "images",
    );
    gallery.focus();
  };
  let shown = "";
  return async (view) => {
    checkOption(networks, view.network);
    let failure = "";
    const report = await readReport(view.network).catch(({ message }) => {
      failure = message;
      return EMPTY_REPORT;
    });
    if (view !== views.current) return;
    problem.textContent = failure;
    if (view.network !== shown) showNetwork(view.network, report);
    shown = failure ? "" : view.network;
    gallery.show(report.predictions, view);
  };

  /** @param {string} name @param {NetworkReport} report */
  function showNetwork(name, { per_class, reliability, ood, predictions }) {
    const ece = site.networks.find((network) => network.name === name)?.metrics.ece ?? Number.NaN;
    const hasImages = predictions.actual.length > 0;
    fillSection("confusion", hasImages && showConfusion(predictions, classes, onChoice));
    fillSection("images", hasImages && gallery.element);
    fillSection("classes", per_class.length > 0 && showClasses(per_class, classes));
    fillSection("reliability", ...(reliability.length ? showReliability(reliability, ece) : []));
    fillSection("ood", ood.length > 0 && showOod(ood));
  }
}
