/** How often which class is taken for which. */

/** @import { NetworkReport } from "../types.d.ts" */

/** A cell of the confusion matrix; classes by their labels. */
/** @typedef {{ actual: number, predicted: number, count: number, total: number }} Cell */

/**
 * The confusion matrix: actual classes in rows, predicted ones in columns.
 *
 * @param {NetworkReport["predictions"]} predictions
 * @param {number} classes
 * @returns {Cell[][]}
 */
export function confusionMatrix({ actual, predicted }, classes) {
  const counts = Array.from({ length: classes }, () => Array(classes).fill(0));
  for (const [image, label] of actual.entries()) counts[label][predicted[image]] += 1;
  return counts.map((row, label) => {
    const total = row.reduce((sum, count) => sum + count, 0);
    return row.map((count, other) => ({ actual: label, predicted: other, count, total }));
  });
}

/**
 * Mistakes, the most frequent first.
 *
 * @param {Cell[][]} matrix
 */
export function mistakes(matrix) {
  return matrix
    .flat()
    .filter(({ actual, predicted, count }) => count && actual !== predicted)
    .sort((a, b) => b.count - a.count || b.count / b.total - a.count / a.total);
}
