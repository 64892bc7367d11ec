/** Images that are chosen, dropped or pasted. */

import { byId } from "../dom.js";

/**
 * Hand every image over as it comes.
 *
 * @param {(files: File[]) => void} onImages
 * @param {(problem: string) => void} onProblem
 */
export function watchSources(onImages, onProblem) {
  const input = byId("files", HTMLInputElement);
  byId("choose", HTMLButtonElement).addEventListener("click", () => input.click());
  input.addEventListener("change", () => {
    onImages([...(input.files ?? [])]);
    input.value = ""; // else the same file could not be chosen again
  });
  document.addEventListener("paste", (event) => {
    if (inDialog()) return;
    const files = [...(event.clipboardData?.files ?? [])];
    if (files.length) onImages(files);
    else onProblem("No image on the clipboard.");
  });
  watchDrops(onImages, onProblem);
}

const inDialog = () => document.querySelector("dialog[open]") !== null;

/**
 * Whatever is dropped: else the browser would open it instead of the page.
 *
 * @param {(files: File[]) => void} onImages
 * @param {(problem: string) => void} onProblem
 */
function watchDrops(onImages, onProblem) {
  const mark = (/** @type {boolean} */ over) => document.body.classList.toggle("dropping", over);
  document.addEventListener("dragover", (event) => {
    event.preventDefault();
    mark(!inDialog() && Boolean(event.dataTransfer?.types.includes("Files")));
  });
  document.addEventListener("dragleave", (event) => {
    if (!event.relatedTarget) mark(false); // left the window
  });
  document.addEventListener("drop", (event) => {
    event.preventDefault();
    mark(false);
    if (inDialog()) return;
    const files = [...(event.dataTransfer?.files ?? [])];
    if (files.length) onImages(files);
    else onProblem("That was no image.");
  });
}
