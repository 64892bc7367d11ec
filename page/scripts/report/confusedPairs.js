/** The most confused pairs of classes as a list. */

import { h } from "../dom.js";
import { count, percent } from "../format.js";

/** @import { Cell } from "./counts.js" */

/**
 * @param {Cell[]} pairs the most frequent first
 * @param {string[]} classes
 * @param {(cell: Cell) => void} choose
 */
export function confusedPairs(pairs, classes, choose) {
  if (!pairs.length) return h("p", {}, "No mistakes.");
  const most = pairs[0].count;
  const entries = pairs.map((pair) => h("li", {}, entry(pair, classes, most, choose)));
  return h("ol", { class: "pairs" }, ...entries);
}

/**
 * @param {Cell} pair
 * @param {string[]} classes
 * @param {number} most images of a pair
 * @param {(cell: Cell) => void} choose
 */
function entry(pair, classes, most, choose) {
  const [actual, predicted] = [classes[pair.actual], classes[pair.predicted]];
  const arrow = h("span", { "aria-hidden": "true" }, " → ");
  const told = h("span", { class: "hidden" }, ", predicted as ");
  const images = `${count(pair.count)} (${percent(pair.count / pair.total)})`;
  return h(
    "button",
    { type: "button", onclick: () => choose(pair), style: { "--part": String(pair.count / most) } },
    h("span", { class: "names" }, h("bdi", {}, actual), arrow, told, h("bdi", {}, predicted)),
    h("span", { class: "number" }, images),
  );
}
