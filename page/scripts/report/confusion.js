/** Which classes are confused: the confusion matrix and the most confused pairs. */

import { h } from "../dom.js";
import { formatCount, percent } from "../format.js";
import { showMatrix } from "./matrix.js";

/** @import { NetworkReport } from "../types.d.ts" */

const MAX_MATRIX = 25; // classes; a larger matrix is not readable
const MAX_BESIDE = 12; // classes; a larger matrix takes the full width
const PAIRS_WITH_MATRIX = 10;
const PAIRS_ALONE = 30;

/**
 * A cell of the confusion matrix, with classes as labels: `count` of the `total` images of class
 * `actual` are predicted as `predicted`.
 *
 * @typedef {{ actual: number, predicted: number, count: number, total: number }} Cell
 */

/**
 * @param {NetworkReport["predictions"]} predictions
 * @param {string[]} classes
 * @param {(cell: Cell) => void} onChoice
 */
export function showConfusion(predictions, classes, onChoice) {
  const matrix = confusionMatrix(predictions, classes.length);
  const hasMatrix = classes.length <= MAX_MATRIX;
  const all = confusedPairs(matrix);
  const pairs = all.slice(0, hasMatrix ? PAIRS_WITH_MATRIX : PAIRS_ALONE);
  const size = pairs.length < all.length ? `, ${pairs.length} of ${all.length}` : "";
  const items = pairs.map((pair) => h("li", {}, pairButton(pair, classes, pairs[0], onChoice)));
  const list = items.length ? h("ol", { class: "pairs" }, ...items) : h("p", {}, "No mistakes.");
  const section = h("div", {}, h("h3", {}, `Most confused pairs${size}`), list);
  if (!hasMatrix) return section;
  const layout = classes.length <= MAX_BESIDE ? "beside" : "stacked";
  return h("div", { class: layout }, showMatrix(matrix, classes, onChoice), section);
}

/**
 * @param {NetworkReport["predictions"]} predictions
 * @param {number} classes
 * @returns {Cell[][]} actual classes in rows, predicted ones in columns
 */
function confusionMatrix({ actual, predicted }, classes) {
  const counts = Array.from({ length: classes }, () => Array(classes).fill(0));
  for (const [image, label] of actual.entries()) counts[label][predicted[image]] += 1;
  return counts.map((row, label) => {
    const total = row.reduce((sum, count) => sum + count, 0);
    return row.map((count, other) => ({ actual: label, predicted: other, count, total }));
  });
}

/** @param {Cell[][]} matrix @returns {Cell[]} mistakes, most frequent first */
function confusedPairs(matrix) {
  return matrix
    .flat()
    .filter(({ actual, predicted, count }) => count && actual !== predicted)
    .sort((a, b) => b.count - a.count || b.count / b.total - a.count / a.total);
}

/**
 * @param {Cell} pair
 * @param {string[]} classes
 * @param {Cell} mostFrequent
 * @param {(cell: Cell) => void} onChoice
 */
function pairButton(pair, classes, mostFrequent, onChoice) {
  const [actual, predicted] = [classes[pair.actual], classes[pair.predicted]];
  const arrow = h("span", { "aria-hidden": "true" }, " → ");
  const spoken = h("span", { class: "hidden" }, ", predicted as ");
  const style = { "--fraction": String(pair.count / mostFrequent.count) };
  return h(
    "button",
    { type: "button", onclick: () => onChoice(pair), style },
    h("span", { class: "names" }, h("bdi", {}, actual), arrow, spoken, h("bdi", {}, predicted)),
    h(
      "span",
      { class: "number" },
      `${formatCount(pair.count)} (${percent(pair.count / pair.total)})`,
    ),
  );
}
