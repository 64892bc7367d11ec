/** The confusion matrix as a table of buttons; arrow keys move among them. */

import { h } from "../dom.js";
import { count, percent } from "../format.js";
import { onKeys } from "./keys.js";
import { region } from "./table.js";

/** @import { Cell } from "./counts.js" */

const HINT = "Colours: fraction of the row. Arrow keys move among the cells.";
const FULL = 0.2; // the fraction of a row at which a mistake has its full colour

/** @type {Record<string, [number, number]>} rows and columns that a key moves by */
const KEYS = {
  ArrowUp: [-1, 0],
  ArrowDown: [1, 0],
  ArrowLeft: [0, -1],
  ArrowRight: [0, 1],
  Home: [0, Number.NEGATIVE_INFINITY],
  End: [0, Number.POSITIVE_INFINITY],
};

/**
 * @param {Cell[][]} matrix
 * @param {string[]} classes
 * @param {(cell: Cell) => void} choose
 */
export function showMatrix(matrix, classes, choose) {
  const readOut = h("p", { class: "matrix-read-out" }, HINT);
  const tell = (/** @type {Cell} */ cell) => readOut.replaceChildren(describe(cell, classes));
  const buttons = matrix.map((row) => row.map((cell) => button(cell, classes, tell, choose)));
  const heads = classes.map((name) => h("th", { scope: "col", title: name }, h("span", {}, name)));
  const corner = h("td", { class: "corner" }, "actual ↓", h("br"), "predicted →");
  const rows = buttons.map((row, label) => {
    const cells = row.map((content) => h("td", {}, content));
    return h("tr", {}, h("th", { scope: "row", title: classes[label] }, classes[label]), ...cells);
  });
  const grid = h(
    "table",
    { class: "matrix", role: "grid", "aria-label": "Confusion matrix" },
    h("thead", {}, h("tr", {}, corner, ...heads)),
    h("tbody", {}, ...rows),
  );
  moveByKeys(grid, buttons);
  return h("div", {}, region("Confusion matrix", grid), readOut);
}

/**
 * @param {Cell} cell
 * @param {string[]} classes
 * @param {(cell: Cell) => void} tell
 * @param {(cell: Cell) => void} choose
 */
function button(cell, classes, tell, choose) {
  return h(
    "button",
    {
      type: "button",
      class: cell.actual === cell.predicted ? "right" : "wrong",
      tabIndex: cell.actual + cell.predicted ? -1 : 0,
      "aria-label": describe(cell, classes),
      onclick: () => choose(cell),
      onfocus: () => tell(cell),
      onpointerenter: () => tell(cell),
      style: { "--strength": strength(cell).toFixed(3) },
    },
    cell.count || "",
  );
}

/** @param {Cell} cell */
function strength({ actual, predicted, count, total }) {
  const fraction = count / Math.max(1, total);
  return actual === predicted ? fraction : Math.sqrt(Math.min(1, fraction / FULL));
}

/**
 * A cell in words.
 *
 * @param {Cell} cell
 * @param {string[]} classes
 */
export function describe(cell, classes) {
  const fraction = percent(cell.count / Math.max(1, cell.total));
  const of = `${count(cell.count)} of ${count(cell.total)} (${fraction})`;
  return `${of}: ${classes[cell.actual]}, predicted as ${classes[cell.predicted]}`;
}

/**
 * One button can be reached by Tab, the others from it.
 *
 * @param {HTMLTableElement} grid
 * @param {HTMLButtonElement[][]} buttons
 */
function moveByKeys(grid, buttons) {
  const last = buttons.length - 1;
  const all = buttons.flat();
  grid.addEventListener("focusin", ({ target }) => {
    for (const one of all) one.tabIndex = one === target ? 0 : -1;
  });
  onKeys(grid, KEYS, (by, { target }) => {
    const place = all.indexOf(/** @type {HTMLButtonElement} */ (target));
    const at = [Math.floor(place / buttons.length), place % buttons.length];
    const [row, column] = at.map((value, side) => Math.max(0, Math.min(last, value + by[side])));
    buttons[row][column].focus();
  });
}
