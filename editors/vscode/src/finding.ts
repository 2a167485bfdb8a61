// Where the `actionlang` command is: the setting, the workspace's environment, the PATH, in this order.
import * as path from "node:path";

export interface Surroundings {
  /** What the setting `actionlang.path` says; empty when it says nothing. */
  setting: string;
  /** The folders of the workspace, in order. */
  folders: readonly string[];
  environment: Readonly<Record<string, string | undefined>>;
  platform: NodeJS.Platform;
  isFile(file: string): boolean;
}

export type Found = { command: string; because: string } | { command: undefined; looked: readonly string[] };

const ENVIRONMENTS = [".venv", "venv"];

/** The command, and why it is this one; or the places that were looked at. */
export function findActionlang(around: Surroundings): Found {
  const { setting, folders } = around;
  if (setting !== "") {
    const named = resolved(setting, folders[0]);
    const candidates = named.includes("/") || named.includes("\\") ? withSuffixes(named, around) : onPath(named, around);
    const command = candidates.find((file) => around.isFile(file));
    return command === undefined
      ? { command, looked: [`the setting actionlang.path: ${setting}`] }
      : { command, because: "the setting actionlang.path" };
  }
  const join = (...parts: string[]) => paths(around).join(...parts);
  const scripts = around.platform === "win32" ? "Scripts" : "bin";
  const looked: string[] = [];
  for (const folder of folders) {
    for (const environment of ENVIRONMENTS) {
      const place = join(folder, environment);
      const command = withSuffixes(join(place, scripts, "actionlang"), around).find((file) => around.isFile(file));
      if (command !== undefined) return { command, because: `the workspace's environment, ${place}` };
      looked.push(place);
    }
  }
  const command = onPath("actionlang", around).find((file) => around.isFile(file));
  if (command !== undefined) return { command, because: "the PATH" };
  return { command: undefined, looked: [...looked, "the PATH"] };
}

function resolved(setting: string, folder: string | undefined): string {
  return folder === undefined ? setting : setting.replaceAll("${workspaceFolder}", folder);
}

function onPath(name: string, around: Surroundings): string[] {
  const { delimiter, join } = paths(around);
  const folders = (around.environment["PATH"] ?? around.environment["Path"] ?? "").split(delimiter);
  return folders.filter((folder) => folder !== "").flatMap((folder) => withSuffixes(join(folder, name), around));
}

function withSuffixes(file: string, around: Surroundings): string[] {
  return around.platform === "win32" && paths(around).extname(file) === "" ? [`${file}.exe`, `${file}.cmd`] : [file];
}

function paths(around: Surroundings): path.PlatformPath {
  return around.platform === "win32" ? path.win32 : path.posix;
}
