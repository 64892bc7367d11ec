/** Which class is taken for which: the matrix and the most confused pairs. */

import { h } from "../dom.js";
import { confusedPairs } from "./confusedPairs.js";
import { confusionMatrix, mistakes } from "./counts.js";
import { showMatrix } from "./matrix.js";

/** @import { NetworkReport } from "../types.d.ts" */
/** @import { Cell } from "./counts.js" */

const ROOM = 25; // classes at most whose matrix can be read
const NARROW = 12; // classes at most whose matrix leaves room beside it
const PAIRS = 10; // with a matrix
const ALONE = 30; // pairs instead of one

/**
 * Of too many classes, the pairs alone.
 *
 * @param {NetworkReport["predictions"]} predictions
 * @param {string[]} classes
 * @param {(cell: Cell) => void} choose
 */
export function showConfusion(predictions, classes, choose) {
  const matrix = confusionMatrix(predictions, classes.length);
  const hasMatrix = classes.length <= ROOM;
  const all = mistakes(matrix);
  const pairs = all.slice(0, hasMatrix ? PAIRS : ALONE);
  const few = pairs.length < all.length ? `, ${pairs.length} of ${all.length}` : "";
  const title = h("h3", {}, `Most confused pairs${few}`);
  const list = h("div", {}, title, confusedPairs(pairs, classes, choose));
  if (!hasMatrix) return [list];
  const layout = classes.length <= NARROW ? "beside" : "stacked";
  return [h("div", { class: layout }, showMatrix(matrix, classes, choose), list)];
}
