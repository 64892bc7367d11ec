/** What the page shows, and when: once the data are here, and again when the reader chooses. */

import { h } from "../dom.js";
import { showFooter } from "../footer.js";
import { count } from "../format.js";
import { readSite } from "../site.js";
import { startCurves } from "./curves.js";
import { startDetails } from "./details.js";
import { compareNetworks } from "./networks.js";
import { fill } from "./parts.js";
import { Views } from "./view.js";

/** @import { Site } from "../types.d.ts" */

/** Read the data and show them; what fails is said in one line. */
export async function startPage() {
  try {
    const site = await readSite();
    introduce(site);
    showFooter(site);
    if (site.networks.length) await explore(site);
  } catch (error) {
    complain(error);
  }
  document.getElementById(location.hash.slice(1))?.scrollIntoView(); // it was hidden until now
}

/** @param {Site} site */
function explore(site) {
  fill("networks", compareNetworks(site));
  const views = new Views(site);
  const parts = [startCurves(site, views), startDetails(site, views)];
  return Promise.all(parts.map((show) => views.follow((view) => show(view).catch(complain))));
}

/** @param {Site} site */
function introduce({ data: { name, classes, image_shape: shape, images } }) {
  const title = `Results on ${name}`;
  document.title = title;
  document.querySelector("h1")?.replaceChildren(title);
  const kind = shape.length > 2 ? "colour" : "greyscale";
  const parts = Object.entries(images).map(([part, number]) => `${count(number)} ${part}`);
  const about = `${classes.length} classes of ${shape[1]}x${shape[0]} ${kind} images: ${parts.join(", ")}.`;
  document.getElementById("about")?.replaceChildren(about);
}

const line = h("p", { class: "error", role: "alert" });

/** @param {unknown} error */
function complain(error) {
  line.textContent = error instanceof Error ? error.message : String(error);
  document.querySelector("h1")?.after(line);
}
