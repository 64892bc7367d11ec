/** An image drawn by hand: dark on light, as all kinds of preprocessing take it. */

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
 * @param {number[]} shape of the network's images
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
  followTools(pen, canvas);
  dialog.addEventListener("close", () => pen.lift());

  byId("open-drawing", HTMLButtonElement).addEventListener("click", () => dialog.showModal());
  byId("leave-drawing", HTMLButtonElement).addEventListener("click", () => dialog.close());
  byId("classify-drawing", HTMLButtonElement).addEventListener("click", () => {
    canvas.toBlob((blob) => {
      if (!dialog.open) return; // pressed twice
      dialog.close();
      if (blob) onImages([new File([blob], "drawing.png")]);
    });
  });
}

/**
 * @param {Pen} pen
 * @param {HTMLCanvasElement} canvas
 */
function followTools(pen, canvas) {
  const size = byId("pen-size", HTMLInputElement);
  const eraser = byId("eraser", HTMLInputElement);
  const update = () => {
    pen.size = (Number(size.value) * EDGE) / 100;
    pen.erasing = eraser.checked;
    showPen(pen, canvas, false);
  };
  for (const control of [size, eraser, byId("pen", HTMLInputElement)]) {
    control.addEventListener("input", update);
  }
  byId("clear-drawing", HTMLButtonElement).addEventListener("click", () => pen.clear());
  update();
}

/** @param {Pen} pen */
function offerColours(pen) {
  const colours = byId("colours", HTMLFieldSetElement);
  for (const [name, colour] of Object.entries(COLOURS)) {
    const checked = colour === pen.colour;
    const choice = h("input", { type: "radio", name: "colour", value: colour, checked });
    choice.addEventListener("input", () => {
      pen.colour = colour;
    });
    const swatch = h("span", { class: "swatch", style: { background: colour } });
    colours.append(
      h("label", { title: name }, choice, swatch, h("span", { class: "hidden" }, name)),
    );
  }
  colours.hidden = false;
}

/**
 * The ring where the pen is, and a line for those who lead it by keys.
 *
 * @param {Pen} pen
 * @param {HTMLCanvasElement} canvas
 * @param {boolean} byKey
 */
function showPen(pen, canvas, byKey) {
  const [left, top, size] = [
    pen.x / canvas.width,
    pen.y / canvas.height,
    pen.size / canvas.width,
  ].map((fraction) => `${(100 * fraction).toFixed(1)}%`);
  const ring = byId("ring", HTMLElement);
  ring.style.setProperty("left", left);
  ring.style.setProperty("top", top);
  ring.style.setProperty("width", size);
  ring.classList.toggle("down", pen.down);
  if (!byKey) return;
  const position = `${left} from the left, ${top} from the top`;
  byId("pen-position", HTMLElement).textContent = `Pen ${pen.down ? "down" : "up"}, ${position}`;
}
