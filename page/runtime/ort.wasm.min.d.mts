/** What the page uses of onnxruntime-web. */

interface Value {
  data: Float32Array | BigInt64Array;
  dims: readonly number[];
}

export const env: { wasm: { wasmPaths: string; wasmBinary: Uint8Array; numThreads: number } };

export class Tensor {
  constructor(type: "uint8", data: Uint8Array, dims: number[]);
}

export class InferenceSession {
  static create(model: Uint8Array): Promise<InferenceSession>;
  run(inputs: Record<string, Tensor>, outputs: string[]): Promise<Record<string, Value>>;
}
