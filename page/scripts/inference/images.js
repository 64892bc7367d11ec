/**
 * Opens an image of any format that the browser reads, and paints what a model sees of it.
 *
 * Of an animation the first image counts. Orientation from EXIF is applied (Chromium does so in
 * PNG, JPEG and AVIF, not in WebP), colour profiles are not. Of 16 bits the upper 8 count.
 *
 * A canvas keeps colours premultiplied by alpha, so those of nearly transparent pixels come out of
 * it changed: by up to 127 of 255 where alpha is 1, by 3 where it is 50, by 1 from 85 to 254. On
 * white, where every preprocessing puts them, they are the same: the canvas has
 * p = round(c * a / 255) and returns round(p * 255 / a), and that times a / 255 rounds to p again.
 */

import { count } from "../format.js";
import { ImageError, WHITE } from "./pixels.js";

/** @import { Pixels } from "./pixels.js" */

const MAX_PIXELS = 64_000_000;
const MAX_BYTES = 500_000_000;
const MAX_EDGE = 32_767; // the least that browsers allow for a canvas
const BAND_PIXELS = 1 << 20; // in a canvas at a time; some browsers allow no canvas of 48 million

// Premultiplied, WebP is rounded otherwise. Orientation is applied in any case.
const AS_IT_IS = /** @type {ImageBitmapOptions} */ ({
  colorSpaceConversion: "none",
  premultiplyAlpha: "none",
});

/**
 * The pixels of an image; rejects with a `ImageError`.
 *
 * @param {Blob} blob
 * @returns {Promise<Pixels>}
 */
export async function decode(blob) {
  if (!blob.size) throw new ImageError("expected an image, received an empty file");
  if (blob.size > MAX_BYTES) {
    throw new ImageError(`larger than ${count(MAX_BYTES)} bytes; reduce it`);
  }
  const { naturalWidth: width, naturalHeight: height } = await open(blob);
  if (width * height > MAX_PIXELS || Math.max(width, height) > MAX_EDGE) {
    throw new ImageError(`${count(width)} x ${count(height)} pixels; reduce it`);
  }
  try {
    return await read(await createImageBitmap(blob, AS_IT_IS));
  } catch (cause) {
    throw new ImageError("broken, cut off or too large for this browser", { cause });
  }
}

/**
 * The image before it is decoded: a huge one would take all memory for that.
 *
 * @param {Blob} blob
 * @returns {Promise<HTMLImageElement>}
 */
async function open(blob) {
  const url = URL.createObjectURL(blob.slice()); // without its type, by which SVG would be opened
  try {
    return await new Promise((resolve, reject) => {
      const image = new Image();
      image.onload = () => resolve(image);
      image.onerror = reject;
      image.src = url;
    });
  } catch {
    throw new ImageError("expected an image that this browser reads, received another file");
  } finally {
    URL.revokeObjectURL(url);
  }
}

/**
 * @param {ImageBitmap} bitmap is closed
 * @returns {Promise<Pixels>}
 */
async function read(bitmap) {
  const { width, height } = bitmap;
  const data = new Uint8ClampedArray(4 * width * height);
  const rows = Math.min(height, Math.ceil(BAND_PIXELS / width));
  const context = /** @type {OffscreenCanvasRenderingContext2D} */ (
    new OffscreenCanvas(width, rows).getContext("2d", { willReadFrequently: true })
  );
  context.globalCompositeOperation = "copy"; // nothing of the band before
  for (let top = 0; top < height; top += rows) {
    if (top) await new Promise((resolve) => setTimeout(resolve)); // the page predictions meanwhile
    const band = Math.min(rows, height - top);
    context.drawImage(bitmap, 0, -top);
    data.set(context.getImageData(0, 0, width, band).data, 4 * top * width);
  }
  bitmap.close();
  return { data, width, height, channels: 4 };
}

/**
 * Paints an image as the model sees it, one pixel each, into a canvas of its size.
 *
 * @param {Uint8Array} bytes
 * @param {number[]} shape [height, width], or [height, width, 3] in colour
 * @param {HTMLCanvasElement} canvas
 */
export function toCanvas(bytes, [height, width, channels = 1], canvas) {
  const image = new ImageData(width, height);
  for (let pixel = 0; pixel < width * height; pixel++) {
    const [red, green = red, blue = red] = bytes.subarray(channels * pixel, channels * (pixel + 1));
    image.data.set([red, green, blue, WHITE], 4 * pixel);
  }
  Object.assign(canvas, { width, height });
  canvas.getContext("2d")?.putImageData(image, 0, 0);
}
