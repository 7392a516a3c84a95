/** Writes FILE.br and FILE.gz beside what compresses well, for servers that send them as they are. */
import { readdir, readFile, writeFile } from "node:fs/promises";
import { extname, join } from "node:path";
import { promisify } from "node:util";
import { brotliCompress, constants, gzip } from "node:zlib";

const ENDINGS = new Set([".css", ".html", ".js", ".json", ".ts", ".wasm"]);

const folder = process.argv[2];
for (const entry of await readdir(folder, { recursive: true, withFileTypes: true })) {
  const path = join(entry.parentPath ?? entry.path, entry.name);
  if (!entry.isFile() || !ENDINGS.has(extname(entry.name))) continue;
  const bytes = await readFile(path);
  const params = {
    [constants.BROTLI_PARAM_QUALITY]: 11,
    [constants.BROTLI_PARAM_LGWIN]: 24,
    [constants.BROTLI_PARAM_SIZE_HINT]: bytes.length,
  };
  const [br, gz] = await Promise.all([promisify(brotliCompress)(bytes, { params }), promisify(gzip)(bytes, { level: 9 })]);
  await writeFile(`${path}.br`, br);
  await writeFile(`${path}.gz`, gz);
  if (bytes.length > 100_000) console.log(`${entry.name}: ${bytes.length} bytes, brotli ${br.length}, gzip ${gz.length}`);
}
