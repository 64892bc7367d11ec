/** Branches and DVC experiments of one network: a table to sort and select from, and their curves. */

import { h } from "../dom.js";
import { formatCount, percent } from "../format.js";
import { readExperiments } from "../site.js";
import { METRICS, showCurves } from "./curves.js";
import { swatch } from "./lines.js";
import { checkOption, radioGroup } from "./radioGroup.js";
import { fillSection } from "./sections.js";
import { sortableTable } from "./table.js";

/** @import { Experiment, ExperimentTable } from "../types.d.ts" */
/** @import { Line } from "./lines.js" */
/** @import { View, Views } from "./view.js" */

/**
 * @typedef {object} Column
 * @property {string} title
 * @property {boolean} [isText]
 * @property {(row: Experiment) => unknown} of
 * @property {(value: any) => string} [text]
 */

const MAX_SELECTED = 10; // lines that can be told apart
/** @type {[name: string, title: string, text: (value: number) => string][]} */
const SCORES = [
  ["val_accuracy_without_tta", "Validation accuracy", (value) => percent(value, 2)],
  ["accuracy", "Test accuracy", (value) => percent(value, 2)],
  ["loss", "Test loss", (value) => value.toFixed(4)],
  ["ece", "Test ECE", (value) => value.toFixed(4)],
  ["parameters", "Parameters", formatCount],
];

/**
 * A function that shows the experiments of a view. Without experiments, the section stays hidden.
 *
 * @param {Views} views
 * @returns {(view: View) => Promise<void>}
 */
export function startExperiments(views) {
  const content = h("div");
  /** @type {HTMLElement | undefined} */
  let networks;
  /** @type {ReturnType<typeof showTable> | undefined} */
  let shown;
  return async (view) => {
    const tables = await readExperiments();
    if (view !== views.current || !tables.length) return;
    if (!networks) {
      const options = tables.map(
        ({ network }) => /** @type {[string, string]} */ ([network, network]),
      );
      networks = radioGroup("Experiments with", "experiments_with", options, (network) =>
        views.change({ experiments_with: network, experiments: "" }),
      );
      fillSection("experiments", networks, content);
    }
    const table = tables.find(({ network }) => network === view.experiments_with) ?? tables[0];
    if (shown?.table !== table) {
      shown = showTable(table, views);
      content.replaceChildren(...shown.elements);
      checkOption(networks, table.network);
    }
    shown.select(view);
  };
}

/**
 * The elements of a table, and a function that shows the selection of a view.
 *
 * @param {ExperimentTable} table
 * @param {Views} views
 */
function showTable(table, views) {
  const columns = columnsOf(table);
  const rows = new Map(table.rows.map((row) => [row, tableRow(row, columns)]));
  const boxes = [...rows.values()].flatMap((row) => [...row.getElementsByTagName("input")]);
  const sortable = sortableTable("Experiments", "experiments", columns, rows, {
    by: 1,
    ascending: false,
  });
  sortable.addEventListener("change", () => {
    const experiments = boxes.filter(({ checked }) => checked).map(({ value }) => value);
    views.change({ experiments: experiments.join(" "), experiments_with: table.network });
  });
  const count = h("span", { role: "status" });
  const clear = h("button", { type: "button" }, "Clear");
  clear.addEventListener("click", () => views.change({ experiments: "" }));
  const metrics = radioGroup("Curves of", "experiments_curve", METRICS, (curve) =>
    views.change({ curve: /** @type {View["curve"]} */ (curve) }),
  );
  const controls = h("div", { class: "selection" }, count, clear, metrics);
  const chart = h("div");
  let drawn = "";

  /** @param {View} view */
  function select(view) {
    const wanted = `${view.curve} ${view.experiments}`;
    if (wanted === drawn) return;
    drawn = wanted;
    const names = view.experiments.split(" ");
    const chosen = table.rows.filter(({ name }) => names.includes(name)).slice(0, MAX_SELECTED);
    const lines = chosen.map((row, style) => lineOf(row, view.curve, style));
    for (const box of boxes) {
      const line = lines.find(({ name }) => name === box.value);
      box.checked = Boolean(line);
      box.disabled = !line && lines.length >= MAX_SELECTED;
      box
        .closest("tr")
        ?.querySelector(".key")
        ?.replaceChildren(...(line ? [swatch(line)] : []));
    }
    count.textContent = `${lines.length} of ${table.rows.length} selected`;
    clear.disabled = !lines.length;
    metrics.disabled = !lines.length;
    checkOption(metrics, view.curve);
    const drawable = lines.filter(({ points }) => points.length);
    const curves = drawable.length ? showCurves("Validation ", drawable, view.curve) : [];
    chart.replaceChildren(...curves);
  }
  return { table, elements: [sortable, controls, chart], select };
}

/**
 * The name, the scores that any row has, the parameters and the date. The number of weights is left
 * out if it is the same everywhere.
 *
 * @param {ExperimentTable} table
 * @returns {Column[]}
 */
function columnsOf({ parameters, rows }) {
  const scores = SCORES.filter(([name]) => {
    const trivial = name === "parameters" ? rows[0].scores[name] : undefined;
    return rows.some(({ scores }) => scores[name] !== trivial);
  });
  return [
    { title: "Experiment", of: ({ name }) => name, isText: true },
    ...scores.map(([name, title, text]) => ({ title, of: scoreOf(name), text })),
    ...parameters.map((title, i) => ({ title, of: parameterOf(i) })),
    { title: "Date", of: ({ date }) => date, isText: true },
  ];
}

/** @type {(name: string) => (row: Experiment) => unknown} */
const scoreOf = (name) => (row) => row.scores[name];

/** @type {(index: number) => (row: Experiment) => unknown} */
const parameterOf = (index) => (row) => row.parameters[index];

/** @param {Experiment} row @param {Column[]} columns */
function tableRow(row, [, ...columns]) {
  const box = h("input", { type: "checkbox", value: row.name });
  const label = h("label", {}, box, h("span", { class: "name" }, row.name));
  const origin = row.base ? `from ${row.base}` : row.date ? "branch" : "commit";
  const note = h("span", { class: "note" }, h("span", { class: "key" }), origin);
  const cells = columns.map(({ of, text = String, isText }) =>
    h("td", { class: isText ? "text" : "number" }, of(row) == null ? "–" : text(of(row))),
  );
  return h("tr", {}, h("th", { scope: "row" }, label, note), ...cells);
}

/** @type {(row: Experiment, metric: View["curve"], style: number) => Line} */
function lineOf({ name, curves: { epoch = [], ...curves } }, metric, style) {
  const values = curves[`val_${metric}`] ?? [];
  return { name, style, points: values.map((y, i) => ({ x: epoch[i], y })) };
}
