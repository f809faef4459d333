// The model: its card, and the two settings that a user may change.

import { get } from "../api.js";
import { served } from "../decide.js";
import { el, field, option, problem } from "../dom.js";
import { cardParts } from "./card.js";
import { preview } from "./preview.js";
import { priorSliders, thresholdSlider } from "./sliders.js";

export async function showModel(place) {
  place.append(el("h2", { id: "model-title", tabindex: -1 }, "Model"));
  try {
    const { models, serving } = await get("/api/models");
    const shown = el("div", { class: "stack" });
    const draw = async (name) =>
      shown.replaceChildren(...(await parts(models.find((model) => model.name === name))));
    if (models.length > 1) {
      const names = models.map((model) =>
        option(model.name, `${model.name}${model.name === serving ? " (serving)" : ""}`),
      );
      const select = el("select", { value: serving, onchange: () => draw(select.value) }, names);
      select.value = serving ?? models[0].name;
      place.append(el("div", { class: "row" }, field("Model", select)));
    }
    place.append(shown);
    if (models.length) await draw(serving ?? models[0].name);
  } catch (error) {
    place.append(problem(error));
  }
}

async function parts(model) {
  if (!model) return [];
  const card = await get(`/api/models/${encodeURIComponent(model.name)}`);
  const lead = el("p", { class: "lead" }, card.title);
  const cannot = model.usable ? [] : [problem(new Error(model.problem))];
  const settings = served?.name === card.name ? [settingsOf(card)] : [];
  return [lead, ...cannot, ...settings, ...cardParts(card)];
}

function settingsOf(card) {
  const title = el("h3", { id: "settings-title" }, "What is shown");
  const about = el(
    "p",
    { class: "soft" },
    "Both sliders change all views and exports at once; nothing is classified again.",
  );
  const sliders = el("div", { class: "settings" }, thresholdSlider(card), priorSliders(card));
  return el(
    "section",
    { class: "stack", "aria-labelledby": "settings-title" },
    title,
    about,
    preview(),
    sliders,
  );
}
