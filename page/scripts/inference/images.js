/**
 * Reads images of any format that the browser supports, and paints the input of a model.
 *
 * The first frame of an animation counts. EXIF orientation is applied (by Chromium in PNG, JPEG and
 * AVIF, not in WebP), colour profiles are not. 16-bit values lose their lower 8 bits.
 *
 * A canvas stores colours premultiplied by alpha, which changes colours of nearly transparent
 * pixels: by up to 127 of 255 at alpha 1, by 3 at alpha 50, by 1 at alpha 85 to 254. On the white
 * background of all preprocessing they are the same again: the canvas stores p = round(c * a / 255)
 * and returns round(p * 255 / a), which times a / 255 rounds to p.
 */

import { formatCount } from "../format.js";
import { ImageError, WHITE } from "./pixels.js";

/** @import { Pixels } from "./pixels.js" */

const MAX_PIXELS = 64_000_000;
const MAX_BYTES = 500_000_000;
const MAX_EDGE = 32_767; // the lowest limit of browsers for a canvas
const BAND_PIXELS = 1 << 20; // pixels per canvas; some browsers refuse a canvas of 48 million

// Premultiplied WebP is rounded differently. Orientation is applied in any case.
const BITMAP_OPTIONS = /** @type {ImageBitmapOptions} */ ({
  colorSpaceConversion: "none",
  premultiplyAlpha: "none",
});

/**
 * @param {Blob} blob
 * @returns {Promise<Pixels>} rejects with an `ImageError`
 */
export async function decode(blob) {
  if (!blob.size) throw new ImageError("expected an image, received an empty file");
  if (blob.size > MAX_BYTES) {
    throw new ImageError(`larger than ${formatCount(MAX_BYTES)} bytes; reduce it`);
  }
  const { naturalWidth: width, naturalHeight: height } = await open(blob);
  if (width * height > MAX_PIXELS || Math.max(width, height) > MAX_EDGE) {
    throw new ImageError(`${formatCount(width)} x ${formatCount(height)} pixels; reduce it`);
  }
  try {
    return await readPixels(await createImageBitmap(blob, BITMAP_OPTIONS));
  } catch (cause) {
    throw new ImageError("broken, cut off or too large for this browser", { cause });
  }
}

/**
 * Read the size before decoding: decoding a huge image would use up the memory.
 *
 * @param {Blob} blob
 * @returns {Promise<HTMLImageElement>}
 */
async function open(blob) {
  const url = URL.createObjectURL(blob.slice()); // without its type, so that SVG is refused
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
 * @param {ImageBitmap} bitmap closed afterwards
 * @returns {Promise<Pixels>}
 */
async function readPixels(bitmap) {
  const { width, height } = bitmap;
  const data = new Uint8ClampedArray(4 * width * height);
  const rows = Math.min(height, Math.ceil(BAND_PIXELS / width));
  const context = /** @type {OffscreenCanvasRenderingContext2D} */ (
    new OffscreenCanvas(width, rows).getContext("2d", { willReadFrequently: true })
  );
  context.globalCompositeOperation = "copy"; // replaces the previous band
  for (let top = 0; top < height; top += rows) {
    if (top) await new Promise((resolve) => setTimeout(resolve)); // keeps the page responsive
    const band = Math.min(rows, height - top);
    context.drawImage(bitmap, 0, -top);
    data.set(context.getImageData(0, 0, width, band).data, 4 * top * width);
  }
  bitmap.close();
  return { data, width, height, channels: 4 };
}

/**
 * Paint a preprocessed image, pixel by pixel, on a canvas of its size.
 *
 * @param {Uint8Array} image
 * @param {number[]} shape [height, width] or [height, width, 3]
 * @param {HTMLCanvasElement} canvas
 */
export function paint(image, [height, width, channels = 1], canvas) {
  const rgba = new ImageData(width, height);
  for (let pixel = 0; pixel < width * height; pixel++) {
    const [red, green = red, blue = red] = image.subarray(channels * pixel, channels * (pixel + 1));
    rgba.data.set([red, green, blue, WHITE], 4 * pixel);
  }
  Object.assign(canvas, { width, height });
  canvas.getContext("2d")?.putImageData(rgba, 0, 0);
}
