/** Controls that choose test images. */

import { h } from "../dom.js";
import { choice, mark } from "./choice.js";
import { ALL, percentage } from "./view.js";

/** @import { Change, View } from "./view.js" */

/** @type {Record<string, Partial<View>>} */
const PRESETS = {
  "Most confident mistakes": { ...ALL, show: "wrong" },
  "Least confident": { ...ALL, order: "least" },
  All: { ...ALL, order: "data" },
};
const SHOW = { all: "All", wrong: "Wrong", right: "Right" };
const ORDER = { most: "Most confident first", least: "Least confident first", data: "As in the data" };

/**
 * Controls, and a function that sets them to a view.
 *
 * @param {string[]} classes
 * @param {Change} change
 */
export function filters(classes, change) {
  const any = { "": "any class", ...Object.fromEntries(classes.map((name) => [name, name])) };
  const selects = {
    actual: select(any, (actual) => change({ actual })),
    predicted: select(any, (predicted) => change({ predicted })),
    order: select(ORDER, (order) => change({ order })),
  };
  const numbers = {
    from: number((text) => change({ from: percentage(text, ALL.from) })),
    to: number((text) => change({ to: percentage(text, ALL.to) })),
  };
  const show = choice("Answers", "show", SHOW, (value) => change({ show: value }));
  const element = h(
    "div",
    { class: "filters", role: "group", "aria-label": "Which images" },
    h("div", { class: "presets" }, ...presets(change)),
    h("label", {}, "Actual class", selects.actual),
    h("label", {}, "Predicted class", selects.predicted),
    show,
    h(
      "fieldset",
      { class: "range" },
      h("legend", {}, "Confidence in %"),
      h("label", {}, "from", numbers.from),
      h("label", {}, "to", numbers.to),
    ),
    h("label", {}, "Order", selects.order),
  );
  /** @param {View} view */
  const set = (view) => {
    for (const name of /** @type {const} */ (["actual", "predicted", "order"])) selects[name].value = view[name];
    for (const name of /** @type {const} */ (["from", "to"])) numbers[name].value = String(view[name]);
    mark(show, view.show);
  };
  return { element, set };
}

/** @param {Change} change */
function presets(change) {
  return Object.entries(PRESETS).map(([name, patch]) =>
    h("button", { type: "button", onclick: () => change(patch) }, name),
  );
}

/** @param {Record<string, string>} options @param {(value: string) => void} choose */
function select(options, choose) {
  const entries = Object.entries(options).map(([value, text]) => h("option", { value }, text));
  const element = h("select", {}, ...entries);
  element.addEventListener("change", () => choose(element.value));
  return element;
}

/** @param {(text: string) => void} choose */
function number(choose) {
  const element = h("input", { type: "number", min: "0", max: "100", step: "any", required: true });
  element.addEventListener("change", () => choose(element.value));
  return element;
}
