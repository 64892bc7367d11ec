/** Histories of trainings as lines of a figure. */

import { percent } from "../format.js";

/** @import { Epoch } from "../types.d.ts" */
/** @import { Line } from "./lines.js" */
/** @import { View } from "./view.js" */

/** @typedef {View["curve"]} Metric */

/**
 * Two lines, of the validation and the training images, as far as there are values.
 *
 * @param {string} network
 * @param {Epoch[]} history
 * @param {Metric} metric
 * @param {number} style
 * @returns {Line[]}
 */
export function linesOf(network, history, metric, style) {
  /** @type {(key: keyof Epoch) => { x: number, y: number }[]} */
  const points = (key) =>
    history
      .filter((row) => Number.isFinite(row[key]))
      .map((row) => ({ x: row.epoch, y: row[key] }));
  return [
    { name: `${network}, validation`, style, points: points(`val_${metric}`) },
    { name: `${network}, training`, style, dashed: true, points: points(metric) },
  ].filter(({ points }) => points.length);
}

/**
 * The range of all but the first fifth of the epochs, which may run out of the view.
 *
 * @param {Line[]} lines
 * @returns {[number, number]}
 */
export function settled(lines) {
  const values = lines.flatMap(({ points }) => points.slice(points.length / 5).map(({ y }) => y));
  const [low, high] = [Math.min(...values), Math.max(...values)];
  const margin = 0.1 * (high - low) || 0.1;
  return [low - margin, high + margin];
}

/**
 * The value of a line at an epoch, as a text.
 *
 * @param {Line} line
 * @param {number} epoch
 * @param {Metric} metric
 */
export function valueAt({ points }, epoch, metric) {
  const point = points.find(({ x }) => x === epoch);
  if (!point) return "–";
  return metric === "loss" ? point.y.toFixed(4) : percent(point.y, 2);
}
