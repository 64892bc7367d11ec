/** The probabilities of all classes, highest first. */

import { h } from "../dom.js";
import { percent } from "../format.js";
import { UNCERTAIN } from "./explanations.js";

/** @import { Model } from "../types.d.ts" */
/** @import { Prediction } from "../inference/classifier.js" */

const VISIBLE = 10; // the rest is collapsed

/**
 * @param {Prediction} prediction
 * @param {Model} model
 */
export function bars({ probabilities }, model) {
  const order = [...probabilities.keys()].sort((a, b) => probabilities[b] - probabilities[a]);
  const items = order.map((label) => bar(model.classes[label], probabilities[label]));
  const rest = items.splice(VISIBLE);
  const more = h("summary", {}, `${rest.length} more`);
  return h(
    "section",
    {},
    h("h3", {}, "Probabilities"),
    h("ol", { class: "bars" }, ...items),
    ...(rest.length ? [h("details", {}, more, h("ol", { class: "bars" }, ...rest))] : []),
    h(
      "p",
      { class: "quiet" },
      "Calibrated: predictions with 80\u00a0% are right in about 80\u00a0% of cases. ",
      `Below ${percent(model.min_confidence)} the prediction is “${UNCERTAIN}”.`,
    ),
  );
}

/**
 * @param {string} name
 * @param {number} probability
 */
function bar(name, probability) {
  return h(
    "li",
    {},
    h("bdi", { class: "bar-name" }, name),
    h("span", { class: "bar-track", style: { "--fraction": `${100 * probability}%` } }),
    h("span", { class: "number" }, percent(probability)),
  );
}
