// What the server is asked. Every failure becomes an Error with `message` and `remedy`.

/** A path with its parameters; those that are null or empty are left out, lists are repeated. */
export function url(path, parameters = {}) {
  const query = new URLSearchParams();
  for (const [name, value] of Object.entries(parameters)) {
    for (const item of Array.isArray(value) ? value : [value]) {
      if (item !== null && item !== undefined && item !== "") query.append(name, item);
    }
  }
  return query.size ? `${path}?${query}` : path;
}

export const get = (path, parameters, signal) => ask(url(path, parameters), { signal });

export const post = (path, body) =>
  ask(path, {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify(body ?? {}),
  });

export const remove = (path) => ask(path, { method: "DELETE" });

/** Sends files, each under the name that it had in its folder. */
export function upload(path, files) {
  const form = new FormData();
  for (const { file, name } of files) form.append("files", file, name);
  return ask(path, { method: "POST", body: form });
}

async function ask(address, options) {
  let answer;
  try {
    answer = await fetch(address, options);
  } catch (error) {
    if (error.name === "AbortError") throw error;
    throw problem("the server does not answer", "see whether `genrescope serve` still runs");
  }
  const content = await answer.json().catch(() => ({}));
  if (answer.ok) return content;
  const wait = Number(answer.headers.get("Retry-After")) || null;
  throw Object.assign(problem(wording(content.detail, answer), content.remedy), {
    status: answer.status,
    wait,
  });
}

const problem = (message, remedy = null) => Object.assign(new Error(message), { remedy });

function wording(detail, answer) {
  if (Array.isArray(detail)) return detail.map((part) => `${part.loc.at(-1)}: ${part.msg}`).join("; ");
  return detail || `the server answers ${answer.status} ${answer.statusText}`;
}

/** Server-sent events: calls `on[kind](data)`; after a lost connection `on.lost()`. */
export function subscribe(on) {
  const source = new EventSource("/api/events");
  for (const kind of Object.keys(on)) {
    source.addEventListener(kind, (event) => on[kind](JSON.parse(event.data || "{}")));
  }
  let opened = false;
  source.addEventListener("open", () => {
    if (opened) on.lost?.();
    opened = true;
  });
}
