// The order of songs: as they were dropped, and within a folder by name.

const numberOf = (id) => Number(id.slice(1));

/** Of the ids `s1`, `s2`, ..., the one that comes next after `id`; undefined where there is none. */
export const after = (id, ids) =>
  [...ids]
    .filter((other) => numberOf(other) > numberOf(id))
    .sort((one, other) => numberOf(one) - numberOf(other))[0];

const names = new Intl.Collator("en", { numeric: true });

/** What is in a folder, by name: systems list folders in any order. */
export const byName = (items, name) => [...items].sort((one, other) => names.compare(name(one), name(other)));
