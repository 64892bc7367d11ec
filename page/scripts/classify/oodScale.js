/** The out-of-distribution score of an image, on a scale with the threshold. */

import { h } from "../dom.js";
import { percent } from "../format.js";

/** @import { Model } from "../types.d.ts" */
/** @import { Prediction } from "../inference/classifier.js" */

/**
 * @param {Prediction} prediction
 * @param {Model} model
 */
export function oodScale({ oodScore }, { ood_threshold: threshold, target_fpr }) {
  const end = Math.max(2 * threshold, 1.1 * oodScore) || 1;
  const position = (/** @type {number} */ value) => `${((100 * value) / end).toFixed(2)}%`;
  const style = { "--score": position(oodScore), "--threshold": position(threshold) };
  return h(
    "section",
    {},
    h("h3", {}, "Out-of-distribution (OOD) score"),
    h(
      "div",
      { class: "scale", "aria-hidden": "true", style },
      h("span", { class: "scale-track" }),
      h("span", { class: "scale-score" }),
      h("span", { class: "scale-threshold quiet" }, "threshold"),
    ),
    h(
      "p",
      { class: "quiet" },
      `${oodScore.toFixed(3)}: how far the image is from the training images. `,
      `Above ${threshold.toFixed(3)} it probably shows none of the classes; `,
      `${percent(target_fpr)} of the validation images are above it.`,
    ),
  );
}
