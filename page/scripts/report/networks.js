/** The table of networks: scores, size and cost. */

import { h } from "../dom.js";
import { formatBytes, formatCount, percent } from "../format.js";
import { region } from "./table.js";

/** @import { Network, Site } from "../types.d.ts" */

/**
 * @typedef {object} Measure
 * @property {string} title
 * @property {(network: Network) => number | null | undefined} of
 * @property {(value: number) => string} text
 * @property {(network: Network) => string} [note]
 * @property {boolean} [lowerIsBetter]
 */

const toPercent = (/** @type {number} */ value) => percent(value, 2);
const toDecimals = (/** @type {number} */ value) => value.toFixed(4);
const toSeconds = (/** @type {number} */ value) =>
  `${value < 10 ? value.toFixed(1) : formatCount(Math.round(value))} s`;

/** @type {Measure[]} */
const MEASURES = [
  { title: "Accuracy", of: ({ metrics }) => metrics.accuracy, text: toPercent },
  { title: "Without TTA", of: ({ metrics }) => metrics.accuracy_without_tta, text: toPercent },
  { title: "Seeds", of: ({ seeds }) => seeds?.mean, text: toPercent, note: spread },
  { title: "Loss", of: ({ metrics }) => metrics.loss, text: toDecimals, lowerIsBetter: true },
  { title: "Macro F1", of: ({ metrics }) => metrics.macro_f1, text: toDecimals },
  { title: "Top-2", of: ({ metrics }) => metrics.top2_accuracy, text: toPercent },
  { title: "ECE", of: ({ metrics }) => metrics.ece, text: toDecimals, lowerIsBetter: true },
  {
    title: "Parameters",
    of: ({ metrics }) => metrics.parameters,
    text: formatCount,
    lowerIsBetter: true,
  },
  {
    title: "Training",
    of: (network) => network.training_seconds,
    text: toSeconds,
    lowerIsBetter: true,
    note: ({ instructions }) => instructions ?? "",
  },
  { title: "ONNX file", of: ({ model }) => model.bytes, text: formatBytes, lowerIsBetter: true },
];

const TTA = {
  none: "no TTA",
  flip: "TTA: mirrored",
  flip_shift: "TTA: mirrored, shifted",
};

/**
 * A row for each network. Measures that no network has are left out.
 *
 * The roles are those of a table, as the style turns it into a grid on narrow screens.
 *
 * @param {Site} site
 */
export function compareNetworks({ networks }) {
  const measures = MEASURES.filter(({ of }) => networks.some((network) => isNumber(of(network))));
  const titles = ["Network", ...measures.map(({ title }) => title)];
  const head = titles.map((title, i) => {
    const attributes = { scope: "col", role: "columnheader", class: i ? "number" : "text" };
    return h("th", attributes, title);
  });
  const rows = networks.map((network) => {
    const cells = measures.map((measure) => cell(measure, network, networks));
    return h("tr", { role: "row" }, nameCell(network), ...cells);
  });
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
  const note = h("span", { class: "note" }, TTA[tta]);
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
  /** @type {(string | Node)[]} */
  const content = isBest(measure, value, networks)
    ? [
        h("span", { class: "star", "aria-hidden": "true" }, "★"),
        h("span", { class: "hidden" }, "(best) "),
        h("strong", {}, measure.text(value)),
      ]
    : [measure.text(value)];
  if (measure.note) content.push(h("span", { class: "note" }, measure.note(network)));
  return h("td", { class: "number", role: "cell" }, ...content);
}

/**
 * Whether the value is the best. If all values are equal, none is the best.
 *
 * @param {Measure} measure
 * @param {number} value
 * @param {Network[]} networks
 */
function isBest({ of, lowerIsBetter }, value, networks) {
  const values = networks.map(of).filter(isNumber);
  const [low, high] = [Math.min(...values), Math.max(...values)];
  return low < high && value === (lowerIsBetter ? low : high);
}

/** @type {(value: unknown) => value is number} */
const isNumber = (value) => typeof value === "number";

/** @param {Network} network */
function spread({ seeds }) {
  if (!seeds) return "";
  return seeds.n > 1 ? `± ${percent(seeds.sd, 2)} (n = ${seeds.n})` : `(n = ${seeds.n})`;
}
