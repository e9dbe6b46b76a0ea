// The studio's page. All that stands on it is asked of the studio, so that it is the same after a reload; nothing is
// kept here but what is being looked at: the folder, the text that is being edited, the pictures that were tried.

const SOON = 600, LATER = 4000, MOST_ROWS = 6;
const LEFT_OUT = ["leak", "near leak"]; // what a quarantine takes; broken files are left out anyway
const STEPS = ["folder", "check", "train", "report", "try", "export"];
const $ = (id) => document.getElementById(id);
let state = null, looked = "", shownRecipe = null, shownRun = null, shownModel = "", shownJob = 0, formats = null, description = null, timer;

async function asked(path, options = {}) {
  let reply;
  try {
    reply = await fetch(`api/${path}`, options);
  } catch {
    throw new Error("The studio does not answer: it has ended. Start it again with `tlkit studio`.");
  }
  const said = await reply.json();
  if (!reply.ok) throw new Error(said.error);
  return said;
}

const post = (path, body = {}) =>
  asked(path, { method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(body) });

async function guarded(work) {
  try {
    await work();
    $("problem").hidden = true;
  } catch (error) {
    $("problem").textContent = error.message;
    $("problem").hidden = false;
    $("problem").scrollIntoView({ block: "nearest" });
  }
}

// Does something, and shows what it came to.
const act = (path, body) => guarded(async () => { show(await post(path, body)); });

function made(tag, { text, style, ...rest } = {}, ...children) {
  const element = Object.assign(document.createElement(tag), rest);
  if (text !== undefined) element.textContent = text;
  if (style) element.className = style;
  element.append(...children);
  return element;
}

const thumbnail = (path, alt = "") => made("img", { src: `api/thumbnail?path=${encodeURIComponent(path)}`, alt, loading: "lazy" });
const number = (value) => value.toLocaleString("en");
const megabytes = (bytes) => (bytes < 1e5 ? `${(bytes / 1e3).toFixed(1)} kB` : `${(bytes / 1e6).toFixed(1)} MB`);
const percent = (share) => `${(100 * share).toFixed(1)} %`;

// --- what is under way -------------------------------------------------------------------------------------------

async function watch() {
  clearTimeout(timer);
  try {
    show(await asked("state"));
    timer = setTimeout(watch, state.job?.state === "running" ? SOON : LATER);
  } catch (error) {
    $("problem").textContent = error.message;
    $("problem").hidden = false;
    timer = setTimeout(watch, LATER);
  }
}

function show(told) {
  state = told;
  const running = state.job?.state === "running";
  $("home").textContent = state.home;
  showJob(running);
  showChosen();
  showCheck(running);
  showTraining(running);
  showRun();
  showTry(running);
  showExports(running);
  const reached = { folder: true, check: state.recipe !== null, train: state.recipe !== null, report: state.run, try: state.run, export: state.run };
  for (const link of $("steps").querySelectorAll("a")) link.classList.toggle("reached", Boolean(reached[link.hash.slice(1)]));
  for (const name of STEPS.slice(1)) opened(name, Boolean(reached[name]));
  $("choose").disabled = running;
  if (running) { clearTimeout(timer); timer = setTimeout(watch, SOON); }
}

function opened(name, on) {
  $(name).classList.toggle("later", !on);
  $(name).querySelector(".wait").hidden = on;
  $(name).querySelector(".body").hidden = !on;
}

function showJob(running) {
  const job = state.job;
  $("job").hidden = !running;
  document.body.classList.toggle("busy", running);
  if (running) {
    $("job-title").textContent = `${job.title} …`;
    const { progress } = job;
    if (progress?.total) [$("job-bar").max, $("job-bar").value] = [progress.total, Math.min(progress.done, progress.total)];
    else $("job-bar").removeAttribute("value");
    const left = progress?.seconds_left ? `, ${Math.ceil(progress.seconds_left)} s left` : "";
    const counted = progress ? `${progress.label}: ${number(progress.done)}${progress.total ? ` of ${number(progress.total)}` : ""}${left}` : job.lines.at(-1) ?? "starting";
    $("job-note").textContent = [counted, progress?.note].filter(Boolean).join(" · ");
    $("stop").hidden = job.kind === "open";
  } else if (job && job.number !== shownJob) {
    shownJob = job.number;
    if (job.state === "failed") failed(job.error);
    if (job.state === "done" && job.kind === "train") $("report").scrollIntoView({ behavior: "smooth" });
    listRuns();
  }
}

