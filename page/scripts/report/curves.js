/** Learning curves: accuracy or loss by epoch, of all networks. */

import { h, svg } from "../dom.js";
import { percent } from "../format.js";
import { readReport } from "../site.js";
import { axis, drawAxes, MARGIN_BOTTOM, MARGIN_TOP } from "./axes.js";
import { explorable } from "./explore.js";
import { clip, drawLine, swatch } from "./lines.js";
import { checkOption, radioGroup } from "./radioGroup.js";
import { fillSection } from "./sections.js";
import { collapsedTable } from "./table.js";

/** @import { Epoch, Site } from "../types.d.ts" */
/** @import { Line } from "./lines.js" */
/** @import { View, Views } from "./view.js" */

/** @typedef {View["curve"]} Metric */

const HEIGHT = 320;
/** @type {[Metric, string][]} */
export const METRICS = [
  ["accuracy", "Accuracy"],
  ["loss", "Loss"],
];

/**
 * A function that shows the curves of a view, for the networks whose reports load.
 *
 * @param {Site} site
 * @param {Views} views
 * @returns {(view: View) => Promise<void>}
 */
export function startCurves({ networks }, views) {
  const metrics = radioGroup("Curves of", "curve", METRICS, (curve) =>
    views.change({ curve: /** @type {Metric} */ (curve) }),
  );
  const content = h("div");
  let shown = "";
  return async (view) => {
    checkOption(metrics, view.curve);
    const reports = await Promise.allSettled(networks.map(({ name }) => readReport(name)));
    const wanted = [view.curve, ...reports.map(({ status }) => status)].join();
    if (view !== views.current || wanted === shown) return;
    shown = wanted;
    const lines = reports.flatMap((report, style) =>
      report.status === "fulfilled"
        ? linesOf(networks[style].name, report.value.history, view.curve, style)
        : [],
    );
    if (!lines.length) return;
    const errors = reports.flatMap((report) =>
      report.status === "rejected" ? [h("p", { class: "error" }, report.reason.message)] : [],
    );
    content.replaceChildren(...errors, ...showCurves("", lines, view.curve));
    if (!content.isConnected) fillSection("curves", metrics, content);
  };
}

/**
 * Two lines, for validation and training images; a line without values is left out.
 *
 * @param {string} network
 * @param {Epoch[]} history
 * @param {Metric} metric
 * @param {number} style
 * @returns {Line[]}
 */
function linesOf(network, history, metric, style) {
  /** @param {keyof Epoch} key */
  const points = (key) =>
    history
      .filter((row) => Number.isFinite(row[key]))
      .map((row) => ({ x: row.epoch, y: row[key] }));
  return [
    { name: `${network}, validation`, style, points: points(`val_${metric}`) },
    { name: `${network}, training`, style, isDashed: true, points: points(metric) },
  ].filter((line) => line.points.length);
}

/**
 * The chart, its values at one epoch, and the table.
 *
 * @param {string} prefix of their names, such as "Validation "
 * @param {Line[]} lines
 * @param {Metric} metric
 */
export function showCurves(prefix, lines, metric) {
  const epochs = [...new Set(lines.flatMap(({ points }) => points.map(({ x }) => x)))];
  epochs.sort((a, b) => a - b);
  const name = `${prefix}${metric} by epoch`.replace(/^./, (letter) => letter.toUpperCase());
  const readout = h("div", { class: "readout", "aria-live": "polite", "aria-atomic": "true" });
  const chart = explorable({
    label: name,
    steps: epochs.map((epoch) => `epoch ${epoch}`),
    start: epochs.length - 1,
    draw: (width) => draw(lines, epochs, metric, width),
    onStep: (step) => readout.replaceChildren(...valuesAt(lines, epochs[step], metric)),
  });
  const titles = ["Epoch", ...lines.map(({ name }) => name)];
  const rows = epochs.map((epoch) => [epoch, ...lines.map((line) => valueAt(line, epoch, metric))]);
  return [h("div", { class: "figure" }, chart, readout), collapsedTable(name, titles, rows)];
}

/**
 * @param {Line[]} lines
 * @param {number[]} epochs
 * @param {Metric} metric
 * @param {number} width
 */
function draw(lines, epochs, metric, width) {
  const last = Math.max(epochs[0] + 1, epochs.at(-1) ?? 0);
  const x = axis("Epoch", [epochs[0], last], [56, width - 10], "whole", width / 45);
  const [title, unit] = metric === "loss" ? ["Loss", "plain"] : ["Accuracy", "percent"];
  const range = /** @type {[number, number]} */ ([HEIGHT - MARGIN_BOTTOM, MARGIN_TOP]);
  const y = axis(title, domainOf(lines), range, /** @type {"plain"} */ (unit), 10);
  const curves = clip(x, y, ...lines.map((line) => drawLine(line, x, y)));
  const image = svg(
    "svg",
    { width, height: HEIGHT, "aria-hidden": "true" },
    drawAxes(x, y),
    curves,
  );
  return { image, positions: epochs.map(x.position) };
}

/**
 * The values of all but the first fifth of the epochs, which may leave the chart.
 *
 * @param {Line[]} lines
 * @returns {[number, number]}
 */
function domainOf(lines) {
  const values = lines.flatMap(({ points }) => points.slice(points.length / 5).map(({ y }) => y));
  const [low, high] = [Math.min(...values), Math.max(...values)];
  const margin = 0.1 * (high - low) || 0.1;
  return [low - margin, high + margin];
}

/**
 * The legend, with the values at an epoch. A network that trained for fewer epochs has its last.
 *
 * @param {Line[]} lines
 * @param {number} epoch
 * @param {Metric} metric
 */
function valuesAt(lines, epoch, metric) {
  const items = lines.map((line) => {
    const last = Math.min(epoch, line.points.at(-1)?.x ?? epoch);
    const value = valueAt(line, last, metric) + (last < epoch ? ` at ${last}` : "");
    const name = h("span", {}, `${line.name} `);
    return h("li", {}, swatch(line), name, h("span", { class: "number" }, value));
  });
  return [h("p", {}, `Epoch ${epoch}`), h("ul", {}, ...items)];
}

/** @param {Line} line @param {number} epoch @param {Metric} metric */
function valueAt({ points }, epoch, metric) {
  const point = points.find(({ x }) => x === epoch);
  if (!point) return "–";
  return metric === "loss" ? point.y.toFixed(4) : percent(point.y, 2);
}
