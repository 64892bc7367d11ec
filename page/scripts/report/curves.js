/** Accuracy or loss by epoch, of all networks. */

import { h, svg } from "../dom.js";
import { ABOVE, axis, BELOW, drawAxes } from "./axes.js";
import { explorable } from "./explore.js";
import { linesOf, settled, valueAt } from "./history.js";
import { drawLine, inside, swatch } from "./lines.js";
import { mark, radioGroup } from "./radioGroup.js";
import { fill, readWhole } from "./sections.js";
import { asTable } from "./table.js";

/** @import { Site } from "../types.d.ts" */
/** @import { Metric } from "./history.js" */
/** @import { Line } from "./lines.js" */
/** @import { Views, View } from "./view.js" */

const HEIGHT = 320;
/** @type {[Metric, string][]} */
const METRICS = [
  ["accuracy", "Accuracy"],
  ["loss", "Loss"],
];

/**
 * A function that shows the curves which a view asks for, of the networks whose files load.
 *
 * @param {Site} site
 * @param {Views} views
 * @returns {(view: View) => Promise<void>}
 */
export function startCurves({ networks }, views) {
  const metrics = radioGroup("Curves of", "curve", METRICS, (curve) =>
    views.change({ curve: /** @type {Metric} */ (curve) }),
  );
  const place = h("div", {});
  let shown = "";
  return async (view) => {
    mark(metrics, view.curve);
    const reports = await Promise.allSettled(networks.map(({ name }) => readWhole(name)));
    const wanted = [view.curve, ...reports.map(({ status }) => status)].join();
    if (view !== views.current || wanted === shown) return;
    shown = wanted;
    const lines = reports.flatMap((report, style) =>
      report.status === "fulfilled"
        ? linesOf(networks[style].name, report.value.history, view.curve, style)
        : [],
    );
    if (!lines.length) return;
    const missing = reports.flatMap((report) =>
      report.status === "rejected" ? [h("p", { class: "error" }, report.reason.message)] : [],
    );
    place.replaceChildren(...missing, ...showCurves(lines, view.curve));
    if (!place.isConnected) fill("curves", metrics, place);
  };
}

/**
 * The figure, its values at one epoch, and the table.
 *
 * @param {Line[]} lines
 * @param {Metric} metric
 */
function showCurves(lines, metric) {
  const epochs = [...new Set(lines.flatMap(({ points }) => points.map(({ x }) => x)))];
  epochs.sort((a, b) => a - b);
  const readOut = h("div", { class: "read-out", "aria-live": "polite", "aria-atomic": "true" });
  const figure = explorable({
    label: `${metric} by epoch`,
    steps: epochs.map((epoch) => `epoch ${epoch}`),
    start: epochs.length - 1,
    draw: (width) => draw(lines, epochs, metric, width),
    tell: (step) => readOut.replaceChildren(...told(lines, epochs[step], metric)),
  });
  return [h("div", { class: "figure" }, figure, readOut), tableOf(lines, epochs, metric)];
}

/**
 * @param {Line[]} lines
 * @param {number[]} epochs
 * @param {Metric} metric
 * @param {number} width
 */
function draw(lines, epochs, metric, width) {
  const ends = /** @type {[number, number]} */ ([
    epochs[0],
    Math.max(epochs[0] + 1, epochs.at(-1) ?? 0),
  ]);
  const x = axis("Epoch", ends, [56, width - 10], "whole", width / 45);
  const [title, unit] = metric === "loss" ? ["Loss", "plain"] : ["Accuracy", "percent"];
  const y = axis(title, settled(lines), [HEIGHT - BELOW, ABOVE], /** @type {"plain"} */ (unit), 10);
  const drawn = lines.map((line) => drawLine(line, x, y));
  const about = { width, height: HEIGHT, "aria-hidden": "true" };
  const image = svg("svg", about, drawAxes(x, y), inside(x, y, ...drawn));
  return { image, places: epochs.map(x.at) };
}

/**
 * The legend, with the values at an epoch.
 *
 * @param {Line[]} lines
 * @param {number} epoch
 * @param {Metric} metric
 */
function told(lines, epoch, metric) {
  const entries = lines.map((line) => {
    const end = Math.min(epoch, line.points.at(-1)?.x ?? epoch); // some networks train for longer
    const value = valueAt(line, end, metric) + (end < epoch ? ` at ${end}` : "");
    const name = h("span", {}, `${line.name} `);
    return h("li", {}, swatch(line), name, h("span", { class: "number" }, value));
  });
  return [h("p", {}, `Epoch ${epoch}`), h("ul", {}, ...entries)];
}

/**
 * @param {Line[]} lines
 * @param {number[]} epochs
 * @param {Metric} metric
 */
function tableOf(lines, epochs, metric) {
  const titles = ["Epoch", ...lines.map(({ name }) => name)];
  const rows = epochs.map((epoch) => [epoch, ...lines.map((line) => valueAt(line, epoch, metric))]);
  return asTable(metric === "loss" ? "Loss by epoch" : "Accuracy by epoch", titles, rows);
}
