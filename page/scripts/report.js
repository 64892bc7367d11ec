/** The page "Results": the committed report as something to explore, without the model. */

import { byId, h } from "./dom.js";
import { showFooter } from "./footer.js";
import { count } from "./format.js";
import { startCurves } from "./report/curves.js";
import { startDetails } from "./report/details.js";
import { compareNetworks } from "./report/networks.js";
import { fill } from "./report/sections.js";
import { Views } from "./report/view.js";
import { readSite } from "./site.js";

/** @import { Site } from "./types.d.ts" */

/** Read the data and show them; what fails is said in one line. */
async function start() {
  try {
    const site = await readSite();
    introduce(site);
    showFooter(site);
    if (site.networks.length) await explore(site);
  } catch (error) {
    byId("title", HTMLElement).after(
      h("p", { class: "error", role: "alert" }, /** @type {Error} */ (error).message),
    );
  }
  document.getElementById(location.hash.slice(1))?.scrollIntoView(); // it was hidden until now
}

/** @param {Site} site */
function explore(site) {
  fill("networks", compareNetworks(site));
  if (site.accuracy_figure) fill("computation", figure(site.accuracy_figure));
  const views = new Views(site);
  const parts = [startCurves(site, views), startDetails(site, views)];
  return Promise.all(parts.map((show) => views.follow(show)));
}

/** @param {string} src of the figure of accuracy against computation */
function figure(src) {
  const alt = "Test error against the computation of the training: our networks and published ones";
  return h("img", { src, alt, class: "figure", loading: "lazy" });
}

/** @param {Site} site */
function introduce({ data: { name, classes, image_shape: shape, images } }) {
  const title = `Results on ${name}`;
  document.title = title;
  byId("title", HTMLElement).textContent = title;
  const kind = shape.length > 2 ? "colour" : "greyscale";
  const parts = Object.entries(images).map(([part, number]) => `${count(number)} ${part}`);
  const about = `${classes.length} classes of ${shape[1]}x${shape[0]} ${kind} images: ${parts.join(", ")}.`;
  byId("about", HTMLElement).textContent = about;
}

start();
