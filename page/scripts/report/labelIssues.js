/** Training images whose labels are probably wrong. */

import { h } from "../dom.js";
import { entry } from "./gallery.js";

/** @import { LabelIssues, Site } from "../types.d.ts" */

/**
 * @param {LabelIssues} issues
 * @param {Site} site
 */
export function labelIssues({ indices, sprites, predictions }, { dataset }) {
  const entries = indices.map((trainingIndex, index) =>
    entry(index, predictions, { dataset, sprites }, trainingIndex),
  );
  return h("ul", { class: "gallery" }, ...entries);
}
