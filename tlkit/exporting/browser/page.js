// The page on which a person asks a model: what is dropped, pasted, chosen or seen by the camera, and the answer to it.
// Who answers is handed over: a service (main.js there) or ONNX Runtime in this browser (runtime.js).

const MOST_BARS = 6;
const $ = (id) => document.getElementById(id);
let model, told, asked = 0;

// answers: {describe() -> model, predict(blob or text) -> prediction, explain?(blob) -> {picture, heat}, foot}
export async function start(answers) {
  told = answers;
  watch();
  await guarded(describe);
}

async function describe() {
  model = await told.describe();
  const classes = model.class_names;
  const listed = classes.length > 8 ? `${classes.slice(0, 8).join(", ")} … (${classes.length} classes)` : classes.join(", ");
  document.title = $("name").textContent = model.name;
  $("what").textContent = listed ? `Tells ${listed}` : "Tells a number";
  $("foot").replaceChildren(`${model.file} · made with tlkit`, ...(told.links ?? []));
  $("token").hidden = true;
  $("ask").hidden = false;
  const way = model.is_picture ? "picture" : model.is_text ? "text" : "file";
  for (const each of ["picture", "text", "file"]) $(each).hidden = each !== way;
  $("camera").hidden = !(model.is_picture && navigator.mediaDevices?.getUserMedia);
}

async function guarded(work) {
  $("problem").hidden = true;
  try {
    await work();
  } catch (error) {
    if (error.wantsToken) {
      $("token").hidden = false;
      return;
    }
    $("problem").textContent = error.message;
    $("problem").hidden = false;
  }
}

async function ask(example, heading) {
  const turn = ++asked;
  $("result").hidden = false;
  show(example instanceof Blob && model.is_picture ? example : null);
  $("answer").textContent = "…";
  $("answer").classList.remove("faint");
  $("bars").replaceChildren();
  $("doubt").hidden = true;
  $("time").textContent = heading ?? "";
  const begin = performance.now();
  await guarded(async () => {
    const prediction = await told.predict(example);
    if (turn !== asked) return; // another was asked about meanwhile
    tell(prediction);
    $("time").textContent = `${Math.round(performance.now() - begin)} ms`;
    $("why").hidden = !(told.explain && model.is_picture);
    $("why").onclick = () => explain(example, turn);
  });
  if (turn === asked && $("answer").textContent === "…") $("result").hidden = true;
}

function tell(prediction) {
  const name = prediction.class ?? prediction.classes?.join(", ");
  $("answer").textContent = name ?? (prediction.value === undefined ? "" : number(prediction.value));
  if (name === "") $("answer").textContent = "none of these";
  if (prediction.known !== undefined) doubt(prediction.known);
  const shares = Object.entries(prediction.probabilities ?? {}).sort((a, b) => b[1] - a[1]);
  const values = Object.entries(prediction.values ?? {});
  const rows = shares.slice(0, MOST_BARS).map(([label, share]) => bar(label, `${(100 * share).toFixed(1)} %`, share));
  $("bars").replaceChildren(...rows, ...values.map(([label, value]) => bar(label, number(value), 0)));
}

function doubt(known) {
  $("doubt").hidden = false;
  $("doubt").classList.toggle("unknown", !known);
  $("answer").classList.toggle("faint", !known);
  $("doubt").textContent = known
    ? "Like what it has learned from"
    : "Unknown: like nothing it has learned from. Do not rely on this answer";
}

function bar(label, value, share) {
  const row = document.createElement("li");
  row.style.setProperty("--share", `${100 * share}%`);
  for (const text of [label, value]) {
    const part = document.createElement("span");
    part.textContent = text;
    row.append(part);
  }
  return row;
}

async function explain(example, turn) {
  $("why").disabled = true;
  $("why").textContent = "Covering one part after the other …";
  await guarded(async () => {
    const found = await told.explain(example);
    if (turn !== asked) return;
    $("seen").src = found.picture;
    $("heat").src = found.heat;
    $("heat").hidden = false;
    for (const id of ["seen", "heat"]) $(id).classList.add("exact");
    $("legend").textContent = "As the model sees it. Red: covering it lowers the answer's probability. Blue: raises it";
    $("legend").hidden = false;
    $("why").hidden = true;
  });
  $("why").disabled = false;
  $("why").textContent = "Show why";
}

function show(picture) {
  $("shown").hidden = picture === null;
  $("why").hidden = $("heat").hidden = $("legend").hidden = true;
  for (const id of ["seen", "heat"]) $(id).classList.remove("exact");
  if (picture === null) return;
  live(false);
  URL.revokeObjectURL($("seen").src);
  $("seen").src = URL.createObjectURL(picture);
}

function watch() {
  for (const drop of document.querySelectorAll(".drop")) {
    const input = drop.querySelector("input");
    input.onchange = () => { if (input.files[0]) ask(input.files[0]); input.value = ""; };
    for (const name of ["dragenter", "dragover"]) drop.addEventListener(name, () => drop.classList.add("over"));
    for (const name of ["dragleave", "drop"]) drop.addEventListener(name, () => drop.classList.remove("over"));
  }
  document.addEventListener("dragover", (event) => event.preventDefault());
  document.addEventListener("drop", (event) => { event.preventDefault(); given(event.dataTransfer); });
  document.addEventListener("paste", (event) => { if (model?.is_picture) given(event.clipboardData); });
  $("text").onsubmit = (event) => { event.preventDefault(); ask($("text").querySelector("textarea").value); };
  $("token").onsubmit = (event) => {
    event.preventDefault();
    told.useToken($("token").querySelector("input").value);
    guarded(describe);
  };
  $("camera").onclick = () => guarded(camera);
}

function given(transfer) {
  const file = [...transfer.files][0];
  if (model && file) ask(file);
}

async function camera() {
  const video = $("video");
  if (video.srcObject && !video.hidden) return look(video);
  video.srcObject ??= await navigator.mediaDevices.getUserMedia({ video: { facingMode: "environment" } });
  await video.play();
  $("result").hidden = $("shown").hidden = false;
  live(true);
}

// What the camera sees now, in place of the picture that was asked about.
function live(on) {
  $("video").hidden = !on;
  $("seen").parentElement.hidden = on;
  if ($("video").srcObject) $("camera").textContent = on ? "Look now" : "Look again";
}

function look(video) {
  const canvas = document.createElement("canvas");
  [canvas.width, canvas.height] = [video.videoWidth, video.videoHeight];
  canvas.getContext("2d").drawImage(video, 0, 0);
  canvas.toBlob((picture) => ask(picture), "image/png");
}

function number(value) {
  return Number(value.toPrecision(6)).toString();
}
