// Requests to the server. Every failure becomes an Error with `message` and `remedy`.

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

export const get = (path, parameters, signal) => send(url(path, parameters), { signal });

export const post = (path, body) =>
  send(path, {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify(body ?? {}),
  });

export const remove = (path) => send(path, { method: "DELETE" });

/** Sends files, each under the name that it had in its folder. */
export function upload(path, files) {
  const form = new FormData();
  for (const { file, name } of files) form.append("files", file, name);
  return send(path, { method: "POST", body: form });
}

async function send(address, options) {
  let response;
  try {
    response = await fetch(address, options);
  } catch (error) {
    if (error.name === "AbortError") throw error;
    throw problem("the server does not respond", "see whether `genrescope serve` still runs");
  }
  const content = await response.json().catch(() => ({}));
  if (response.ok) return content;
  const wait = Number(response.headers.get("Retry-After")) || null;
  throw Object.assign(problem(wording(content.detail, response), content.remedy), {
    status: response.status,
    wait,
  });
}

const problem = (message, remedy = null) => Object.assign(new Error(message), { remedy });

function wording(detail, response) {
  if (Array.isArray(detail)) return detail.map((part) => `${part.loc.at(-1)}: ${part.msg}`).join("; ");
  return detail || `the server responds ${response.status} ${response.statusText}`;
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
