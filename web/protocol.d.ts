/** What the page and its worker say to each other, and what a host page receives. */

export type Backend = "webgpu" | "cpu" | "server";

/** Why the CPU is used, or that the GPU is. */
export type BackendReason =
  | "ok"
  | "asked"
  | "not-built"
  | "no-webgpu"
  | "no-adapter"
  | "no-timestamps"
  | "wrong-numbers"
  | "device-lost"
  | "no-simd";

export interface SegMap {
  width: number;
  height: number;
  /** Class id of each pixel, row by row. */
  classes: Uint8Array;
  /** Object id of each pixel, 0 for none. */
  instances: Uint8Array;
}

export interface Image {
  width: number;
  height: number;
  rgba: Uint8Array;
}

export interface Judged extends SegMap {
  colours: Uint8Array;
  states: Uint8Array;
}

export interface StageResult {
  held: boolean;
  found: number;
}

export interface Clause {
  id: number;
  parent: number | null;
  text: string;
  /** First UTF-16 code unit and the one after the last; only in readings. */
  span?: [number, number];
  kind: "presence" | "absence" | "count" | "attribute" | "state" | "relation" | "part";
  subject: string;
  attribute?: string;
  relation?: string;
  object?: string;
  object2?: string;
  asked: number;
  plan?: StageResult;
  map?: StageResult;
  image?: StageResult;
}

export interface UnknownWord {
  word: string;
  nearest: string[];
  span: [number, number];
}

export interface Unparsed {
  text: string;
  span: [number, number];
}

export interface Note {
  kind: string;
  clauses: number[];
  text: string;
}

export interface Reading {
  prompt: string;
  language: "en" | "vi";
  clauses: Clause[];
  unknown: UnknownWord[];
  unparsed: Unparsed[];
  notes: Note[];
}

/** verdict.json */
export interface Verdict {
  prompt: string;
  language: "en" | "vi";
  seed: number;
  seeds_tried: number[];
  score: number | null;
  weights: string | null;
  judge: string | null;
  clauses: Clause[];
  unknown: UnknownWord[];
  unparsed: Unparsed[];
  notes: Note[];
}

export interface PlanObject {
  id: number;
  class: string;
  box: [number, number, number, number];
  attributes: { colour?: string; size?: string; state?: string };
  part_of?: number;
  depth: number;
  shape_seed: number;
}

/** plan.json */
export interface Plan {
  version: number;
  width: number;
  height: number;
  scene: { time?: string };
  objects: PlanObject[];
}

export interface PaletteClass {
  id: number;
  name: string;
  vi: string;
  kind: "void" | "stuff" | "thing";
  countable: boolean;
  part_of?: number;
  colours?: string[];
  sizes?: string[];
  states?: string[];
  rgb: [number, number, number];
}

export interface LoadProgress {
  stage: "code" | "weights" | "device" | "networks";
  bytes?: number;
  total?: number;
}

export interface LoadInfo {
  backend: Backend;
  reason: BackendReason;
  detail: string;
  identity: string;
  preset: string;
  imageSize: number;
  /** Every file came from the browser's own store. */
  fromCache: boolean;
  /** What could not be done, in words; the page works all the same. */
  warnings: string[];
  seconds: number;
}

export interface LoadRequest {
  weights: string;
  backend?: "auto" | Backend;
  variant?: string;
  onProgress?: (progress: LoadProgress) => void;
}

export interface DrawEvent {
  stage: "parse" | "plan" | "map" | "picture" | "verdict";
  step?: number;
  steps?: number;
  preview?: Image;
}

export interface DrawRequest {
  prompt: string;
  seed: number;
  steps?: number;
  plans?: number;
  guidance?: number;
  repairs?: number;
  /** Whether every step but the last shows where it is heading; each costs about a step. */
  previews?: boolean;
  plan?: Plan;
  map?: SegMap;
  onEvent?: (event: DrawEvent) => void;
}

export interface Result {
  verdict: Verdict;
  plan: Plan;
  map: SegMap;
  image: Image;
  judged: Judged | null;
  milliseconds: Record<DrawEvent["stage"], number>;
  backend: Backend;
  /** PNG with prompt, seed and weights in its text chunks. */
  png: Uint8Array;
}

export type ErrorCode =
  | "offline"
  | "interrupted"
  | "corrupt"
  | "no-simd"
  | "device-lost"
  | "cancelled"
  | "busy"
  | "bad-prompt"
  | "bad-plan"
  | "bad-map"
  | "too-old"
  | "internal";
