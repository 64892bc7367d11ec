/** Which class is taken for which: the matrix and the most confused pairs. */

import { h } from "../dom.js";
import { confusionMatrix, mistakes } from "./counts.js";
import { showMatrix } from "./matrix.js";
import { showPairs } from "./pairs.js";

/** @import { NetworkReport } from "../types.d.ts" */
/** @import { Cell } from "./counts.js" */

const ROOM = 25; // classes at most whose matrix can be read
const BESIDE = 12; // pairs beside a matrix
const ALONE = 60; // pairs instead of one

/**
 * Of too many classes, the pairs alone.
 *
 * @param {NetworkReport["predictions"]} predictions
 * @param {string[]} classes
 * @param {(cell: Cell) => void} choose
 */
export function showConfusion(predictions, classes, choose) {
  const matrix = confusionMatrix(predictions, classes.length);
  const isSmall = classes.length <= ROOM;
  const all = mistakes(matrix);
  const pairs = all.slice(0, isSmall ? BESIDE : ALONE);
  const few = pairs.length < all.length ? `, ${pairs.length} of ${all.length}` : "";
  const title = h("h3", {}, `Most confused pairs${few}`);
  const list = h("div", {}, title, showPairs(pairs, classes, choose));
  return isSmall
    ? [h("div", { class: "beside" }, showMatrix(matrix, classes, choose), list)]
    : [list];
}
