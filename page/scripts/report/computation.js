/** Accuracy against the operations of the training, ours among published results. */

import { h, svg } from "../dom.js";
import { percent } from "../format.js";
import { ABOVE, axis, BELOW, drawAxes } from "./axes.js";
import { explorable } from "./explore.js";
import { drawLine, swatch } from "./lines.js";
import { asTable } from "./table.js";

/** @import { Result } from "../types.d.ts" */
/** @import { Axis } from "./axes.js" */

const HEIGHT = 340;
const KINDS = ["ours, one view", "ours, averaged views", "published", "published, in doubt"];

/**
 * The figure and the table, from little computation to much.
 *
 * @param {Result[]} unsorted
 * @returns {HTMLElement[]}
 */
export function showComputation(unsorted) {
  const results = [...unsorted].sort((a, b) => a.pflop - b.pflop);
  if (!results.length) return [];
  const readOut = h("p", { class: "read-out", "aria-live": "polite" });
  const figure = explorable({
    label: "Accuracy by computation",
    steps: results.map(({ name }) => name),
    start: bestOf(results),
    draw: (width) => draw(results, width),
    tell: (step) => readOut.replaceChildren(describe(results[step])),
  });
  const keys = KINDS.map((name, style) =>
    h("span", { class: "key" }, swatch({ style, name, points: [] }), name),
  );
  const plotted = h("div", { class: "points" }, figure, h("p", { class: "legend quiet" }, ...keys));
  return [plotted, readOut, tableOf(results)];
}

/** The place of the most accurate of ours. @param {Result[]} results */
function bestOf(results) {
  const accuracies = results.map(({ ours, accuracy }) => (ours ? accuracy : 0));
  return accuracies.indexOf(Math.max(...accuracies));
}

/** @param {Result} result */
function describe({ name, views, accuracy, pflop, doubt }) {
  const doubted = doubt ? ` (${doubt})` : "";
  return `${name}, ${views}: ${percent(accuracy, 2)} after ${short(pflop)} PFLOP${doubted}`;
}

/** @param {number} pflop */
const short = (pflop) => String(Number(pflop.toPrecision(2)));

/** @param {Result} result */
function kindOf({ ours, views, doubt }) {
  if (ours) return views === "one view" ? 0 : 1;
  return doubt ? 3 : 2;
}

/** @param {Result[]} results @param {number} width */
function draw(results, width) {
  const operations = results.map(({ pflop }) => Math.log10(pflop));
  const errors = results.map(({ accuracy }) => Math.log10(1 - accuracy));
  const x = logarithmic("Training, in PFLOP", operations, [56, width - 20], [1], short);
  const shares = [1, 2, 3, 4, 5, 6, 8];
  const y = logarithmic("Test error", errors, [HEIGHT - BELOW, ABOVE], shares, (error) =>
    percent(error, 0),
  );
  const marks = results.map((result, place) => {
    const points = [{ x: operations[place], y: errors[place] }];
    return drawLine({ name: result.name, style: kindOf(result), points }, x, y);
  });
  const picture = svg(
    "svg",
    { width, height: HEIGHT, "aria-hidden": "true" },
    drawAxes(x, y),
    ...marks,
  );
  return { picture, places: operations.map(x.at) };
}

/**
 * An axis of decimal logarithms, with ticks at `factors` times powers of ten.
 *
 * @param {string} title
 * @param {number[]} values
 * @param {[number, number]} range
 * @param {number[]} factors
 * @param {(value: number) => string} text
 * @returns {Axis}
 */
function logarithmic(title, values, range, factors, text) {
  const [low, high] = [Math.min(...values) - 0.15, Math.max(...values) + 0.15];
  const powers = Array.from({ length: Math.ceil(high - low) + 2 }, (_, n) => Math.floor(low) + n);
  const ticks = powers
    .flatMap((power) => factors.map((factor) => factor * 10 ** power))
    .map((value) => ({ value: Math.log10(value), text: text(value) }))
    .filter(({ value }) => value >= low && value <= high);
  return { ...axis(title, [low, high], range, "plain", 1), ticks };
}

/** @param {Result[]} results */
function tableOf(results) {
  const titles = [
    { title: "Result", text: true },
    { title: "Views", text: true },
    "PFLOP",
    "Accuracy",
    { title: "Doubt", text: true },
  ];
  const rows = results.map(({ name, views, pflop, accuracy, doubt }) => [
    name,
    views,
    short(pflop),
    percent(accuracy, 2),
    doubt ?? "",
  ]);
  return asTable("Accuracy and computation", titles, rows);
}
