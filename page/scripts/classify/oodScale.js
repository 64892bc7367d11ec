/** How far an image is from the training images, on a scale with the threshold. */

import { h } from "../dom.js";
import { percent } from "../format.js";

/** @import { Model } from "../types.d.ts" */
/** @import { Prediction } from "../inference/classifier.js" */

/**
 * @param {Prediction} prediction
 * @param {Model} model
 */
export function oodScale({ distance }, model) {
  const threshold = model.ood_threshold;
  const end = Math.max(2 * threshold, 1.1 * distance) || 1;
  const at = (/** @type {number} */ value) => `${((100 * value) / end).toFixed(2)}%`;
  return h(
    "section",
    {},
    h("h3", {}, "Distance from the training images"),
    h(
      "div",
      {
        class: "scale",
        "aria-hidden": "true",
        style: { "--at": at(distance), "--limit": at(threshold) },
      },
      h("span", { class: "scale-track" }),
      h("span", { class: "scale-mark" }),
      h("span", { class: "scale-limit quiet" }, "threshold"),
    ),
    h(
      "p",
      { class: "quiet" },
      `Distance ${distance.toFixed(3)}, the mean to the nearest training images. Above the threshold `,
      `of ${threshold.toFixed(3)}, ${percent(model.target_fpr)} of the validation images are `,
      "refused wrongly.",
    ),
  );
}
