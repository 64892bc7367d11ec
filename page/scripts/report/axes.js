/** Axes of charts, with ticks at round numbers. */

import { svg } from "../dom.js";

export const MARGIN_TOP = 28; // pixels above a chart, for the title of its y axis
export const MARGIN_BOTTOM = 46; // pixels below it, for ticks and title of the x axis

/**
 * @typedef {object} Axis
 * @property {string} title
 * @property {(value: number) => number} position of a value, in pixels
 * @property {[number, number]} range positions of both ends
 * @property {{ value: number, text: string }[]} ticks
 */

/** @typedef {"percent" | "whole" | "plain"} Unit */

/**
 * A linear axis.
 *
 * @param {string} title
 * @param {[number, number]} domain values of both ends
 * @param {[number, number]} range positions of both ends, in pixels
 * @param {Unit} unit
 * @param {number} maxSteps
 * @returns {Axis}
 */
export function axis(title, domain, range, unit, maxSteps) {
  const [low, high] = domain;
  const minStep = (high - low) / maxSteps;
  const step = roundStep(unit === "whole" ? Math.max(1, minStep) : minStep);
  const scale = (range[1] - range[0]) / (high - low);
  return {
    title,
    range,
    position: (value) => range[0] + (value - low) * scale,
    ticks: multiples(step, low, high).map((value) => ({ value, text: label(value, step, unit) })),
  };
}

/**
 * The smallest of 1, 2, 5, 10, 20, ... (or 0.5, 0.2, ...) that is at least `minStep`.
 *
 * @param {number} minStep
 */
function roundStep(minStep) {
  const power = 10 ** Math.floor(Math.log10(minStep));
  return power * ([1, 2, 5].find((factor) => factor * power >= minStep) ?? 10);
}

/** @param {number} step @param {number} low @param {number} high */
function multiples(step, low, high) {
  const first = Math.ceil(low / step - 1e-6); // both ends count, despite rounding errors
  const last = Math.floor(high / step + 1e-6);
  return Array.from({ length: last - first + 1 }, (_, i) => (first + i) * step);
}

/** @param {number} value @param {number} step @param {Unit} unit */
function label(value, step, unit) {
  const factor = unit === "percent" ? 100 : 1;
  const digits = Math.max(0, -Math.floor(Math.log10(step * factor) + 1e-6));
  return (value * factor).toFixed(digits) + (unit === "percent" ? " %" : "");
}

/**
 * Both axes with grid lines, ticks and titles.
 *
 * @param {Axis} x
 * @param {Axis} y from bottom to top
 */
export function drawAxes(x, y) {
  const [left, right] = x.range;
  const [bottom, top] = y.range;
  const rows = y.ticks.flatMap(({ value, text }) => {
    const at = y.position(value);
    return [
      svg("line", { x1: left, x2: right, y1: at, y2: at }),
      svg("text", { x: left - 8, y: at + 4, "text-anchor": "end" }, text),
    ];
  });
  const columns = x.ticks.flatMap(({ value, text }) => {
    const at = x.position(value);
    return [
      svg("line", { x1: at, x2: at, y1: bottom, y2: bottom + 5 }),
      svg("text", { x: at, y: bottom + 19, "text-anchor": "middle" }, text),
    ];
  });
  const middle = (left + right) / 2;
  return svg(
    "g",
    { class: "axes" },
    ...rows,
    ...columns,
    svg("text", { x: middle, y: bottom + 37, "text-anchor": "middle" }, x.title),
    svg("text", { x: 0, y: top - 12 }, y.title),
  );
}
