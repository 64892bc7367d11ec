/** Pictures of the site to try. */

import { byId, h } from "../dom.js";

/**
 * A button for each picture.
 *
 * @param {string[]} paths
 * @param {(files: File[]) => void} onPictures
 * @param {(problem: string) => void} onProblem
 */
export function showExamples(paths, onPictures, onProblem) {
  const buttons = paths.map((path) => {
    const button = h(
      "button",
      { type: "button", class: "example", "aria-label": `Example ${nameOf(path)}` },
      h("img", { src: path, alt: "", loading: "lazy" }),
    );
    button.addEventListener("click", () =>
      fetchPicture(path).then(
        (file) => onPictures([file]),
        (error) => onProblem(error.message),
      ),
    );
    return h("li", {}, button);
  });
  byId("examples", HTMLUListElement).replaceChildren(...buttons);
  byId("with-examples", HTMLElement).hidden = !paths.length;
}

/** @param {string} path */
async function fetchPicture(path) {
  const response = await fetch(path);
  if (!response.ok) throw new Error(`${path}: ${response.status} ${response.statusText}`);
  return new File([await response.blob()], nameOf(path));
}

/** @param {string} path */
const nameOf = (path) => decodeURIComponent(path.slice(path.lastIndexOf("/") + 1));
