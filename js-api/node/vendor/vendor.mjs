// Writes ../deno: the JavaScript of Node's modules as the deno_node crate has it, without types, each file the body of a function of one
// parameter, `__bootstrap`, that returns its exports (js/node/loader.js calls it). What is changed besides is in patches.mjs.
//
//   npm ci && npm run vendor
//
// It takes the crate from crates.io, or from the file that is named: npm run vendor -- deno_node-0.198.0.crate

import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { transform } from "esbuild";
import { FILES } from "./files.mjs";
import { PATCHES } from "./patches.mjs";

/** Pairs with the release of deno_core that the workspace has. */
const CRATE = { name: "deno_node", version: "0.198.0", sha256: "6f52b9400885bfe667374419db2d0193909637b7b08262dd4ff9144c45b955a5" };

const target = path.join(import.meta.dirname ?? path.dirname(new URL(import.meta.url).pathname), "..", "deno");

async function main() {
  const folder = mkdtempSync(path.join(tmpdir(), "vendor-node-"));
  try {
    const sources = unpack(await crate(), folder);
    rmSync(target, { recursive: true, force: true });
    const listed = [];
    for (const name of FILES) {
      const original = readFileSync(path.join(sources, "polyfills", name));
      const written = await scriptOf(name, patched(name, original.toString()));
      const place = path.join(target, `${name.replace(/\.[^.]+$/, "")}.js`);
      mkdirSync(path.dirname(place), { recursive: true });
      writeFileSync(place, written);
      listed.push(`${digest(original)} ${digest(written)} ${name}`);
    }
    const head = `# ${CRATE.name} ${CRATE.version} (${CRATE.sha256}): SHA-256 of each file there, SHA-256 of it here, its name there\n`;
    writeFileSync(path.join(target, "SOURCES"), `${head}${listed.join("\n")}\n`);
    const unused = Object.keys(PATCHES).filter((name) => !FILES.includes(name));
    if (unused.length > 0) {
      throw new Error(`patches of files that are not taken: ${unused}`);
    }
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

async function crate() {
  const given = process.argv[2];
  const url = `https://static.crates.io/crates/${CRATE.name}/${CRATE.name}-${CRATE.version}.crate`;
  const bytes = given === undefined ? Buffer.from(await (await fetch(url)).arrayBuffer()) : readFileSync(given);
  if (digest(bytes) !== CRATE.sha256) {
    throw new Error(`${given ?? url} is not the crate that was looked at: its SHA-256 is ${digest(bytes)}`);
  }
  return bytes;
}

function unpack(bytes, folder) {
  execFileSync("tar", ["xz", "-C", folder], { input: bytes });
  return path.join(folder, `${CRATE.name}-${CRATE.version}`);
}

function patched(name, source) {
  for (const { from, to } of PATCHES[name] ?? []) {
    const parts = source.split(from);
    if (parts.length !== 2) {
      throw new Error(`${name}: a patch fits ${parts.length - 1} times: ${from}`);
    }
    source = parts.join(to);
  }
  return source;
}

/** Comments go, but for what must stay: who it is by, and under which licence. */
async function scriptOf(name, source) {
  const loader = name.endsWith(".ts") ? "ts" : "js";
  const isModule = /^(import|export)\b/m.test(source);
  const options = { loader, target: "esnext", charset: "ascii", legalComments: "none", tsconfigRaw: "{}", logLevel: "error" };
  const notice = noticeOf(source);
  if (isModule) {
    const { code } = await transform(source, { ...options, format: "cjs", supported: { "dynamic-import": true } });
    return `${notice}"use strict";\nconst { require, module } = __bootstrap.moduleShape();\n${code}return module.exports;\n`;
  }
  const { code } = await transform(source, options);
  // The last statement calls the function that returns the exports.
  const start = code.search(/^(\/\* @__PURE__ \*\/ )?\((function|\(\) =>)/m);
  if (start === -1 || !code.endsWith("})();\n")) {
    throw new Error(`${name} has no one function that returns its exports`);
  }
  return `${notice}"use strict";\n${code.slice(0, start)}return ${code.slice(start)}`;
}

/** The comment lines at the beginning of a file, down to the last that has to do with rights. */
function noticeOf(source) {
  const lines = source.split("\n");
  const end = lines.findIndex((line) => line !== "" && !line.startsWith("//"));
  const comments = lines.slice(0, end === -1 ? lines.length : end);
  const last = comments.findLastIndex((line) => /copyright|licen[cs]e|software|liab/i.test(line));
  return last === -1 ? "" : `${comments.slice(0, last + 1).filter((line) => !/deno-lint|ts-nocheck/.test(line)).join("\n")}\n`;
}

function digest(bytes) {
  return createHash("sha256").update(bytes).digest("hex");
}

await main();
