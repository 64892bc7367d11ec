/** Keys that move something. */

/**
 * Have `move` called with what a key stands for; with another key held, it is the browser's.
 *
 * @template By
 * @param {HTMLElement} element
 * @param {Record<string, By>} keys
 * @param {(by: By, event: KeyboardEvent) => void} move
 */
export function onKeys(element, keys, move) {
  element.addEventListener("keydown", (event) => {
    const by = keys[event.key];
    if (!by || event.ctrlKey || event.altKey || event.metaKey) return;
    event.preventDefault();
    move(by, event);
  });
}
