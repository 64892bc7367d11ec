/** The page "Results": the committed reports, to explore. */

import { byId, h } from "./dom.js";
import { showFooter } from "./footer.js";
import { formatCount } from "./format.js";
import { startCurves } from "./report/curves.js";
import { startDetails } from "./report/details.js";
import { startExperiments } from "./report/experiments.js";
import { labelIssues } from "./report/labelIssues.js";
import { compareNetworks } from "./report/networks.js";
import { fillSection } from "./report/sections.js";
import { Views } from "./report/view.js";
import { readSite } from "./site.js";

/** @import { Site } from "./types.d.ts" */

async function start() {
  try {
    const site = await readSite();
    introduce(site);
    showFooter(site);
    await showSections(site);
  } catch (error) {
    const { message } = /** @type {Error} */ (error);
    byId("title").after(h("p", { class: "error", role: "alert" }, message));
  }
  document.getElementById(location.hash.slice(1))?.scrollIntoView(); // was hidden until now
}

/** @param {Site} site */
function introduce({ dataset: { name, classes, image_shape: shape, images } }) {
  document.title = `Results on ${name}`;
  byId("title").textContent = document.title;
  const colour = shape.length > 2 ? "colour" : "greyscale";
  const splits = Object.entries(images).map(([split, size]) => `${formatCount(size)} ${split}`);
  byId("about").textContent =
    `${classes.length} classes of ${shape[1]}×${shape[0]} ${colour} images: ${splits.join(", ")}.`;
}

/** @param {Site} site */
function showSections(site) {
  fillSection("networks", compareNetworks(site));
  if (site.label_issues) fillSection("labels", labelIssues(site.label_issues, site));
  if (site.accuracy_figure) fillSection("computation", accuracyFigure(site.accuracy_figure));
  const views = new Views(site);
  return Promise.all(
    [startCurves(site, views), startExperiments(views), startDetails(site, views)].map((show) =>
      views.follow(show),
    ),
  );
}

/** @param {string} src */
function accuracyFigure(src) {
  const alt = "Test error against training computation, for our networks and published ones";
  return h("img", { src, alt, class: "accuracy-figure", loading: "lazy" });
}

start();
