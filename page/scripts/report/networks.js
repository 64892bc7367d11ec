/** Networks side by side: what they score, weigh and cost. */

import { h } from "../dom.js";
import { bytes, count, percent } from "../format.js";
import { region } from "./table.js";

/** @import { Network, Site } from "../types.d.ts" */

/**
 * @typedef {object} Measure
 * @property {string} title
 * @property {(network: Network) => number | null | undefined} of
 * @property {(value: number) => string} text
 * @property {(network: Network) => string} [note]
 * @property {boolean} [least] whether less is better
 */

/** @type {Measure[]} */
const MEASURES = [
  { title: "Accuracy", of: ({ metrics }) => metrics.accuracy, text: inPercent },
  { title: "Without TTA", of: ({ metrics }) => metrics.accuracy_without_tta, text: inPercent },
  { title: "Seeds", of: ({ seeds }) => seeds?.mean, text: inPercent, note: spread },
  { title: "Loss", of: ({ metrics }) => metrics.loss, text: decimals, least: true },
  { title: "Macro F1", of: ({ metrics }) => metrics.macro_f1, text: decimals },
  { title: "Top-2", of: ({ metrics }) => metrics.top2_accuracy, text: inPercent },
  { title: "ECE", of: ({ metrics }) => metrics.ece, text: decimals, least: true },
  { title: "Parameters", of: ({ metrics }) => metrics.parameters, text: count, least: true },
  {
    title: "Training",
    of: (network) => network.training_seconds,
    text: seconds,
    least: true,
    note: ({ instructions }) => instructions ?? "",
  },
  { title: "ONNX file", of: ({ model }) => model?.bytes, text: bytes, least: true },
];

const AUGMENTATION = {
  none: "no TTA",
  flip: "TTA: mirrored",
  flip_shift: "TTA: mirrored, shifted",
};

/**
 * A row for each network; what none of them has is left out.
 *
 * The roles are those of a table, for style may make a grid of it.
 *
 * @param {Site} site
 */
export function compareNetworks({ networks }) {
  const known = MEASURES.filter(({ of }) => networks.some((network) => isNumber(of(network))));
  const titles = ["Network", ...known.map(({ title }) => title)];
  const head = titles.map((title, place) => {
    const about = { scope: "col", role: "columnheader", class: place ? "number" : "text" };
    return h("th", about, title);
  });
  const rows = networks.map((network) =>
    h("tr", { role: "row" }, nameCell(network), ...known.map((of) => cell(of, network, networks))),
  );
  return region(
    "Networks compared",
    h(
      "table",
      { class: "networks", role: "table", style: { "--rows": String(titles.length) } },
      h("thead", { role: "rowgroup" }, h("tr", { role: "row" }, ...head)),
      h("tbody", { role: "rowgroup" }, ...rows),
    ),
  );
}

/** @param {Network} network */
function nameCell({ name, tta }) {
  const note = h("span", { class: "note" }, AUGMENTATION[tta] ?? "");
  return h("th", { class: "network", scope: "row", role: "rowheader" }, h("span", {}, name), note);
}

/**
 * @param {Measure} measure
 * @param {Network} network
 * @param {Network[]} networks
 */
function cell(measure, network, networks) {
  const value = measure.of(network);
  if (!isNumber(value)) return h("td", { class: "number", role: "cell" }, "–");
  const text = measure.text(value);
  const note = measure.note ? [h("span", { class: "note" }, measure.note(network))] : [];
  const shown = isBest(measure, value, networks) ? best(text) : [text];
  return h("td", { class: "number", role: "cell" }, ...shown, ...note);
}

/** @param {string} text */
function best(text) {
  const star = h("span", { class: "star", "aria-hidden": "true" }, "★");
  return [star, h("span", { class: "hidden" }, "(best) "), h("strong", {}, text)];
}

/**
 * Whether a value is the best one; never where all are the same.
 *
 * @param {Measure} measure
 * @param {number | null | undefined} value
 * @param {Network[]} networks
 */
function isBest({ of, least }, value, networks) {
  const values = networks.map(of).filter(isNumber);
  const [low, high] = [Math.min(...values), Math.max(...values)];
  return low < high && value === (least ? low : high);
}

/** @type {(value: unknown) => value is number} */
const isNumber = (value) => typeof value === "number";

/** @param {number} value */
function inPercent(value) {
  return percent(value, 2);
}

/** @param {number} value */
function decimals(value) {
  return value.toFixed(4);
}

/** @param {number} value */
function seconds(value) {
  return `${value < 10 ? value.toFixed(1) : count(Math.round(value))} s`;
}

/** @param {Network} network */
function spread({ seeds }) {
  if (!seeds) return "";
  return seeds.n > 1 ? `± ${percent(seeds.sd, 2)} (n ${seeds.n})` : `(n ${seeds.n})`;
}
