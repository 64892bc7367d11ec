/** Images of the site to try. */

import { byId, h } from "../dom.js";
import { fetchFile } from "../site.js";

/**
 * A button for each image.
 *
 * @param {string[]} paths
 * @param {(files: Promise<File[]>) => void} onImages
 */
export function showExamples(paths, onImages) {
  const buttons = paths.map((path) => {
    const button = h(
      "button",
      { type: "button", class: "example", "aria-label": `Example ${nameOf(path)}` },
      h("img", { src: path, alt: "", loading: "lazy" }),
    );
    button.addEventListener("click", ({ detail }) => {
      if (detail < 2) onImages(load(path)); // not by the second click of two
    });
    return h("li", {}, button);
  });
  byId("examples", HTMLUListElement).replaceChildren(...buttons);
  byId("with-examples", HTMLElement).hidden = !paths.length;
}

/** @param {string} path */
const load = async (path) => [new File([await fetchFile(path)], nameOf(path))];

/** @param {string} path */
const nameOf = (path) => decodeURIComponent(path.slice(path.lastIndexOf("/") + 1));
