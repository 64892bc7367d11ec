/** Pictures that are chosen, dropped or pasted. */

import { byId } from "../dom.js";

/**
 * Hand every picture over as it comes.
 *
 * @param {(files: File[]) => void} onPictures
 * @param {(problem: string) => void} onProblem
 */
export function watchSources(onPictures, onProblem) {
  const input = byId("files", HTMLInputElement);
  byId("choose", HTMLButtonElement).addEventListener("click", () => input.click());
  input.addEventListener("change", () => {
    onPictures([...(input.files ?? [])]);
    input.value = ""; // else the same file could not be chosen again
  });
  document.addEventListener("paste", (event) => {
    const files = [...(event.clipboardData?.files ?? [])];
    if (files.length) onPictures(files);
    else onProblem("No picture on the clipboard.");
  });
  watchDrops(onPictures);
}

/** @param {(files: File[]) => void} onPictures */
function watchDrops(onPictures) {
  const mark = (/** @type {boolean} */ over) => document.body.classList.toggle("dropping", over);
  document.addEventListener("dragover", (event) => {
    if (!event.dataTransfer?.types.includes("Files")) return;
    event.preventDefault(); // else the browser opens the picture instead of the page
    mark(true);
  });
  document.addEventListener("dragleave", (event) => {
    if (!event.relatedTarget) mark(false); // left the window
  });
  document.addEventListener("drop", (event) => {
    const files = [...(event.dataTransfer?.files ?? [])];
    mark(false);
    if (!files.length) return;
    event.preventDefault();
    onPictures(files);
  });
}
