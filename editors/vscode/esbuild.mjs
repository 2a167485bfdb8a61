// The extension as one file; VS Code itself is there when it runs. What needs no VS Code is built for the tests, too.
import { build } from "esbuild";
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import path from "node:path";

const options = {
  bundle: true,
  platform: "node",
  target: "node20",
  external: ["vscode"],
  conditions: ["node"],
  legalComments: "none",
  metafile: true,
};

const { metafile } = await build({
  ...options,
  entryPoints: ["src/extension.ts"],
  outfile: "dist/extension.js",
  format: "cjs",
  minify: true,
});
writeFileSync("dist/THIRD-PARTY.txt", licences(Object.keys(metafile.inputs)));
await build({
  ...options,
  entryPoints: ["src/finding.ts", "src/verbs.ts"],
  outdir: "out",
  format: "esm",
  outExtension: { ".js": ".mjs" },
});

/** The licences of the packages that files are from: their terms ask that they go along. */
function licences(files) {
  const packages = new Set(files.map((file) => /^node_modules\/(@[^/]+\/[^/]+|[^/]+)\//.exec(file)?.[1]).filter(Boolean));
  const texts = [...packages].sort().map((name) => {
    const folder = path.join("node_modules", name);
    const file = readdirSync(folder).find((each) => /^licen[cs]e/i.test(each));
    if (file === undefined) throw new Error(`${name} has no licence`);
    return `${name}\n\n${readFileSync(path.join(folder, file), "utf8").trim()}\n`;
  });
  return texts.join(`\n${"-".repeat(80)}\n\n`);
}
