// Where the command is looked for, on every system, without looking at this one.
import assert from "node:assert/strict";
import test from "node:test";
import { findActionlang } from "../out/finding.mjs";

const around = (files, more = {}) => ({
  setting: "",
  folders: ["/home/ann/desk", "/home/ann/shop"],
  environment: { PATH: "/usr/bin:/opt/bin" },
  platform: "linux",
  isFile: (file) => files.includes(file),
  ...more,
});

const ON_PATH = "/opt/bin/actionlang";
const IN_VENV = "/home/ann/desk/.venv/bin/actionlang";
const IN_SECOND = "/home/ann/shop/venv/bin/actionlang";

test("the setting comes before all others", () => {
  const found = findActionlang(around(["/srv/al", IN_VENV, ON_PATH], { setting: "/srv/al" }));
  assert.deepEqual(found, { command: "/srv/al", because: "the setting actionlang.path" });
});

test("a setting that leads nowhere is told, and nothing else is taken instead", () => {
  const found = findActionlang(around([IN_VENV, ON_PATH], { setting: "/srv/none" }));
  assert.deepEqual(found, { command: undefined, looked: ["the setting actionlang.path: /srv/none"] });
});

test("a setting may name the workspace's folder, or a command of the PATH", () => {
  const inside = findActionlang(around(["/home/ann/desk/env/bin/al"], { setting: "${workspaceFolder}/env/bin/al" }));
  assert.equal(inside.command, "/home/ann/desk/env/bin/al");
  assert.equal(findActionlang(around(["/opt/bin/al2"], { setting: "al2" })).command, "/opt/bin/al2");
});

test("the environment of a folder of the workspace comes before the PATH", () => {
  assert.equal(findActionlang(around([ON_PATH, IN_SECOND, IN_VENV])).command, IN_VENV);
  const second = findActionlang(around([ON_PATH, IN_SECOND]));
  assert.deepEqual(second, { command: IN_SECOND, because: "the workspace's environment, /home/ann/shop/venv" });
});

test("the PATH is last, and without a workspace the only one", () => {
  assert.deepEqual(findActionlang(around([ON_PATH])), { command: ON_PATH, because: "the PATH" });
  assert.equal(findActionlang(around([ON_PATH], { folders: [] })).command, ON_PATH);
});

test("where it is nowhere, the places are named", () => {
  const found = findActionlang(around([], { folders: ["/home/ann/desk"] }));
  assert.deepEqual(found.looked, ["/home/ann/desk/.venv", "/home/ann/desk/venv", "the PATH"]);
  assert.deepEqual(findActionlang(around([], { folders: [], environment: {} })).looked, ["the PATH"]);
});

test("Windows has other folders, endings and separators", () => {
  const windows = { platform: "win32", folders: ["C:\\desk"], environment: { Path: "C:\\Windows;C:\\tools" } };
  const venv = "C:\\desk\\.venv\\Scripts\\actionlang.exe";
  assert.equal(findActionlang(around([venv], windows)).command, venv);
  assert.equal(findActionlang(around(["C:\\tools\\actionlang.cmd"], windows)).command, "C:\\tools\\actionlang.cmd");
});
