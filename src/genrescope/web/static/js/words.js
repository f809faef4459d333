// Numbers as people read them.

/** What is not quite nothing, or not quite all, is never rounded to it. */
export function percent(share) {
  if (share > 0 && share < 0.005) return "<1 %";
  if (share < 1 && share >= 0.995) return ">99 %";
  return `${Math.round(100 * share)} %`;
}

export const count = (number) => number.toLocaleString("en");

/** 83 seconds as 1:23. */
export function clock(seconds) {
  const whole = Math.max(0, Math.round(seconds || 0));
  const parts = [Math.floor(whole / 60), String(whole % 60).padStart(2, "0")];
  if (parts[0] >= 60) parts.splice(0, 1, Math.floor(parts[0] / 60), String(parts[0] % 60).padStart(2, "0"));
  return parts.join(":");
}

/** A time to wait, roughly. */
export function wait(seconds) {
  if (seconds < 60) return `${Math.max(1, Math.round(seconds))} s`;
  if (seconds < 5400) return `${Math.round(seconds / 60)} min`;
  return `${(seconds / 3600).toFixed(1)} h`;
}

export const plural = (number, one, many = `${one}s`) => `${count(number)} ${number === 1 ? one : many}`;

/** The last part of a path. */
export const fileName = (path) => path.slice(path.lastIndexOf("/") + 1);

/** What lies before the last part of a path. */
export const folderOf = (path) => path.slice(0, Math.max(0, path.lastIndexOf("/")));
