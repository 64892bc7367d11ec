/** Numbers as text, the same in all browsers. */

/**
 * A fraction in percent: `percent(0.9474)` is "94.7 %" with a no-break space.
 *
 * @param {number} fraction
 * @param {number} [digits]
 */
export function percent(fraction, digits = 1) {
  return `${(100 * fraction).toFixed(digits)}\u00a0%`;
}

/** @param {number} value an integer, which gets a comma at each thousand */
export function formatCount(value) {
  return value.toLocaleString("en-US");
}

/** @param {number} value bytes, in kilobytes or megabytes */
export function formatBytes(value) {
  return value < 1e6 ? `${Math.ceil(value / 1e3)} kB` : `${(value / 1e6).toFixed(1)} MB`;
}
