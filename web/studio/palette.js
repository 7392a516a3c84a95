/** The classes that Segue knows, as every panel needs them. */

/** @typedef {import("../protocol.d.ts").PaletteClass} PaletteClass */

export class Palette {
  /** @param {PaletteClass[]} classes in the order of their ids */
  constructor(classes) {
    this.classes = classes;
    this.byName = new Map(classes.map((spec) => [spec.name, spec]));
    /** @type {Map<number, number>} */
    this.byColour = new Map(classes.map((spec) => [packed(spec.rgb), spec.id]));
  }

  /** @param {string} name @param {"en" | "vi"} language */
  label(name, language) {
    const spec = this.byName.get(name);
    return language === "vi" ? (spec?.vi ?? name) : name;
  }

  /** @param {string} name */
  css(name) {
    const [r, g, b] = this.byName.get(name)?.rgb ?? [128, 128, 128];
    return `rgb(${r} ${g} ${b})`;
  }

  /** Classes that a visitor can put on a plan or a map. */
  get paintable() {
    return this.classes.filter((spec) => spec.kind !== "void");
  }
}

/** @param {ArrayLike<number>} rgb */
export const packed = (rgb) => (rgb[0] << 16) | (rgb[1] << 8) | rgb[2];

/** How colours of things are shown. @type {Record<string, string>} */
export const SWATCHES = {
  red: "#d33a2c",
  orange: "#ee8a2a",
  yellow: "#f2cc3d",
  green: "#4b9a4b",
  blue: "#3f74c9",
  purple: "#8554b0",
  pink: "#ee8fb4",
  brown: "#8a5a3a",
  black: "#24262b",
  white: "#f6f6f2",
  grey: "#8f959d",
};
