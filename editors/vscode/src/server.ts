// The language server: found, started, restarted; and what people are told when it is not there.
import { statSync } from "node:fs";
import * as vscode from "vscode";
import {
  LanguageClient,
  LSPErrorCodes,
  ResponseError,
  type LanguageClientOptions,
  type MessageSignature,
  type ServerOptions,
} from "vscode-languageclient/node";
import { findActionlang, type Found } from "./finding";

const LANGUAGE = "actionlang";
const HOW_TO = 'pip install "actionlang[lsp]"';

/** A client that says a refusal in the server's own words, once: "desk.act has errors: mend them first, then run the test." */
class Client extends LanguageClient {
  override handleFailedRequest<T>(
    type: MessageSignature,
    token: vscode.CancellationToken | undefined,
    error: unknown,
    otherwise: T,
    tell = true,
    throwOnCancel = false,
  ): T {
    if (tell && error instanceof ResponseError && error.code === LSPErrorCodes.RequestFailed) {
      void vscode.window.showWarningMessage(error.message);
      return otherwise;
    }
    return super.handleFailedRequest(type, token, error, otherwise, tell, throwOnCancel);
  }
}

export class Server implements vscode.Disposable {
  readonly output = vscode.window.createOutputChannel("ActionLang", { log: true });
  private client: Client | undefined;
  private queue: Promise<void> = Promise.resolve();

  /** Start the server, or start it anew. What is asked for meanwhile comes after it. */
  restart(): Promise<void> {
    this.queue = this.queue.then(() => this.startAnew());
    return this.queue;
  }

  /** Whether the server runs a command itself; its client then registers that command. */
  runs(command: string): boolean {
    return this.client?.initializeResult?.capabilities.executeCommandProvider?.commands.includes(command) ?? false;
  }

  /** Where the `actionlang` command is now. */
  find(): Found {
    return findActionlang({
      setting: vscode.workspace.getConfiguration(LANGUAGE).get<string>("path", "").trim(),
      folders: (vscode.workspace.workspaceFolders ?? []).map((folder) => folder.uri.fsPath),
      environment: process.env,
      platform: process.platform,
      isFile: (file) => statSync(file, { throwIfNoEntry: false })?.isFile() ?? false,
    });
  }

  /** Where the command is; where it is not there, people are told, and there is none. */
  async command(): Promise<string | undefined> {
    const found = this.find();
    if (found.command === undefined) await this.tellMissing(found.looked);
    return found.command;
  }

  dispose(): void {
    void this.stop();
    this.output.dispose();
  }

  private async startAnew(): Promise<void> {
    await this.stop();
    if (!vscode.workspace.isTrusted) return;
    const found = this.find();
    if (found.command === undefined) {
      void this.tellMissing(found.looked);
      return;
    }
    this.output.info(`starting ${found.command} lsp, found by ${found.because}`);
    const server: ServerOptions = { command: found.command, args: ["lsp"], options: { env: environment() } };
    const options: LanguageClientOptions = {
      documentSelector: [
        { scheme: "file", language: LANGUAGE },
        { scheme: "untitled", language: LANGUAGE },
      ],
      outputChannel: this.output,
    };
    const client = new Client(LANGUAGE, "ActionLang", server, options);
    try {
      await client.start();
      this.client = client;
    } catch (error) {
      this.output.error(error instanceof Error ? error : String(error));
      void client.dispose().catch(() => undefined);
      void this.tellBroken(found.command);
    }
  }

  private async stop(): Promise<void> {
    const client = this.client;
    this.client = undefined;
    try {
      await client?.dispose();
    } catch (error) {
      this.output.warn(`the server did not stop by itself: ${String(error)}`);
    }
  }

  private async tellMissing(looked: readonly string[]): Promise<void> {
    const message = `ActionLang is not installed here, so scripts are coloured and not checked. Looked at: ${looked.join(", ")}.`;
    const chosen = await vscode.window.showWarningMessage(message, "Install in Terminal", "Name Its Place", "Look Again");
    if (chosen === "Install in Terminal") {
      const terminal = vscode.window.createTerminal("ActionLang");
      terminal.show();
      terminal.sendText(HOW_TO, false); // shown, not run: which environment it goes to is for people to decide
    } else if (chosen === "Name Its Place") {
      await vscode.commands.executeCommand("workbench.action.openSettings", "actionlang.path");
    } else if (chosen === "Look Again") {
      await this.restart();
    }
  }

  private async tellBroken(command: string): Promise<void> {
    const message = `${command} is there, and its language server did not start. It comes with the extra lsp: ${HOW_TO}`;
    const chosen = await vscode.window.showErrorMessage(message, "Show Output", "Start Again");
    if (chosen === "Show Output") this.output.show();
    else if (chosen === "Start Again") await this.restart();
  }
}

function environment(): NodeJS.ProcessEnv {
  return { ...process.env, NO_COLOR: "1", PYTHONUTF8: "1" };
}
