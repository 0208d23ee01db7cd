// Writes a `.br` and a `.gz` beside every text file of a built face, where that saves something. The server hands them
// out as they are: packed once at the best level, instead of at every request at a cheap one.
//
// node compress.mjs FOLDER
import { readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { brotliCompressSync, constants, gzipSync } from "node:zlib";

const TEXT = /\.(js|mjs|css|svg|json|html|txt|map)$/;
const PACKED = /\.(br|gz)$/;
const SMALLEST = 860; // below one packet of the network nothing is gained

const files = readdirSync(process.argv[2], { recursive: true, withFileTypes: true }).filter((one) => one.isFile());
const paths = files.map((one) => join(one.parentPath ?? one.path, one.name));
for (const path of paths.filter((one) => PACKED.test(one))) rmSync(path);
for (const path of paths.filter((one) => TEXT.test(one))) {
  const plain = readFileSync(path);
  if (plain.length < SMALLEST) continue;
  const { BROTLI_PARAM_QUALITY: quality, BROTLI_PARAM_SIZE_HINT: size, BROTLI_MAX_QUALITY: best } = constants;
  const packed = {
    br: brotliCompressSync(plain, { params: { [quality]: best, [size]: plain.length } }),
    gz: gzipSync(plain, { level: 9 }),
  };
  for (const [ending, bytes] of Object.entries(packed)) if (bytes.length < plain.length) writeFileSync(`${path}.${ending}`, bytes);
}
