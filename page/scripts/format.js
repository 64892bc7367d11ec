/** Numbers as people read them, the same in all browsers. */

/**
 * A fraction in percent, as in `percent(0.9474)`, which is "94.7 %" with a no-break space.
 *
 * @param {number} fraction
 * @param {number} [digits]
 */
export function percent(fraction, digits = 1) {
  return `${(100 * fraction).toFixed(digits)}\u00a0%`;
}

/**
 * A whole number with a comma at each thousand.
 *
 * @param {number} value
 */
export function count(value) {
  return value.toLocaleString("en-US");
}

/**
 * Bytes in kilobytes or megabytes.
 *
 * @param {number} value
 */
export function bytes(value) {
  return value < 1e6 ? `${Math.ceil(value / 1e3)} kB` : `${(value / 1e6).toFixed(1)} MB`;
}