function failed(line) {
  $("problem").textContent = line;
  $("problem").hidden = false;
}

// --- 1: the folder -----------------------------------------------------------------------------------------------

async function look(path) {
  await guarded(async () => {
    const view = await asked(`folders?path=${encodeURIComponent(path)}`);
    looked = view.path;
    $("crumbs").replaceChildren(...view.above.map(([name, to]) => {
      const button = made("button", { type: "button", text: name || "/", onclick: () => look(to) });
      if (to === view.path) button.setAttribute("aria-current", "page");
      return made("li", {}, button);
    }));
    $("folders").replaceChildren(...view.folders.map((each) =>
      made("li", {}, made("button", { type: "button", onclick: () => look(each.path) },
        made("span", { text: each.name }), made("span", { text: counted(each.counted) })))));
    $("samples").replaceChildren(...view.samples.map((each) => thumbnail(each)));
    $("choose").textContent = `Use “${view.name || "/"}” (${counted(view.counted)})`;
  });
}

function counted({ files, pictures, more }) {
  const [count, noun] = pictures ? [pictures, "picture"] : [files, "file"];
  return `${number(count)}${more ? " and more" : ""} ${noun}${count === 1 ? "" : "s"}`;
}

function showChosen() {
  $("chosen").hidden = state.folder === null;
  if (state.folder !== null) $("chosen").replaceChildren("Chosen: ", made("strong", { text: state.folder || state.home }));
}

async function listRuns() {
  await guarded(async () => {
    const { runs } = await asked("runs");
    $("earlier").hidden = runs.length === 0;
    $("runs").replaceChildren(...runs.map((run) => {
      const score = run.score === null ? "" : run.measure === "test/accuracy" ? percent(run.score) : run.score.toPrecision(3);
      const button = made("button", { type: "button", onclick: () => act("run", { run_id: run.run_id }) },
        made("span", { text: `${run.name}, ${run.started.replace("T", " ").slice(0, 16)}` }), made("span", { text: score }));
      return made("li", {}, button);
    }));
  });
}

// --- 2: the check ------------------------------------------------------------------------------------------------

function showCheck(running) {
  const { check } = state;
  $("verdict").textContent = state.problems.length ? "The recipe cannot be used as it is: see below." : check ? verdict(check.findings) : "";
  $("checked").hidden = !check;
  $("counts").replaceChildren(...(check ? [bars(check.classes), bars(check.parts)].filter(Boolean) : []));
  if ($("findings").told !== check?.findings && JSON.stringify($("findings").told) !== JSON.stringify(check?.findings)) {
    $("findings").told = check?.findings;
    $("findings").replaceChildren(...(check?.findings ?? []).map(finding));
  }
  $("quarantine").hidden = !check?.findings.some((each) => each.level !== "note" && LEFT_OUT.includes(each.topic));
  for (const id of ["quarantine", "start"]) $(id).disabled = running;
  $("recipe-form").querySelector("button").disabled = running;
  $("problems").hidden = state.problems.length === 0;
  $("problems").replaceChildren(...state.problems.map((text) => made("li", { text })));
  if (state.problems.length) $("recipe").open = true;
  if (state.recipe !== shownRecipe) {
    shownRecipe = state.recipe;
    $("recipe-text").value = state.recipe ?? "";
    $("recipe-file").textContent = state.recipe_file ?? "";
  }
}

function verdict(findings) {
  const count = (level) => findings.filter((each) => each.level === level).length;
  const [errors, warnings] = [count("error"), count("warning")];
  if (errors) return `${errors} ${errors === 1 ? "thing" : "things"} would spoil a training: look at the red ones.`;
  if (warnings) return `Can be trained. ${warnings} ${warnings === 1 ? "thing is" : "things are"} worth a look.`;
  return "All is well: nothing leaks, nothing is broken.";
}

function bars(counts) {
  const rows = Object.entries(counts ?? {});
  const most = Math.max(1, ...rows.map(([, count]) => count));
  return rows.length ? made("ul", { style: "bars" }, ...rows.map(([name, count]) => bar(name, number(count), count / most))) : null;
}

