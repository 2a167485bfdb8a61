// The picture of a verb, drawn by `actionlang graph`, beside the script.
import { execFile } from "node:child_process";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import * as path from "node:path";
import { promisify } from "node:util";
import * as vscode from "vscode";

const run = promisify(execFile);
const SECONDS = 60;
const panels = new Map<string, vscode.WebviewPanel>();

/** Draw a verb and show it; a panel that shows it already is drawn anew. */
export async function showPicture(command: string, verb: string, script: vscode.Uri): Promise<void> {
  const svg = await vscode.window.withProgress(
    { location: vscode.ProgressLocation.Window, title: `Drawing ${verb}` },
    () => draw(command, verb, script),
  );
  const panel = panels.get(verb) ?? newPanel(verb);
  panel.webview.html = page(verb, svg);
  panel.reveal(undefined, true);
}

async function draw(command: string, verb: string, script: vscode.Uri): Promise<string> {
  const folder = await mkdtemp(path.join(tmpdir(), "actionlang-"));
  const file = path.join(folder, "picture.svg");
  const home = vscode.workspace.getWorkspaceFolder(script)?.uri.fsPath ?? path.dirname(script.fsPath);
  try {
    await run(command, ["graph", verb, "-o", file], { cwd: home, timeout: SECONDS * 1000, env: { ...process.env, NO_COLOR: "1" } });
    return await readFile(file, "utf8");
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

function newPanel(verb: string): vscode.WebviewPanel {
  const options = { viewColumn: vscode.ViewColumn.Beside, preserveFocus: true };
  const panel = vscode.window.createWebviewPanel("actionlang.picture", verb, options, { enableScripts: false, localResourceRoots: [] });
  panels.set(verb, panel);
  panel.onDidDispose(() => panels.delete(verb));
  return panel;
}

/** The picture as an image: nothing in it can run or load, and its links stay in it. */
function page(verb: string, svg: string): string {
  const data = Buffer.from(svg, "utf8").toString("base64");
  const title = verb.replace(/[^\w .-]/g, "");
  return `<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; img-src data:; style-src 'unsafe-inline'">
<title>${title}</title>
<style>body { background: #fff; margin: 1em; } img { max-width: 100%; }</style>
</head>
<body><img alt="The steps of ${title}" src="data:image/svg+xml;base64,${data}"></body>
</html>`;
}
