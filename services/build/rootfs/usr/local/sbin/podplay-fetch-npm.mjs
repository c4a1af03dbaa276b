#!/usr/bin/env node
// podplay-fetch-npm PACKAGE_JSON FILE: fetches the npm that "packageManager" in PACKAGE_JSON names, "npm@VERSION+sha512.HEX", as a tar file.
// Debian's package of npm brings 370 others, which takes longer than all the rest of building the pages.
import { createHash } from "node:crypto";
import { readFile, writeFile } from "node:fs/promises";

const [from, file] = process.argv.slice(2);
const named = JSON.parse(await readFile(from, "utf8")).packageManager;
const [, version, digest] = /^npm@([\d.]+)\+sha512\.([0-9a-f]{128})$/.exec(named) ?? [];
if (!version) {
  throw new Error(`${from}: packageManager must be npm@VERSION+sha512.HEX, and is ${named}`);
}
const registry = (process.env.npm_config_registry || "https://registry.npmjs.org").replace(/\/$/, "");
const address = `${registry}/npm/-/npm-${version}.tgz`;
const answer = await fetch(address);
if (!answer.ok) {
  throw new Error(`${address} answers ${answer.status}`);
}
const content = Buffer.from(await answer.arrayBuffer());
const got = createHash("sha512").update(content).digest("hex");
if (got !== digest) {
  throw new Error(`${address} is not what package.json names: its SHA-512 is ${got}`);
}
await writeFile(file, content);
