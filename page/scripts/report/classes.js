/** Precision, recall and F1 of each class, as numbers and as dots on a common scale. */

import { h, svg } from "../dom.js";
import { roundStep } from "./axes.js";
import { region } from "./table.js";

/** @import { NetworkReport } from "../types.d.ts" */

/** @typedef {NetworkReport["per_class"][number]} Scores */
/** @typedef {"class" | "precision" | "recall" | "f1"} Key */

/** @type {Record<Key, string>} */
const TITLES = { class: "Class", precision: "Precision", recall: "Recall", f1: "F1" };
const KEYS = /** @type {Key[]} */ (Object.keys(TITLES));

/**
 * A table that its heads sort; the worst F1 first.
 *
 * @param {Scores[]} scores
 * @param {string[]} classes
 */
export function showClasses(scores, classes) {
  const body = h("tbody", {});
  const heads = KEYS.map((key) => head(key, (ascending) => sort(key, ascending)));
  const low = lowEnd(scores);
  const rows = scores.map((row) => ({ row, element: scoresRow(row, low) }));

  /** @param {Key} key @param {boolean} ascending */
  const sort = (key, ascending) => {
    const value = (/** @type {Scores} */ row) =>
      key === "class" ? classes.indexOf(row.class) : row[key];
    rows.sort((a, b) => (ascending ? 1 : -1) * (value(a.row) - value(b.row)));
    body.replaceChildren(...rows.map(({ element }) => element));
    for (const [place, th] of heads.entries()) {
      const direction = ascending ? "ascending" : "descending";
      th.setAttribute("aria-sort", KEYS[place] === key ? direction : "none");
    }
  };
  sort("f1", true);
  const content = h("table", { class: "classes" }, h("thead", {}, h("tr", {}, ...heads)), body);
  return [legend(low), region("Scores by class", content)];
}

/** @param {Key} key @param {(ascending: boolean) => void} sort */
function head(key, sort) {
  const button = h("button", { type: "button" }, TITLES[key]);
  const th = h("th", { scope: "col", class: key === "class" ? "text" : "number" }, button);
  button.addEventListener("click", () => sort(th.getAttribute("aria-sort") !== "ascending"));
  return th;
}

/**
 * A round number below all scores.
 *
 * @param {Scores[]} scores
 */
function lowEnd(scores) {
  const least = Math.min(...scores.flatMap(({ precision, recall, f1 }) => [precision, recall, f1]));
  const step = roundStep((1 - least) / 5 || 0.1);
  return Math.max(0, Math.floor(least / step - 1e-6) * step);
}

/** @param {Scores} scores @param {number} low */
function scoresRow(scores, low) {
  const name = h(
    "th",
    { scope: "row" },
    h("span", { class: "name", title: scores.class }, scores.class),
    dots(scores, low),
  );
  const numbers = KEYS.slice(1).map((key) =>
    h("td", { class: "number" }, Number(scores[key]).toFixed(3)),
  );
  return h("tr", {}, name, ...numbers);
}

/** @param {Scores} scores @param {number} low */
function dots(scores, low) {
  const at = (/** @type {number} */ score) => `${(100 * (score - low)) / (1 - low)}%`;
  const [x1, x2] = [at(scores.precision), at(scores.recall)];
  return svg(
    "svg",
    { class: "dots", "aria-hidden": "true", height: 14 },
    svg("line", { x1: 0, x2: "100%", y1: 7, y2: 7, class: "base" }),
    svg("line", { x1, x2, y1: 7, y2: 7, class: "span" }),
    ...marks(x1, x2, at(scores.f1)),
  );
}

/** @param {string | number} precision @param {string | number} recall @param {string | number} f1 */
function marks(precision, recall, f1) {
  const square = { width: 8, height: 8, y: 3, transform: "translate(-4 0)" };
  return [
    svg("circle", { cx: precision, cy: 7, r: 4.5, class: "precision" }),
    svg("rect", { x: recall, ...square, class: "recall" }),
    svg("circle", { cx: f1, cy: 7, r: 3.5, class: "f1" }),
  ];
}

/** @param {number} low */
function legend(low) {
  const names = ["Precision", "Recall", "F1"].map((name, place) => {
    const about = { class: "dots", width: 14, height: 14, "aria-hidden": "true" };
    return h("span", { class: "key" }, svg("svg", about, marks(7, 7, 7)[place]), name);
  });
  const scale = `Dots: from ${Number(low.toFixed(6))} on the left to 1 on the right.`;
  return h("p", { class: "legend quiet" }, ...names, h("span", {}, scale));
}
