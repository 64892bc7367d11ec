/** Precision, recall and F1 of each class, in a table that its headings sort. */

import { h } from "../dom.js";
import { region } from "./table.js";

/** @import { NetworkReport } from "../types.d.ts" */

/** @typedef {NetworkReport["per_class"][number]} Scores */
/** @typedef {keyof Scores} Column */

/** @type {Record<Column, string>} */
const TITLES = { class: "Class", precision: "Precision", recall: "Recall", f1: "F1" };
const COLUMNS = /** @type {Column[]} */ (Object.keys(TITLES));

/**
 * At first the class with the lowest F1 is on top.
 *
 * @param {Scores[]} scores
 * @param {string[]} classes
 */
export function showClasses(scores, classes) {
  const body = h("tbody");
  const headings = COLUMNS.map((column) => heading(column, (ascending) => sort(column, ascending)));

  /** @param {Column} column @param {boolean} ascending */
  const sort = (column, ascending) => {
    const value = (/** @type {Scores} */ row) =>
      column === "class" ? classes.indexOf(row.class) : row[column];
    const sorted = [...scores].sort((a, b) => (ascending ? 1 : -1) * (value(a) - value(b)));
    body.replaceChildren(...sorted.map(tableRow));
    for (const [i, th] of headings.entries()) {
      const direction = ascending ? "ascending" : "descending";
      th.setAttribute("aria-sort", COLUMNS[i] === column ? direction : "none");
    }
  };
  sort("f1", true);
  const head = h("thead", {}, h("tr", {}, ...headings));
  return region("Scores by class", h("table", { class: "classes" }, head, body));
}

/** @param {Column} column @param {(ascending: boolean) => void} sort */
function heading(column, sort) {
  const button = h("button", { type: "button" }, TITLES[column]);
  const th = h("th", { scope: "col", class: column === "class" ? "text" : "number" }, button);
  button.addEventListener("click", () => sort(th.getAttribute("aria-sort") !== "ascending"));
  return th;
}

/** @param {Scores} scores */
function tableRow(scores) {
  const name = h("span", { class: "name", title: scores.class }, scores.class);
  const numbers = [scores.precision, scores.recall, scores.f1].map((score) =>
    h("td", { class: "number" }, score.toFixed(3)),
  );
  return h("tr", {}, h("th", { scope: "row" }, name), ...numbers);
}
