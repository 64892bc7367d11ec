/** Axes of figures: where a value lies, and round numbers to mark. */

import { svg } from "../dom.js";

export const ABOVE = 28; // pixels above a figure, for the title of its y axis
export const BELOW = 46; // below it, for the ticks and the title of the x axis

/**
 * @typedef {object} Axis
 * @property {string} title
 * @property {(value: number) => number} at the place of a value, in pixels
 * @property {[number, number]} range places of both ends
 * @property {{ value: number, text: string }[]} ticks
 */

/** What an axis counts: percentages, whole numbers, or plain ones. */
/** @typedef {"percent" | "whole" | "plain"} Unit */

/**
 * An even axis with ticks at round numbers.
 *
 * @param {string} title
 * @param {[number, number]} domain values of both ends
 * @param {[number, number]} range their places in pixels
 * @param {Unit} unit
 * @param {number} most at most so many steps
 * @returns {Axis}
 */
export function axis(title, domain, range, unit, most) {
  const [low, high] = domain;
  const least = (high - low) / most;
  const step = roundStep(unit === "whole" ? Math.max(1, least) : least);
  const scale = (range[1] - range[0]) / (high - low);
  return {
    title,
    range,
    at: (value) => range[0] + (value - low) * scale,
    ticks: multiples(step, low, high).map((value) => ({ value, text: label(value, step, unit) })),
  };
}

/**
 * The smallest of 1, 2, 5, 10, 20, ... (or 0.5, 0.2, ...) that is not below `least`.
 *
 * @param {number} least
 */
export function roundStep(least) {
  const power = 10 ** Math.floor(Math.log10(least));
  return power * ([1, 2, 5].find((factor) => factor * power >= least) ?? 10);
}

/** @param {number} step @param {number} low @param {number} high */
function multiples(step, low, high) {
  const first = Math.ceil(low / step - 1e-6); // the ends count, in spite of rounding
  const last = Math.floor(high / step + 1e-6);
  return Array.from({ length: last - first + 1 }, (_, place) => (first + place) * step);
}

/** @param {number} value @param {number} step @param {Unit} unit */
function label(value, step, unit) {
  const factor = unit === "percent" ? 100 : 1;
  const digits = Math.max(0, -Math.floor(Math.log10(step * factor) + 1e-6));
  return (value * factor).toFixed(digits) + (unit === "percent" ? " %" : "");
}

/**
 * Both axes with their lines across, texts and titles.
 *
 * @param {Axis} x
 * @param {Axis} y from the bottom to the top
 */
export function drawAxes(x, y) {
  const [left, right] = x.range;
  const [bottom, top] = y.range;
  const rows = y.ticks.flatMap(({ value, text }) => [
    svg("line", { x1: left, x2: right, y1: y.at(value), y2: y.at(value) }),
    svg("text", { x: left - 8, y: y.at(value) + 4, "text-anchor": "end" }, text),
  ]);
  const marks = x.ticks.flatMap(({ value, text }) => [
    svg("line", { x1: x.at(value), x2: x.at(value), y1: bottom, y2: bottom + 5 }),
    svg("text", { x: x.at(value), y: bottom + 19, "text-anchor": "middle" }, text),
  ]);
  const middle = (left + right) / 2;
  return svg(
    "g",
    { class: "axes" },
    ...rows,
    ...marks,
    svg("text", { x: middle, y: bottom + 37, "text-anchor": "middle" }, x.title),
    svg("text", { x: 0, y: top - 12 }, y.title),
  );
}
