/** Images of the dataset, cut out of PNG files that hold many of them. */

import { h } from "./dom.js";

/** @import { Sprites } from "./types.d.ts" */

/**
 * One image, loaded when it comes near the viewport. Enlarged, its pixels stay sharp.
 *
 * @param {Sprites} sprites
 * @param {number} index of the image among the sprites
 * @param {number} [width] in CSS pixels
 */
export function sprite(sprites, index, width = 56) {
  const scale = width / sprites.width;
  const height = Math.floor(sprites.height * scale); // rounded up, it could show the next row
  const inFile = index % sprites.per_file;
  const left = (inFile % sprites.columns) * width;
  const top = Math.floor(inFile / sprites.columns) * sprites.height * scale;
  const file = h("img", {
    alt: "",
    loading: "lazy",
    src: sprites.files[Math.floor(index / sprites.per_file)],
    style: {
      width: `${sprites.columns * width}px`,
      translate: `${-left}px ${-top}px`,
      "image-rendering": scale < 1 ? "auto" : "pixelated",
    },
  });
  return h(
    "span",
    { class: "sprite", style: { width: `${width}px`, height: `${height}px` } },
    file,
  );
}
