/** Takes an image with the camera. */

import { byId } from "../dom.js";

/** @type {Record<string, string>} */
const PROBLEMS = {
  NotAllowedError: "The camera is blocked; allow it for this page in the settings of the browser.",
  NotFoundError: "No camera found.",
  NotReadableError: "The camera is in use by another program.",
};

/**
 * @param {(files: File[]) => void} onImages
 * @param {(problem: string) => void} onProblem
 */
export function offerCamera(onImages, onProblem) {
  const dialog = byId("camera", HTMLDialogElement);
  const video = byId("camera-view", HTMLVideoElement);
  const take = byId("take", HTMLButtonElement);

  byId("open-camera").addEventListener("click", async () => {
    dialog.showModal();
    try {
      await start(dialog, video);
    } catch (error) {
      dialog.close();
      const { name, message } = /** @type {Error} */ (error);
      onProblem(PROBLEMS[name] ?? `Camera: ${message}`);
    }
  });
  video.addEventListener("playing", () => {
    take.disabled = false;
    take.focus();
  });
  take.addEventListener("click", async () => {
    take.disabled = true; // a double click takes one image
    const image = await capture(video);
    if (!dialog.open) return;
    dialog.close();
    onImages([image]);
  });
  byId("leave-camera").addEventListener("click", () => dialog.close());
  dialog.addEventListener("close", () => {
    stop(video.srcObject);
    video.srcObject = null;
    take.disabled = true;
  });
}

/**
 * @param {HTMLDialogElement} dialog
 * @param {HTMLVideoElement} video
 */
async function start(dialog, video) {
  if (!navigator.mediaDevices) throw new Error("it needs https or localhost");
  const stream = await navigator.mediaDevices.getUserMedia({
    video: { facingMode: "environment" },
  });
  // In the meantime, the dialog may have been closed and even opened again.
  if (dialog.open && !video.srcObject) video.srcObject = stream;
  else stop(stream);
}

/** @param {MediaProvider | null} stream */
function stop(stream) {
  if (stream instanceof MediaStream) for (const track of stream.getTracks()) track.stop();
}

/** @param {HTMLVideoElement} video */
async function capture(video) {
  const canvas = new OffscreenCanvas(video.videoWidth, video.videoHeight);
  canvas.getContext("2d")?.drawImage(video, 0, 0);
  return new File([await canvas.convertToBlob()], "camera.png");
}
