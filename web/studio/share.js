/** The state of the page in the URL's hash. */

/** @typedef {{ prompt: string, seed: number, steps: number, lang: "en" | "vi", plan?: import("../protocol.d.ts").Plan }} Shared */

/** Longest plan that goes into a link, in letters. */
const MOST = 6000;

/** @param {Shared} state @returns {string} the hash, without `#` */
export function toHash({ prompt, seed, steps, lang, plan }) {
  const values = new URLSearchParams({ prompt, seed: String(seed), steps: String(steps), lang });
  if (plan) {
    const rounded = { ...plan, objects: plan.objects.map((o) => ({ ...o, box: o.box.map((e) => Math.round(e * 1e4) / 1e4) })) };
    const text = JSON.stringify(rounded);
    if (text.length <= MOST) values.set("plan", text);
  }
  return values.toString();
}

/** @param {string} hash @returns {Partial<Shared>} what of it can be read */
export function fromHash(hash) {
  const values = new URLSearchParams(hash.replace(/^#/, ""));
  /** @type {Partial<Shared>} */
  const state = {};
  const prompt = values.get("prompt");
  if (prompt) state.prompt = prompt.slice(0, 1000);
  const seed = Number(values.get("seed") ?? NaN);
  if (Number.isInteger(seed) && seed >= 0 && seed < 2 ** 32) state.seed = seed;
  const steps = Number(values.get("steps") ?? NaN);
  if (Number.isInteger(steps) && steps >= 1 && steps <= 8) state.steps = steps;
  const lang = values.get("lang");
  if (lang === "en" || lang === "vi") state.lang = lang;
  try {
    const plan = JSON.parse(values.get("plan") ?? "null");
    if (Array.isArray(plan?.objects)) state.plan = plan;
  } catch {
    // A link that was cut off still brings its prompt.
  }
  return state;
}
