/** How well images unlike the training images are found, by kind. */

import { percent } from "../format.js";
import { table } from "./table.js";

/** @import { NetworkReport } from "../types.d.ts" */

/** @type {Record<string, string>} */
const WORDS = { auroc: "AUROC", detected: "found" };

/**
 * A table of the columns as they come, the first of which names the kind.
 *
 * @param {NetworkReport["unfamiliar"]} rows
 */
export function showUnfamiliar(rows) {
  const names = Object.keys(rows[0]);
  const columns = names.map((name, place) => ({ title: tidy(name), text: place === 0 }));
  const cells = rows.map((row) => names.map((name) => value(row[name], name)));
  return table("Images unlike the training images", columns, cells);
}

/**
 * `knn_auroc` as "Distance AUROC".
 *
 * @param {string} name
 */
function tidy(name) {
  const words = name.split("_").map((word) => WORDS[word] ?? word);
  const text = words.join(" ");
  return text[0].toUpperCase() + text.slice(1);
}

/** @param {string | number} cell @param {string} column */
function value(cell, column) {
  if (typeof cell !== "number") return cell ?? "–";
  return column.endsWith("detected") ? percent(cell) : cell.toFixed(3);
}
