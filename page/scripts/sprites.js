/** Images of the data, cut out of sheets: a file for many of them. */

import { h } from "./dom.js";

/** @import { SpriteSheet } from "./types.d.ts" */

/**
 * The file that has an image of a sheet.
 *
 * @param {SpriteSheet} sheet
 * @param {number} place
 */
export const fileOf = (sheet, place) => sheet.files[Math.floor(place / sheet.per_file)];

/**
 * One image of a sheet; enlarged, it keeps sharp pixels.
 *
 * @param {SpriteSheet} sheet
 * @param {number} place the place of the image among those of the sheet, from 0
 * @param {string} name what a screen reader says; empty if text beside it says it
 * @param {number} [width] in CSS pixels
 */
export function tile(sheet, place, name, width = 56) {
  const scale = width / sheet.width;
  const height = Math.floor(sheet.height * scale); // else the next row may be seen
  const onSheet = place % sheet.per_file;
  const left = (onSheet % sheet.columns) * width;
  const top = Math.floor(onSheet / sheet.columns) * sheet.height * scale;
  const about = name ? { role: "img", "aria-label": name } : { "aria-hidden": "true" };
  return h("span", {
    class: "tile",
    ...about,
    style: {
      width: `${width}px`,
      height: `${height}px`,
      "background-image": `url("${fileOf(sheet, place)}")`,
      "background-size": `${sheet.columns * width}px auto`,
      "image-rendering": scale < 1 ? "auto" : "pixelated",
      "background-position": `${-left}px ${-top}px`,
    },
  });
}
