/** The reliability diagram: accuracy by confidence, with the number of images. */

import { h, svg } from "../dom.js";
import { formatCount, percent } from "../format.js";
import { axis, drawAxes, MARGIN_BOTTOM, MARGIN_TOP } from "./axes.js";
import { explorable } from "./explore.js";
import { drawLine } from "./lines.js";
import { collapsedTable } from "./table.js";

/** @import { NetworkReport } from "../types.d.ts" */
/** @import { Axis } from "./axes.js" */

/** @typedef {NetworkReport["reliability"]} Bins */

const ACCURACY_BOTTOM = 300;
const HEIGHT = 440;

/** @param {Bins} bins @param {number} ece */
export function showReliability(bins, ece) {
  const readout = h("p", { class: "readout", "aria-live": "polite" });
  const chart = explorable({
    label: "Accuracy by confidence",
    steps: bins.map(({ confidence }) => `confidence ${percent(confidence)}`),
    start: bins.length - 1,
    draw: (width) => draw(bins, width),
    onStep: (step) => readout.replaceChildren(describe(bins[step])),
  });
  const error = h("p", {}, `Expected calibration error (ECE): ${ece.toFixed(4)}`);
  const rows = bins.map((bin) => [
    percent(bin.confidence),
    percent(bin.accuracy),
    formatCount(bin.count),
  ]);
  return [
    h("div", { class: "narrow" }, error, chart, readout),
    collapsedTable("Accuracy by confidence", ["Mean confidence", "Accuracy", "Images"], rows),
  ];
}

/** @param {Bins[number]} bin */
function describe({ confidence, accuracy, count: images }) {
  const noun = images === 1 ? "image" : "images";
  return `Mean confidence ${percent(confidence)}: ${percent(accuracy)} of ${formatCount(images)} ${noun} right`;
}

/** @param {Bins} bins @param {number} width */
function draw(bins, width) {
  const across = /** @type {[number, number]} */ ([56, width - 20]);
  const x = axis("Confidence", [0, 1], across, "percent", 5);
  const y = axis("Accuracy", [0, 1], [ACCURACY_BOTTOM, MARGIN_TOP], "percent", 5);
  const points = bins.map(({ confidence, accuracy }) => ({ x: confidence, y: accuracy }));
  const [left, right, bottom, top] = [...x.range, ...y.range];
  const image = svg(
    "svg",
    { width, height: HEIGHT, "aria-hidden": "true" },
    drawAxes({ ...x, title: "", ticks: [] }, y),
    svg("line", { x1: left, x2: right, y1: bottom, y2: top, class: "ideal" }),
    ...drawCounts(bins, x),
    drawLine({ name: "", style: 0, points }, x, y),
  );
  return { image, positions: points.map((point) => x.position(point.x)) };
}

/**
 * Bars of the number of images, on a logarithmic scale that starts at half an image.
 *
 * @param {Bins} bins
 * @param {Axis} x
 */
function drawCounts(bins, x) {
  const highest = Math.log10(Math.max(...bins.map((bin) => bin.count))) + 0.1;
  const bottom = HEIGHT - MARGIN_BOTTOM;
  const y = axis("Images", [Math.log10(0.5), highest], [bottom, ACCURACY_BOTTOM + 40], "whole", 4);
  const ticks = y.ticks.map(({ value }) => ({ value, text: formatCount(10 ** value) }));
  const bars = bins.map((bin) => {
    const top = y.position(Math.log10(bin.count));
    const box = { x: x.position(bin.confidence) - 5, y: top, width: 10, height: bottom - top };
    return svg("rect", { ...box, class: "bar-mark" });
  });
  return [drawAxes(x, { ...y, ticks }), ...bars];
}