function bar(label, value, share) {
  const row = made("li", {}, made("span", { text: label }), made("span", { text: value }));
  row.style.setProperty("--share", `${100 * share}%`);
  return row;
}

function finding(each) {
  const words = { error: "Fault", warning: "Look at this", note: "Note" };
  const head = made("span", {}, made("strong", { text: `${words[each.level]}: `, style: `${each.level}-word` }), each.text);
  const rows = each.level === "note" ? [] : each.examples.map((row) => made("span", { style: "pair" }, ...row.map(example)));
  const more = each.count - each.examples.length;
  if (rows.length && more > 0) rows.push(made("span", { style: "quiet", text: `and ${number(more)} more` }));
  return made("li", { style: each.level }, head, ...(rows.length ? [made("div", { style: "pairs" }, ...rows)] : []));
}

function example({ name, note, path }) {
  const caption = made("figcaption", {}, made("code", { text: name.split("/").slice(-2).join("/") }), ...(note ? [` ${note}`] : []));
  if (!path) return made("figure", {}, caption);
  const picture = thumbnail(path);
  picture.onerror = () => picture.remove(); // broken, or no picture: its name is enough
  return made("figure", {}, picture, caption);
}

// --- 3: training -------------------------------------------------------------------------------------------------

function showTraining(running) {
  const job = state.job?.kind === "train" ? state.job : null;
  $("log").hidden = !job;
  if (job && $("lines").textContent !== job.lines.join("\n")) $("lines").textContent = job.lines.join("\n");
  const said = { running: "Training …", done: `Done in ${Math.round(job?.seconds)} s.`, stopped: "Stopped. What was learned is kept: training goes on from there.", failed: job?.error };
  $("train-state").textContent = job ? said[job.state] : "";
  $("start").textContent = job?.state === "stopped" ? "Go on training" : "Train a model";
  showCurve(job?.curve ?? []);
  $("start").disabled = running || state.problems.length > 0;
}

// What each epoch came to: accuracy where there is one, else the loss; of training in grey, of validation in blue.
function showCurve(curve) {
  const what = curve.some(([, metrics]) => "val/accuracy" in metrics) ? "accuracy" : "loss";
  const lines = ["train", "val"].map((part) => [part, curve.map(([epoch, metrics]) => [epoch, metrics[`${part}/${what}`]]).filter(([, value]) => Number.isFinite(value))]);
  const points = lines.flatMap(([, line]) => line);
  $("curve").hidden = curve.length < 2 || points.length < 2;
  if ($("curve").hidden) return;
  const [first, last] = [curve[0][0], curve.at(-1)[0]];
  const values = points.map(([, value]) => value);
  const [low, high] = what === "accuracy" ? [Math.min(0.5, ...values), 1] : [Math.min(...values), Math.max(...values)];
  const at = ([epoch, value]) => `${(600 * (epoch - first)) / (last - first || 1)},${175 - (170 * (value - low)) / (high - low || 1)}`;
  $("curve").querySelector("svg").replaceChildren(...lines.filter(([, line]) => line.length > 1).map(([part, line]) => {
    const drawn = document.createElementNS("http://www.w3.org/2000/svg", "polyline");
    drawn.setAttribute("points", line.map(at).join(" "));
    drawn.setAttribute("class", part);
    return drawn;
  }));
  const told = lines.filter(([, line]) => line.length).map(([part, line]) => `${part === "val" ? "validation (blue)" : "training (grey)"} ${what === "accuracy" ? percent(line.at(-1)[1]) : rounded(line.at(-1)[1])}`);
  $("curve-words").textContent = `Epoch ${last}. ${what === "accuracy" ? "Accuracy" : "Loss"}: ${told.join(", ")}`;
}

// --- 4: the report -----------------------------------------------------------------------------------------------

const TITLES = { accuracy: "Accuracy", macro_f1: "Macro F1", ece: "Calibration error", loss: "Loss", mae: "Mean error", rmse: "RMSE", r2: "R²", subset_accuracy: "All labels right", auc: "AUC" };

const rounded = (value) => (Math.abs(value) < 0.001 ? "< 0.001" : Number(value.toPrecision(3)).toString());

