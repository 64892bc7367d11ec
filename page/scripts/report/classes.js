/** Precision, recall and F1 of each class, in a table that its headings sort. */

import { h } from "../dom.js";
import { sortableTable } from "./table.js";

/** @import { NetworkReport } from "../types.d.ts" */

/** @typedef {NetworkReport["per_class"][number]} Scores */

/**
 * At first the class with the lowest F1 is on top.
 *
 * @param {Scores[]} scores
 * @param {string[]} classes
 */
export function showClasses(scores, classes) {
  const columns = [
    { title: "Class", of: (/** @type {Scores} */ row) => classes.indexOf(row.class), isText: true },
    { title: "Precision", of: (/** @type {Scores} */ row) => row.precision },
    { title: "Recall", of: (/** @type {Scores} */ row) => row.recall },
    { title: "F1", of: (/** @type {Scores} */ row) => row.f1 },
  ];
  const rows = new Map(scores.map((row) => [row, tableRow(row)]));
  return sortableTable("Scores by class", "classes", columns, rows, { by: 3, ascending: true });
}

/** @param {Scores} scores */
function tableRow(scores) {
  const name = h("span", { class: "name", title: scores.class }, scores.class);
  const numbers = [scores.precision, scores.recall, scores.f1].map((score) =>
    h("td", { class: "number" }, score.toFixed(3)),
  );
  return h("tr", {}, h("th", { scope: "row" }, name), ...numbers);
}
