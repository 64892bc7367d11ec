/** The occlusion map: the input of the network, coloured by how much each region matters. */

import { h, svg } from "../dom.js";
import { percent } from "../format.js";
import { paint } from "../inference/images.js";
import { occlusion, patchEdge } from "../inference/occlusion.js";

/** @import { Drops } from "../inference/occlusion.js" */
/** @import { Predicted } from "./prediction.js" */

const MIN_FULL_DROP = 0.05; // smaller drops never get the full colour

/**
 * The figure, complete but for the map, which is added without moving anything below.
 *
 * @param {Predicted} predicted stores the map
 * @param {AbortSignal} signal stops the computation
 */
export function occlusionMap(predicted, signal) {
  const { classifier, image, prediction } = predicted;
  const { classes, image_shape } = classifier.model;
  const canvas = h("canvas", { "aria-hidden": "true" });
  paint(image, image_shape, canvas);
  const frame = h("div", { class: "frame" }, canvas);
  const points = h("span", { class: "points" }, "… points.");
  const legend = h("div", { class: "legend quiet" });
  legend.append(...explain(classes[prediction.top1], image_shape, points));
  addMap(predicted, frame, points, signal).catch((error) => {
    if (!signal.aborted) legend.replaceChildren(h("p", { class: "error" }, error.message));
  });
  const caption = h("figcaption", {}, "What matters");
  return h("figure", { class: "occlusion-map" }, caption, frame, legend);
}

/**
 * @param {Predicted} predicted
 * @param {HTMLElement} frame
 * @param {HTMLElement} points is set to the largest drop
 * @param {AbortSignal} signal
 */
async function addMap(predicted, frame, points, signal) {
  const { classifier, image, prediction } = predicted;
  if (!predicted.drops) {
    const progress = h("progress", { value: 0, "aria-label": "Covering patches" });
    const onProgress = (/** @type {number} */ fraction) => {
      progress.value = fraction;
    };
    frame.append(progress);
    const options = { signal, onProgress };
    predicted.drops = await occlusion(classifier, image, prediction, options).finally(() =>
      progress.remove(),
    );
  }
  const largest = Math.max(0, ...predicted.drops.values);
  const fullDrop = Math.max(MIN_FULL_DROP, largest);
  frame.append(heatmap(predicted.drops, classifier.model.image_shape, fullDrop));
  points.textContent = percent(largest).replace("%", "points.");
}

/**
 * Orange where a patch lowers the probability, blue where it raises it.
 *
 * @param {Drops} drops
 * @param {number[]} shape
 * @param {number} fullDrop the drop that gets the full colour
 */
function heatmap({ values, rows, columns }, [height, width], fullDrop) {
  const cells = values.map((value, cell) =>
    svg("rect", {
      class: value < 0 ? "rise" : "drop",
      x: ((cell % columns) * width) / columns,
      y: (Math.floor(cell / columns) * height) / rows,
      width: width / columns,
      height: height / rows,
      opacity: Math.min(1, Math.abs(value) / fullDrop).toFixed(3),
    }),
  );
  const viewBox = `0 0 ${width} ${height}`;
  return svg("svg", { class: "heatmap", viewBox, "aria-hidden": "true" }, ...cells);
}

/**
 * @param {string} name
 * @param {number[]} shape
 * @param {HTMLElement} points
 */
function explain(name, [height, width], points) {
  const covering = `Covering a patch of ${patchEdge(width)}×${patchEdge(height)} pixels`;
  const effect = [` lowers the probability of `, h("bdi", {}, name), " by up to ", points];
  const ends = [h("span", {}, "raises it"), h("span", {}, "lowers it")];
  return [
    h("p", {}, covering, ...effect),
    h("span", { class: "ramp", "aria-hidden": "true" }),
    h("span", { class: "ramp-ends", "aria-hidden": "true" }, ...ends),
  ];
}
