// What openapi.json says, for people; without a script from elsewhere.

const described = await (await fetch("openapi.json")).json();
document.getElementById("name").textContent = described.info.title;

for (const [path, methods] of Object.entries(described.paths)) {
  for (const [method, about] of Object.entries(methods)) {
    const section = document.createElement("section");
    section.append(made("h2", `${method.toUpperCase()} ${path}`), made("p", about.summary));
    if (about.description) section.append(made("p", about.description, "quiet"));
    for (const line of commands(method, path, about)) section.append(made("pre", line));
    document.getElementById("paths").append(section);
  }
}

function commands(method, path, about) {
  const address = `${location.origin}${path}`;
  if (method === "get") return [`curl ${address}`];
  const kinds = about.requestBody?.content ?? {};
  const lines = [];
  if (kinds["application/octet-stream"]) lines.push(`curl --data-binary @FILE -H 'Content-Type: application/octet-stream' ${address}`);
  if (kinds["multipart/form-data"]) lines.push(`curl -F file=@FILE ${address}`);
  const example = kinds["application/json"]?.example;
  if (example) lines.push(`curl -H 'Content-Type: application/json' -d '${JSON.stringify(example)}' ${address}`);
  return lines;
}

function made(tag, text, style = "") {
  const element = document.createElement(tag);
  element.textContent = text;
  element.className = style;
  return element;
}
