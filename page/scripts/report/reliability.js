/** Confidence against accuracy, with the number of images of each. */

import { h, svg } from "../dom.js";
import { count, percent } from "../format.js";
import { ABOVE, axis, BELOW, drawAxes } from "./axes.js";
import { explorable } from "./explore.js";
import { drawLine } from "./lines.js";
import { asTable } from "./table.js";

/** @import { NetworkReport } from "../types.d.ts" */
/** @import { Axis } from "./axes.js" */

/** @typedef {NetworkReport["reliability"]} Bins */

const SQUARE = 300; // bottom of the accuracies
const HEIGHT = 440;

/**
 * The figure and the table; nothing without bins of images.
 *
 * @param {Bins} reliability
 * @param {number} [ece]
 * @returns {HTMLElement[]}
 */
export function showReliability(reliability, ece) {
  const bins = reliability.filter((bin) => bin.count);
  if (!bins.length) return [];
  const readOut = h("p", { class: "read-out", "aria-live": "polite" });
  const figure = explorable({
    label: "Accuracy by confidence",
    steps: bins.map(({ confidence }) => `confidence ${percent(confidence)}`),
    start: bins.length - 1,
    draw: (width) => draw(bins, width),
    tell: (step) => readOut.replaceChildren(describe(bins[step])),
  });
  const error =
    ece === undefined ? [] : [h("p", {}, `Expected calibration error (ECE): ${ece.toFixed(4)}`)];
  return [h("div", { class: "narrow" }, ...error, figure, readOut), tableOf(bins)];
}

/** @param {Bins[number]} bin */
function describe({ confidence, accuracy, count: images }) {
  const noun = images === 1 ? "image" : "images";
  return `Mean confidence ${percent(confidence)}: ${percent(accuracy)} of ${count(images)} ${noun} right`;
}

/** @param {Bins} bins @param {number} width */
function draw(bins, width) {
  const across = /** @type {[number, number]} */ ([56, width - 20]);
  const bare = { ...axis("", [0, 1], across, "percent", 5), ticks: [] };
  const x = axis("Confidence", [0, 1], across, "percent", 5);
  const y = axis("Accuracy", [0, 1], [SQUARE, ABOVE], "percent", 5);
  const points = bins.map(({ confidence, accuracy }) => ({ x: confidence, y: accuracy }));
  const ideal = { x1: x.at(0), x2: x.at(1), y1: y.at(0), y2: y.at(1), class: "ideal" };
  const about = { width, height: HEIGHT, "aria-hidden": "true" };
  const image = svg(
    "svg",
    about,
    drawAxes(bare, y),
    svg("line", ideal),
    ...bars(bins, x),
    drawLine({ name: "", style: 0, points }, x, y),
  );
  return { image, places: points.map((point) => x.at(point.x)) };
}

/**
 * Counts of images, on a logarithmic scale from half an image.
 *
 * @param {Bins} bins
 * @param {Axis} x
 */
function bars(bins, x) {
  const most = Math.max(...bins.map((bin) => bin.count));
  const even = axis(
    "Images",
    [Math.log10(0.5), Math.log10(most) + 0.1],
    [HEIGHT - BELOW, SQUARE + 40],
    "whole",
    4,
  );
  const ticks = even.ticks.map(({ value }) => ({ value, text: count(10 ** value) }));
  const drawn = bins.map((bin) => {
    const top = even.at(Math.log10(bin.count));
    const place = { x: x.at(bin.confidence) - 5, y: top, width: 10, height: even.range[0] - top };
    return svg("rect", { ...place, class: "bar-mark" });
  });
  return [drawAxes(x, { ...even, ticks }), ...drawn];
}

/** @param {Bins} bins */
function tableOf(bins) {
  const rows = bins.map((bin) => [
    percent(bin.confidence),
    percent(bin.accuracy),
    count(bin.count),
  ]);
  return asTable("Accuracy by confidence", ["Mean confidence", "Accuracy", "Images"], rows);
}
