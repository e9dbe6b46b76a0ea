// Answers in this browser, by ONNX Runtime Web: no picture leaves the machine.

import { start } from "./page.js";
import { pixelsOf } from "./reading.js";

const RUNTIME = new URL("./runtime/", import.meta.url).href;
const ENTRY = "ort.wasm.min.mjs";
let page, session, runtime;

async function describe() {
  page = await (await fetch(new URL("./model.json", import.meta.url))).json();
  try {
    runtime = await import(`${RUNTIME}${ENTRY}`);
  } catch {
    throw new Error(`static/runtime lacks ONNX Runtime Web: put ${page.runtime_files.join(", ")} of the npm package onnxruntime-web there`);
  }
  runtime.env.wasm.wasmPaths = RUNTIME;
  session = await runtime.InferenceSession.create(new URL("./model.onnx", import.meta.url).href);
  return page;
}

async function predict(picture) {
  const [height, width, channels] = page.input_shape;
  const pixels = await pixelsOf(picture, { height, width, channels, share: page.share });
  const values = page.input_dtype === "uint8" ? new Uint8Array(pixels.buffer) : Float32Array.from(pixels);
  const input = new runtime.Tensor(page.input_dtype, values, [1, height, width, channels]);
  const found = await session.run({ [session.inputNames[0]]: input });
  const rows = session.outputNames.map((name) => found[name].data);
  return { ...said(Array.from(rows[0])), ...doubt(rows) };
}

// What one row of outputs says: the names are those of the task's answers.
function said(outputs) {
  const shares = Object.fromEntries(page.class_names.map((name, index) => [name, outputs[index]]));
  if (page.answers.includes("class")) {
    const best = leastOf(outputs.map((_, index) => cost(outputs, index)));
    return { class: page.class_names[best], probability: outputs[best], probabilities: shares };
  }
  if (page.answers.includes("classes")) {
    return { classes: page.class_names.filter((name, index) => outputs[index] >= (page.thresholds?.[name] ?? 0.5)), probabilities: shares };
  }
  return page.answers.includes("values") ? { values: shares } : { value: outputs[0] };
}

// What answering by this class is expected to cost; without costs, the surest class has the least.
function cost(outputs, index) {
  if (!page.costs) return -outputs[index];
  const said = page.class_names[index];
  return outputs.reduce((sum, share, truth) => sum + share * page.costs[page.class_names[truth]][said], 0);
}

function leastOf(values) {
  return values.indexOf(Math.min(...values));
}

function doubt(rows) {
  const at = page.outputs.indexOf("unknown");
  if (at < 0 || page.unknown_threshold === null) return {};
  return { unknown: rows[at][0], known: rows[at][0] <= page.unknown_threshold };
}

start({ describe, predict });