function showRun() {
  const { run } = state;
  if (!run || run.id === shownRun) return;
  shownRun = run.id;
  $("run-name").replaceChildren(made("strong", { text: run.name }), ` · ${run.started.replace("T", " ").slice(0, 16)} · run ${run.id.slice(0, 8)}`);
  const { scores } = run;
  $("scores").replaceChildren(...Object.keys(TITLES).filter((name) => name in scores).map((name) => {
    const share = name.endsWith("accuracy");
    const value = made("dd", { text: share ? percent(scores[name]) : rounded(scores[name]) });
    if (name === "accuracy" && "accuracy_low" in scores) value.append(made("small", { text: `${percent(scores.accuracy_low)} to ${percent(scores.accuracy_high)}` }));
    return made("div", {}, made("dt", { text: TITLES[name] }), value);
  }));
  for (const id of ["report-link", "report-page"]) $(id).hidden = !run.has_report;
  if (run.has_report) $("report-link").href = $("report-page").src = `api/report/${run.id}`;
  $("answers").replaceChildren();
}

// --- 5: trying ---------------------------------------------------------------------------------------------------

function showTry(running) {
  const ready = Boolean(state.run) && state.model === state.run.id;
  $("ask").hidden = !ready;
  $("open").hidden = ready;
  $("open").disabled = running;
  if (ready && shownModel !== state.model) {
    shownModel = state.model;
    guarded(async () => {
      description = await asked("model/model");
      $("text").hidden = !description.is_text;
      $("drop").hidden = description.is_text;
      $("drop").querySelector("input").accept = description.is_picture ? "image/*" : "";
      $("drop").querySelector("strong").textContent = description.is_picture ? "Drop pictures here" : "Drop files here";
    });
  }
}

function ask(example) {
  const article = made("article", {}), said = made("div", { style: "said" }), stack = made("div", { style: "stack" });
  const picture = example instanceof Blob && description.is_picture ? made("img", { src: URL.createObjectURL(example), alt: example.name }) : null;
  if (picture) article.append((stack.append(picture), stack));
  said.append(made("h3", { text: "…" }));
  article.append(said);
  $("answers").prepend(article);
  return answered(example, said, stack, picture);
}

async function answered(example, said, stack, picture) {
  const name = made("p", { style: "quiet", text: example.name ?? example });
  try {
    const { predictions: [prediction] } = await sent("predict", example);
    said.replaceChildren(made("h3", { text: answerOf(prediction) }), ...doubt(prediction), ...shares(prediction), name);
    if (picture) said.append(why(example, stack, picture));
  } catch (error) {
    said.replaceChildren(made("p", { style: "problems", text: error.message }), name);
  }
}

function answerOf(prediction) {
  const name = prediction.class ?? prediction.classes?.join(", ");
  return name === "" ? "none of these" : name ?? (prediction.value === undefined ? "" : String(Number(prediction.value.toPrecision(6))));
}

function doubt({ known }) {
  if (known === undefined) return [];
  return [known ? made("p", { style: "known", text: "Like what it has learned from" })
    : made("p", { style: "unknown", text: "Unknown: like nothing it has learned from. Do not rely on this answer" })];
}

function shares({ probabilities = {}, values = {} }) {
  const surest = Object.entries(probabilities).sort((a, b) => b[1] - a[1]).slice(0, MOST_ROWS);
  const rows = [...surest.map(([name, share]) => bar(name, percent(share), share)), ...Object.entries(values).map(([name, value]) => bar(name, value.toPrecision(4), 0))];
  return rows.length ? [made("ul", { style: "bars" }, ...rows)] : [];
}

function why(example, stack, picture) {
  const button = made("button", { type: "button", text: "Show why" });
  button.onclick = async () => {
    [button.disabled, button.textContent] = [true, "Covering one part after the other …"];
    try {
      const found = await sent("explain", example);
      const heat = made("img", { src: found.heat, alt: "Red: covering it lowers the answer's probability. Blue: raises it", style: "exact" });
      picture.src = found.picture;
      picture.className = "exact";
      stack.append(heat);
      button.replaceWith(made("p", { style: "quiet", text: "Red: covering it lowers the answer's probability. Blue: raises it" }));
    } catch (error) {
      button.replaceWith(made("p", { style: "problems", text: error.message }));
    }
  };
  return button;
}

