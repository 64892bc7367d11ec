/** What mattered: the image as the network sees it, under a map of what a covered patch changes. */

import { h, svg } from "../dom.js";
import { percent } from "../format.js";
import { occlusion, patchOf } from "../inference/occlusion.js";
import { toCanvas } from "../inference/images.js";

/** @import { Predicted } from "./prediction.js" */
/** @import { Drops } from "../inference/occlusion.js" */

const VISIBLE = 0.05; // a fall that is drawn at full strength, if there is no larger one

/**
 * The figure at once, the map in it as soon as it is computed; nothing below it moves then.
 *
 * @param {Predicted} predicted keeps the map
 * @param {AbortSignal} signal gives up
 */
export function occlusionMap(predicted, signal) {
  const { classifier, image, prediction } = predicted;
  const { classes, image_shape } = classifier.model;
  const canvas = h("canvas", { "aria-hidden": "true" });
  toCanvas(image, image_shape, canvas);
  const frame = h("div", { class: "frame" }, canvas);
  const points = h("span", { class: "points" }, "… points.");
  const legend = h("div", { class: "legend quiet" });
  legend.append(...explain(classes[prediction.best], image_shape, points));
  addMap(predicted, frame, points, signal).catch((error) => {
    if (!signal.aborted) legend.replaceChildren(h("p", { class: "error" }, error.message));
  });
  return h(
    "figure",
    { class: "occlusion-map" },
    h("figcaption", {}, "What mattered"),
    frame,
    legend,
  );
}

/**
 * @param {Predicted} predicted
 * @param {HTMLElement} frame
 * @param {HTMLElement} points to be told by how many the probability drops
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
    predicted.drops = await occlusion(classifier, image, prediction, { signal, onProgress }).finally(
      () => progress.remove(),
    );
  }
  const most = Math.max(0, ...predicted.drops.values);
  frame.append(heat(predicted.drops, classifier.model.image_shape, Math.max(VISIBLE, most)));
  points.textContent = percent(most).replace("%", "points.");
}

/**
 * Orange where a patch lowers the probability, blue where it raises it.
 *
 * @param {Drops} drops
 * @param {number[]} shape
 * @param {number} full the fall of full strength
 */
function heat({ values, rows, columns }, [height, width], full) {
  const cells = values.map((value, cell) =>
    svg("rect", {
      class: value < 0 ? "rise" : "fall",
      x: ((cell % columns) * width) / columns,
      y: (Math.floor(cell / columns) * height) / rows,
      width: width / columns,
      height: height / rows,
      opacity: Math.min(1, Math.abs(value) / full).toFixed(3),
    }),
  );
  return svg(
    "svg",
    { class: "heat", viewBox: `0 0 ${width} ${height}`, "aria-hidden": "true" },
    ...cells,
  );
}

/**
 * @param {string} name
 * @param {number[]} shape
 * @param {HTMLElement} points
 */
function explain(name, [height, width], points) {
  const patch = `${patchOf(width)}×${patchOf(height)} pixels`;
  return [
    h(
      "p",
      {},
      "How far the probability of ",
      h("bdi", {}, name),
      ` falls when a patch of ${patch} is covered: by up to `,
      points,
    ),
    h("span", { class: "ramp", "aria-hidden": "true" }),
    h(
      "span",
      { class: "ramp-ends", "aria-hidden": "true" },
      h("span", {}, "rises"),
      h("span", {}, "falls"),
    ),
  ];
}
