/** Images that are chosen, dropped or pasted, and examples. */

import { byId, h } from "../dom.js";
import { fetchFile } from "../site.js";

/**
 * @param {(files: File[]) => void} onImages
 * @param {(problem: string) => void} onProblem
 */
export function watchSources(onImages, onProblem) {
  const input = byId("files", HTMLInputElement);
  byId("choose").addEventListener("click", () => input.click());
  input.addEventListener("change", () => {
    onImages([...(input.files ?? [])]);
    input.value = ""; // so that the same file can be chosen again
  });
  document.addEventListener("paste", (event) => {
    if (isDialogOpen()) return;
    const files = [...(event.clipboardData?.files ?? [])];
    if (files.length) onImages(files);
    else onProblem("The clipboard holds no image.");
  });
  watchDrops(onImages, onProblem);
}

const isDialogOpen = () => document.querySelector("dialog[open]") !== null;

/**
 * Handle every drop, since the browser would otherwise open the file in place of the page.
 *
 * @param {(files: File[]) => void} onImages
 * @param {(problem: string) => void} onProblem
 */
function watchDrops(onImages, onProblem) {
  const mark = (/** @type {boolean} */ isOver) =>
    document.body.classList.toggle("dropping", isOver);
  document.addEventListener("dragover", (event) => {
    event.preventDefault();
    mark(!isDialogOpen() && Boolean(event.dataTransfer?.types.includes("Files")));
  });
  document.addEventListener("dragleave", (event) => {
    if (!event.relatedTarget) mark(false); // left the window
  });
  document.addEventListener("drop", (event) => {
    event.preventDefault();
    mark(false);
    if (isDialogOpen()) return;
    const files = [...(event.dataTransfer?.files ?? [])];
    if (files.length) onImages(files);
    else onProblem("Only image files can be dropped.");
  });
}

/**
 * @param {string[]} paths
 * @param {(files: Promise<File[]>) => void} onImages
 */
export function showExamples(paths, onImages) {
  const items = paths.map((path) => {
    const name = decodeURIComponent(path.slice(path.lastIndexOf("/") + 1));
    const button = h(
      "button",
      { type: "button", class: "example", "aria-label": `Example ${name}` },
      h("img", { src: path, alt: "", loading: "lazy" }),
    );
    const load = async () => [new File([await fetchFile(path)], name)];
    button.addEventListener("click", ({ detail }) => {
      if (detail < 2) onImages(load()); // ignores the second click of a double click
    });
    return h("li", {}, button);
  });
  byId("examples").replaceChildren(...items);
  byId("with-examples").hidden = !paths.length;
}
