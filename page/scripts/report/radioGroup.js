/** One of a few, as radio buttons side by side. */

import { h } from "../dom.js";

/**
 * @param {string} legend
 * @param {string} name the same for no other choice of the page
 * @param {[value: string, text: string][]} options
 * @param {(value: string) => void} choose
 */
export function radioGroup(legend, name, options, choose) {
  const labels = options.map(([value, text]) => {
    // A click on what is chosen counts, too: what has failed is tried again.
    const about = { type: "radio", name, value, onclick: () => choose(value) };
    return h("label", {}, h("input", about), text);
  });
  return h("fieldset", { class: "choice" }, h("legend", {}, legend), ...labels);
}

/**
 * Mark what is chosen.
 *
 * @param {HTMLElement} fieldset
 * @param {string} chosen
 */
export function mark(fieldset, chosen) {
  for (const input of fieldset.querySelectorAll("input")) input.checked = input.value === chosen;
}
