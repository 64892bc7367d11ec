/** The confusion matrix as a grid of buttons; arrow keys move between them. */

import { h, onKeys } from "../dom.js";
import { formatCount, percent } from "../format.js";
import { region } from "./table.js";

/** @import { Cell } from "./confusion.js" */

const HINT = "Colours show the fraction of the row. Arrow keys move between cells.";
const FULL_COLOUR = 0.2; // fraction of a row at which a mistake has its full colour

/** @type {Record<string, [number, number]>} steps in rows and columns */
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
 * @param {(cell: Cell) => void} onChoice
 */
export function showMatrix(matrix, classes, onChoice) {
  const readout = h("p", { class: "matrix-readout" }, HINT);
  const describe = (/** @type {string} */ text) => readout.replaceChildren(text);
  const buttons = matrix.map((row) => row.map((cell) => button(cell, classes, describe, onChoice)));
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
  return h("div", {}, region("Confusion matrix", grid), readout);
}

/**
 * @param {Cell} cell
 * @param {string[]} classes
 * @param {(text: string) => void} describe
 * @param {(cell: Cell) => void} onChoice
 */
function button(cell, classes, describe, onChoice) {
  const { actual, predicted, total } = cell;
  const isRight = actual === predicted;
  const fraction = cell.count / Math.max(1, total);
  const strength = isRight ? fraction : Math.sqrt(Math.min(1, fraction / FULL_COLOUR));
  const images = `${formatCount(cell.count)} of ${formatCount(total)} (${percent(fraction)})`;
  const text = `${images}: ${classes[actual]}, predicted as ${classes[predicted]}`;
  return h(
    "button",
    {
      type: "button",
      class: isRight ? "right" : "wrong",
      tabIndex: actual + predicted ? -1 : 0,
      "aria-label": text,
      onclick: () => onChoice(cell),
      onfocus: () => describe(text),
      onpointerenter: () => describe(text),
      style: { "--strength": strength.toFixed(3) },
    },
    cell.count || "",
  );
}

/**
 * Tab reaches one button, arrow keys the others.
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
  onKeys(grid, KEYS, (steps, { target }) => {
    const index = all.indexOf(/** @type {HTMLButtonElement} */ (target));
    const cell = [Math.floor(index / buttons.length), index % buttons.length];
    const [row, column] = cell.map((i, side) => Math.max(0, Math.min(last, i + steps[side])));
    buttons[row][column].focus();
  });
}
