/** One choice of a few, as radio buttons side by side. */

import { h } from "../dom.js";

/**
 * @param {string} legend
 * @param {string} name unique on the page
 * @param {[value: string, text: string][]} options
 * @param {(value: string) => void} onChoice
 */
export function radioGroup(legend, name, options, onChoice) {
  const labels = options.map(([value, text]) => {
    // "click" also fires for the checked option, so that a failed load can be tried again.
    const input = h("input", { type: "radio", name, value, onclick: () => onChoice(value) });
    return h("label", {}, input, text);
  });
  return h("fieldset", { class: "radio-group" }, h("legend", {}, legend), ...labels);
}

/** @param {HTMLElement} group @param {string} value of the option to check */
export function checkOption(group, value) {
  for (const input of group.querySelectorAll("input")) input.checked = input.value === value;
}
