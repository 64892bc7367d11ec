/** Calibrated probabilities of all classes, the largest first. */

import { h } from "../dom.js";
import { percent } from "../format.js";
import { UNCERTAIN } from "../inference/classifier.js";

/** @import { Model } from "../types.d.ts" */
/** @import { Prediction } from "../inference/classifier.js" */

const FIRST = 10;

/**
 * @param {Prediction} prediction
 * @param {Model} model
 */
export function bars({ probabilities }, model) {
  const order = [...probabilities.keys()].sort((a, b) => probabilities[b] - probabilities[a]);
  const list = (/** @type {number[]} */ labels) =>
    h(
      "ol",
      { class: "bars" },
      ...labels.map((label) => bar(model.classes[label], probabilities[label])),
    );
  const rest = order.slice(FIRST);
  return h(
    "section",
    {},
    h("h3", {}, "Probabilities"),
    list(order.slice(0, FIRST)),
    ...(rest.length ? [h("details", {}, h("summary", {}, `${rest.length} more`), list(rest))] : []),
    h(
      "p",
      { class: "quiet" },
      "Calibrated: on the whole, right as often as they say. ",
      `If the best is below ${percent(model.min_confidence)}, the prediction is “${UNCERTAIN}”.`,
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
    h("span", { class: "bar-track", style: { "--part": `${100 * probability}%` } }),
    h("span", { class: "number" }, percent(probability)),
  );
}
