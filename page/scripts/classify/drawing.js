/** Draws an image by hand: dark on a light background, which all preprocessing accepts. */

import { byId, h } from "../dom.js";
import { Pen } from "./pen.js";

const EDGE = 448; // pixels of the longest edge
const COLOURS = {
  Black: "#000000",
  Brown: "#8b5a2b",
  Red: "#d7261e",
  Orange: "#f28c1e",
  Yellow: "#f7d51d",
  Green: "#2e8b3a",
  Blue: "#1f5fd0",
  Purple: "#7b3fa0",
};

/**
 * @param {number[]} shape of the images of the network
 * @param {(files: File[]) => void} onImages
 */
export function offerDrawing([height, width, channels = 1], onImages) {
  const dialog = byId("drawing", HTMLDialogElement);
  const canvas = byId("paper", HTMLCanvasElement);
  canvas.width = Math.round((EDGE * width) / Math.max(width, height));
  canvas.height = Math.round((EDGE * height) / Math.max(width, height));
  const pen = new Pen(canvas, (byKey) => showPen(pen, canvas, byKey));
  pen.clear();
  if (channels === 3) offerColours(pen);
  watchTools(pen, canvas);
  dialog.addEventListener("close", () => pen.lift());

  byId("open-drawing").addEventListener("click", () => dialog.showModal());
  byId("leave-drawing").addEventListener("click", () => dialog.close());
  byId("classify-drawing").addEventListener("click", () => {
    canvas.toBlob((blob) => {
      if (!dialog.open) return; // the second click of a double click
      dialog.close();
      if (blob) onImages([new File([blob], "drawing.png")]);
    });
  });
}

/**
 * @param {Pen} pen
 * @param {HTMLCanvasElement} canvas
 */
function watchTools(pen, canvas) {
  const size = byId("pen-size", HTMLInputElement);
  const eraser = byId("eraser", HTMLInputElement);
  const update = () => {
    pen.size = (Number(size.value) * EDGE) / 100;
    pen.isErasing = eraser.checked;
    showPen(pen, canvas, false);
  };
  for (const control of [size, eraser, byId("pen")]) control.addEventListener("input", update);
  byId("clear-drawing").addEventListener("click", () => pen.clear());
  update();
}

/** @param {Pen} pen */
function offerColours(pen) {
  const fieldset = byId("colours", HTMLFieldSetElement);
  for (const [name, colour] of Object.entries(COLOURS)) {
    const oninput = () => {
      pen.colour = colour;
    };
    const input = h("input", { type: "radio", name: "colour", checked: name === "Black", oninput });
    const swatch = h("span", { class: "swatch", style: { background: colour } });
    const text = h("span", { class: "hidden" }, name);
    fieldset.append(h("label", { title: name }, input, swatch, text));
  }
  fieldset.hidden = false;
}

/**
 * Show the pen as a ring, and its position as text if it is moved by keyboard.
 *
 * @param {Pen} pen
 * @param {HTMLCanvasElement} canvas
 * @param {boolean} byKey
 */
function showPen(pen, canvas, byKey) {
  const [left, top, width] = [
    pen.x / canvas.width,
    pen.y / canvas.height,
    pen.size / canvas.width,
  ].map((fraction) => `${(100 * fraction).toFixed(1)}%`);
  const ring = byId("ring");
  Object.assign(ring.style, { left, top, width });
  ring.classList.toggle("down", pen.isDown);
  if (!byKey) return;
  const position = `${left} from the left, ${top} from the top`;
  byId("pen-position").textContent = `Pen ${pen.isDown ? "down" : "up"}, ${position}`;
}
