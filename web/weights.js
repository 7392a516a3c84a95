/** The files of a bundle: fetched with progress, resumed, verified, and kept by their hash. */

import { SegueError } from "./failure.js";

const STORE = "segue-weights-1";

/** What has arrived of files whose download was interrupted, by hash. @type {Map<string, Uint8Array[]>} */
const parts = new Map();

/** @param {string} sha256 */
const key = (sha256) => `https://weights.segue.invalid/${sha256}`;

/** @param {Uint8Array[]} chunks */
function joined(chunks) {
  const length = chunks.reduce((sum, chunk) => sum + chunk.length, 0);
  const whole = new Uint8Array(length);
  let at = 0;
  for (const chunk of chunks) {
    whole.set(chunk, at);
    at += chunk.length;
  }
  return whole;
}

/** @param {Uint8Array} bytes */
async function hashOf(bytes) {
  const hash = new Uint8Array(await crypto.subtle.digest("SHA-256", /** @type {any} */ (bytes)));
  return Array.from(hash, (byte) => byte.toString(16).padStart(2, "0")).join("");
}

async function store() {
  try {
    return await caches.open(STORE);
  } catch {
    return null;
  }
}

/** Forgets all weights that this browser keeps. */
export async function clearWeights() {
  parts.clear();
  try {
    await caches.delete(STORE);
  } catch {
    // A browser that keeps nothing has nothing to forget.
  }
}

/**
 * @param {URL} url
 * @param {RequestInit} [init]
 */
async function get(url, init) {
  let response;
  try {
    response = await fetch(url, init);
  } catch {
    const code = navigator.onLine === false ? "offline" : "interrupted";
    throw new SegueError(code, `${url.pathname} cannot be fetched`);
  }
  if (!response.ok) {
    throw new SegueError("interrupted", `${url.pathname} cannot be fetched: status ${response.status}`);
  }
  return response;
}

/**
 * A manifest, always asked for anew: it is small, and it says what everything else must hash to.
 * @param {URL} url
 */
export async function fetchManifest(url) {
  const response = await get(url, { cache: "no-cache" });
  return new Uint8Array(await response.arrayBuffer());
}

/**
 * One file of a bundle.
 * @typedef {{ url: URL, bytes: number, sha256: string }} File
 */

/**
 * Fetches files one after another.
 * @param {File[]} files
 * @param {{
 *   take: (index: number, bytes: Uint8Array) => void,
 *   onProgress: (bytes: number, total: number) => void,
 * }} to `take` receives each file when it is whole and verified
 * @returns {Promise<{ fromCache: boolean, warnings: string[] }>}
 */
export async function fetchFiles(files, { take, onProgress }) {
  const total = files.reduce((sum, file) => sum + file.bytes, 0);
  const kept = await store();
  const warnings = new Set();
  let done = 0;
  let fromCache = true;
  for (const [index, file] of files.entries()) {
    const onBytes = (/** @type {number} */ bytes) => onProgress(done + bytes, total);
    let bytes = await fromStore(kept, file);
    if (!bytes) {
      fromCache = false;
      bytes = await download(file, onBytes);
      if (!(await keep(kept, file, bytes))) warnings.add("not-kept");
    }
    take(index, bytes);
    done += file.bytes;
    onProgress(done, total);
  }
  return { fromCache, warnings: [...warnings] };
}

/**
 * @param {Cache | null} kept
 * @param {File} file
 */
async function fromStore(kept, file) {
  const response = await kept?.match(key(file.sha256));
  if (!response) return null;
  const bytes = new Uint8Array(await response.arrayBuffer());
  if ((await hashOf(bytes)) === file.sha256) return bytes;
  await kept?.delete(key(file.sha256));
  return null;
}

/**
 * Whether the browser keeps the file from now on. A full disk is no reason to stop.
 * @param {Cache | null} kept
 * @param {File} file
 * @param {Uint8Array} bytes
 */
async function keep(kept, file, bytes) {
  if (!kept) return false;
  try {
    await kept.put(key(file.sha256), new Response(/** @type {any} */ (bytes)));
    return true;
  } catch {
    return false;
  }
}

/**
 * A file that is whole and has its hash; fetched a second time where it has another one.
 * @param {File} file
 * @param {(bytes: number) => void} onBytes
 */
async function download(file, onBytes) {
  for (const cache of /** @type {RequestCache[]} */ (["default", "reload"])) {
    const bytes = await rest(file, cache, onBytes);
    parts.delete(file.sha256);
    if ((await hashOf(bytes)) === file.sha256) return bytes;
  }
  throw new SegueError(
    "corrupt",
    `${file.url.pathname} is not the file that the manifest means: it should hash to ${file.sha256}`,
  );
}

/**
 * What is missing of a file, after what an interrupted download left.
 * @param {File} file
 * @param {RequestCache} cache
 * @param {(bytes: number) => void} onBytes
 */
async function rest(file, cache, onBytes) {
  const chunks = parts.get(file.sha256) ?? [];
  parts.set(file.sha256, chunks);
  let length = chunks.reduce((sum, chunk) => sum + chunk.length, 0);
  if (length >= file.bytes) return joined(chunks);
  const headers = length > 0 ? { Range: `bytes=${length}-` } : undefined;
  const url = new URL(file.url);
  url.searchParams.set("sha256", file.sha256);
  const response = await get(url, { cache, headers });
  if (response.status !== 206) {
    // The server does not do ranges: from the start.
    chunks.length = length = 0;
  }
  const reader = response.body?.getReader();
  if (!reader) return new Uint8Array(await response.arrayBuffer());
  for (;;) {
    const { done, value } = await reader.read().catch(() => {
      throw new SegueError("interrupted", `the download of ${file.url.pathname} was interrupted`);
    });
    if (done) break;
    chunks.push(value);
    length += value.length;
    onBytes(Math.min(length, file.bytes));
  }
  if (length < file.bytes) {
    throw new SegueError("interrupted", `the download of ${file.url.pathname} was interrupted`);
  }
  return joined(chunks);
}