function sent(path, example) {
  if (typeof example === "string") return post(`model/${path}`, { example });
  const form = new FormData(); // keeps the file's name, whose ending says what it is
  form.append("file", example, example.name);
  return asked(`model/${path}`, { method: "POST", body: form });
}

async function askAll(files) {
  for (const each of files) await ask(each); // one after the other: each is shown as soon as it is answered
}

// --- 6: export ---------------------------------------------------------------------------------------------------

async function listFormats() {
  if (formats || !state.run) return;
  formats = [];
  await guarded(async () => {
    ({ formats } = await asked("formats"));
    const able = formats.filter((each) => !each.lacking);
    const first = able.find((each) => each.name === "onnx") ?? able[0];
    $("formats").append(...formats.map((each) => made("label", { style: each.lacking ? "lacking" : "" },
      made("input", { type: "checkbox", name: "format", value: each.name, disabled: Boolean(each.lacking), checked: each === first }),
      made("span", {}, made("strong", { text: each.name }), ` ${each.lacking || each.what}`))));
    $("precision").append(...[...new Set(able.flatMap((each) => each.precisions))].map((each) => made("option", { text: each, value: each })));
    $("precision").value = "float32";
  });
}

function showExports(running) {
  listFormats();
  $("export-form").querySelector("button").disabled = running;
  const own = state.exports.filter((each) => each.run_id === state.run?.id);
  if (JSON.stringify(own) === $("exports").told) return;
  $("exports").told = JSON.stringify(own);
  $("exports").replaceChildren(...own.map(exported));
}

function exported(each) {
  const head = ["File", "Size", "Score before", "after", "Answers that differ", "ms for 1"];
  const rows = each.files.map((file) => [`${file.format} ${file.precision}`, megabytes(file.bytes), share(file.before), share(file.after), file.flips ?? "–", file.milliseconds?.toFixed(1) ?? "–"]);
  const table = made("table", {},
    made("thead", {}, made("tr", {}, ...head.map((text) => made("th", { text, scope: "col" })))),
    made("tbody", {}, ...rows.map((cells) => made("tr", {}, ...cells.map((text) => made("td", { text }))))));
  const link = made("a", { href: `api/exports/${encodeURIComponent(each.name)}.zip`, download: `${each.name}.zip`, text: `Download ${each.name}.zip (${megabytes(each.bytes)})` });
  return made("div", { style: "export" }, made("div", { style: "scroll", tabIndex: 0 }, table), made("p", {}, link), ...(each.note ? [made("p", { style: "quiet", text: each.note })] : []));
}

const share = (value) => (value === undefined || value === null ? "–" : value.toFixed(4));

// --- what a person does ------------------------------------------------------------------------------------------

$("choose").onclick = () => act("choose", { path: looked });
$("stop").onclick = () => act("stop");
$("quarantine").onclick = () => act("check", { quarantine: true });
$("start").onclick = () => act("train");
$("open").onclick = () => act("open");
$("recipe-text").oninput = () => { $("recipe-state").textContent = "Not saved yet"; };
$("recipe-form").onsubmit = (event) => {
  event.preventDefault();
  guarded(async () => {
    show(await post("recipe", { text: $("recipe-text").value }));
    $("recipe-state").textContent = state.problems.length ? "Saved, but it cannot be used yet" : "Saved";
    if (!state.problems.length) show(await post("check"));
  });
};
$("export-form").onsubmit = (event) => {
  event.preventDefault();
  const chosen = [...$("formats").querySelectorAll("input:checked")].map((each) => each.value);
  act("export", { formats: chosen, precision: $("precision").value });
};
$("text").onsubmit = (event) => { event.preventDefault(); ask($("text-field").value); };
const input = $("drop").querySelector("input");
input.onchange = () => { const files = [...input.files]; input.value = ""; askAll(files); };
for (const name of ["dragenter", "dragover"]) $("drop").addEventListener(name, () => $("drop").classList.add("over"));
for (const name of ["dragleave", "drop"]) $("drop").addEventListener(name, () => $("drop").classList.remove("over"));
document.addEventListener("dragover", (event) => { if (event.target !== input) event.preventDefault(); });
document.addEventListener("drop", (event) => { if (event.target !== input) event.preventDefault(); });

history.replaceState(null, "", location.pathname + location.hash); // the token is in the cookie now
await watch();
if (state) {
  await Promise.all([look(state.folder ?? ""), listRuns()]);
}
