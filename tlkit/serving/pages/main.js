// The service's own page: asks the service that it came from.

import { start } from "./page.js";

let token = sessionStorage.getItem("tlkit-token") ?? "";

async function asked(path, options = {}) {
  const headers = { ...options.headers, ...(token ? { Authorization: `Bearer ${token}` } : {}) };
  const reply = await fetch(path, { ...options, headers });
  const said = await reply.json();
  if (reply.ok) return said;
  throw Object.assign(new Error(said.error), { wantsToken: reply.status === 401 });
}

function post(path, example) {
  if (typeof example === "string") {
    const headers = { "Content-Type": "application/json" };
    return asked(path, { method: "POST", headers, body: JSON.stringify({ example }) });
  }
  const form = new FormData(); // keeps the file's name, whose ending says what it is
  form.append("file", example, example.name ?? "camera.png");
  return asked(path, { method: "POST", body: form });
}

const link = document.createElement("a");
link.href = "docs";
link.textContent = "How programs ask";

start({
  describe: () => asked("model"),
  predict: async (example) => {
    const { predictions } = await post("predict", example);
    return predictions[0];
  },
  explain: (example) => post("explain", example),
  useToken: (given) => sessionStorage.setItem("tlkit-token", (token = given.trim())),
  links: [" · ", link],
});
