/** How well out-of-distribution images are detected, for each dataset of them. */

import { percent } from "../format.js";
import { table } from "./table.js";

/** @import { OodRow } from "../types.d.ts" */

/** @param {OodRow[]} rows */
export function showOod(rows) {
  const titles = ["k-NN AUROC", "k-NN TPR", "Energy AUROC", "Energy TPR"];
  const columns = [{ title: "Dataset", isText: true }, ...titles.map((title) => ({ title }))];
  const cells = rows.map(({ dataset, ...scores }) => [
    dataset,
    scores.knn_auroc.toFixed(3),
    percent(scores.knn_tpr),
    scores.energy_auroc.toFixed(3),
    percent(scores.energy_tpr),
  ]);
  return table("Out-of-distribution detection", columns, cells);
}
