// ActionLang for VS Code: starts the language server and adds the commands that are the editor's.
import * as path from "node:path";
import * as vscode from "vscode";
import { showPicture } from "./picture";
import { Server } from "./server";
import { namedAt, type Named } from "./verbs";

/** The server's own command, which its client registers; the lens above a test calls it. */
const RUN_TEST = "actionlang.runTest";

export async function activate(context: vscode.ExtensionContext): Promise<void> {
  const server = new Server();
  const commands: Record<string, (...given: unknown[]) => unknown> = {
    "actionlang.restartServer": () => server.restart(),
    "actionlang.showOutput": () => server.output.show(),
    "actionlang.runTestHere": () => runTestHere(server),
    "actionlang.showPicture": (verb) => pictureHere(server, verb),
  };
  context.subscriptions.push(
    server,
    ...Object.entries(commands).map(([name, command]) => vscode.commands.registerCommand(name, command)),
    vscode.workspace.onDidGrantWorkspaceTrust(() => server.restart()),
    vscode.workspace.onDidChangeConfiguration((change) => {
      if (change.affectsConfiguration("actionlang.path")) void server.restart();
    }),
  );
  await server.restart();
}

async function runTestHere(server: Server): Promise<void> {
  const editor = vscode.window.activeTextEditor;
  const named = here(editor);
  if (editor === undefined || named?.kind !== "test") {
    void vscode.window.showInformationMessage('The cursor is not in a test, test "..." < ... >.');
    return;
  }
  if (server.runs(RUN_TEST)) await vscode.commands.executeCommand(RUN_TEST, editor.document.uri.toString(), named.name);
  else await runInTerminal(server, editor.document, named.name);
}

/** Run one test in a terminal, as it is on the disk: what is left to do where the server does not run. */
async function runInTerminal(server: Server, document: vscode.TextDocument, title: string): Promise<void> {
  const command = await server.command();
  if (command === undefined) return;
  await document.save();
  const script = document.uri;
  const folder = vscode.workspace.getWorkspaceFolder(script)?.uri.fsPath ?? path.dirname(script.fsPath);
  const task = new vscode.Task(
    { type: "process" },
    vscode.TaskScope.Workspace,
    title,
    "ActionLang",
    new vscode.ProcessExecution(command, ["test", script.fsPath, "-k", title, "-v"], { cwd: folder }),
  );
  task.presentationOptions = { reveal: vscode.TaskRevealKind.Always, panel: vscode.TaskPanelKind.Shared, clear: true };
  await vscode.tasks.executeTask(task);
}

async function pictureHere(server: Server, given: unknown): Promise<void> {
  const editor = vscode.window.activeTextEditor;
  const named = here(editor);
  const verb = typeof given === "string" ? given : named?.kind === "verb" ? named.name : undefined;
  if (editor === undefined || verb === undefined) {
    void vscode.window.showInformationMessage("The cursor is not in a verb, action ... < ... >.");
    return;
  }
  const command = await server.command();
  if (command === undefined) return;
  await editor.document.save();
  try {
    await showPicture(command, verb, editor.document.uri);
  } catch (error) {
    const told = (error as { stderr?: string }).stderr?.trim() || String(error);
    server.output.error(told);
    const chosen = await vscode.window.showErrorMessage(`${verb} could not be drawn: ${told.split("\n")[0]}`, "Show Output");
    if (chosen !== undefined) server.output.show();
  }
}

function here(editor: vscode.TextEditor | undefined): Named | undefined {
  if (editor?.document.languageId !== "actionlang") return undefined;
  return namedAt(editor.document.getText().split(/\r?\n/), editor.selection.active.line);
}
