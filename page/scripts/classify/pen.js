/** A pen on a canvas, moved by a pointer or by the arrow keys. */

const BACKGROUND = "#ffffff";
const STEP = 1 / 64; // of the longest edge, per arrow key; four times as much with Shift

/** @type {Record<string, [number, number]>} */
const DIRECTIONS = {
  ArrowLeft: [-1, 0],
  ArrowRight: [1, 0],
  ArrowUp: [0, -1],
  ArrowDown: [0, 1],
};

export class Pen {
  x = 0;
  y = 0;
  isDown = false;
  size = 1;
  colour = "#000000";
  isErasing = false;
  #canvas;
  #context;
  #onMove;

  /**
   * @param {HTMLCanvasElement} canvas
   * @param {(byKey: boolean) => void} onMove
   */
  constructor(canvas, onMove) {
    this.#canvas = canvas;
    this.#context = /** @type {CanvasRenderingContext2D} */ (canvas.getContext("2d"));
    this.#onMove = onMove;
    canvas.addEventListener("pointerdown", (event) => this.#start(event));
    canvas.addEventListener("pointermove", (event) => this.#follow(event));
    for (const end of ["pointerup", "pointercancel"]) {
      canvas.addEventListener(end, (event) => {
        if (/** @type {PointerEvent} */ (event).isPrimary) this.lift();
      });
    }
    canvas.addEventListener("keydown", (event) => this.#onKey(event));
  }

  /** Erase everything and lift the pen in the middle. */
  clear() {
    const { width, height } = this.#canvas;
    this.#context.fillStyle = BACKGROUND;
    this.#context.fillRect(0, 0, width, height);
    [this.x, this.y, this.isDown] = [width / 2, height / 2, false];
    this.#onMove(false);
  }

  /** @param {PointerEvent} event */
  #start(event) {
    if (event.button || !event.isPrimary) return;
    this.#canvas.setPointerCapture(event.pointerId);
    this.isDown = false;
    this.#moveTo(...this.#position(event));
    this.isDown = true;
    this.#moveTo(this.x, this.y); // a dot
  }

  /** @param {PointerEvent} event */
  #follow(event) {
    if (this.#canvas.hasPointerCapture(event.pointerId)) this.#moveTo(...this.#position(event));
  }

  /** Stop drawing. */
  lift() {
    this.isDown = false;
    this.#onMove(false);
  }

  /** @param {KeyboardEvent} event */
  #onKey(event) {
    const direction = DIRECTIONS[event.key];
    if (event.key === " ") this.isDown = !this.isDown;
    else if (!direction) return;
    event.preventDefault();
    const { width, height } = this.#canvas;
    const step = Math.max(width, height) * STEP * (event.shiftKey ? 4 : 1);
    const [dx, dy] = direction ?? [0, 0];
    this.#moveTo(
      Math.min(width, Math.max(0, this.x + dx * step)),
      Math.min(height, Math.max(0, this.y + dy * step)),
      true,
    );
  }

  /**
   * @param {number} x
   * @param {number} y
   * @param {boolean} [byKey]
   */
  #moveTo(x, y, byKey = false) {
    if (this.isDown) this.#line(x, y);
    [this.x, this.y] = [x, y];
    this.#onMove(byKey);
  }

  /**
   * @param {number} x
   * @param {number} y
   */
  #line(x, y) {
    const context = this.#context;
    context.strokeStyle = this.isErasing ? BACKGROUND : this.colour;
    context.lineWidth = this.size;
    context.lineCap = "round";
    context.beginPath();
    context.moveTo(this.x, this.y);
    context.lineTo(x + 0.001, y); // a line without length is not painted
    context.stroke();
  }

  /**
   * @param {PointerEvent} event
   * @returns {[number, number]} in pixels of the canvas
   */
  #position(event) {
    const { left, top, width, height } = this.#canvas.getBoundingClientRect();
    return [
      ((event.clientX - left) * this.#canvas.width) / width,
      ((event.clientY - top) * this.#canvas.height) / height,
    ];
  }
}
