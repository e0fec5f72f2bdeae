/**
 * Stands in for `pulumi-resource-command` 1.2.1 where the real plugin cannot be had. It serves
 * `command:local:Command` alone, without assets and archives, as the real one does it: `create`
 * runs on creation and, where there is no `update`, on every changed input; changed `triggers`
 * replace the resource, the new one created before the old one's `delete` runs.
 */
import { spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { type Kind, type Log, type Operation, type Provider, serve } from "./provider-server";
import { asSecret, hasSecret, type Properties, plain, UNKNOWN } from "./values";

const INPUTS = [
  "addPreviousOutputInEnv",
  "create",
  "delete",
  "dir",
  "environment",
  "interpreter",
  "logging",
  "stdin",
  "triggers",
  "update",
];

interface Command {
  readonly addPreviousOutputInEnv?: boolean;
  readonly create?: string;
  readonly delete?: string;
  readonly dir?: string;
  readonly environment?: Readonly<Record<string, string>>;
  readonly interpreter?: readonly string[];
  readonly logging?: "none" | "stdout" | "stderr" | "stdoutAndStderr";
  readonly stdin?: string;
  readonly update?: string;
  readonly stdout?: string;
  readonly stderr?: string;
}

interface Outputs {
  readonly stdout: string;
  readonly stderr: string;
}

class CommandProvider implements Provider {
  readonly version = "1.2.1";
  private readonly running = new Set<() => void>();

  constructor(private readonly log: Log) {}

  async check({ news, urn }: Operation) {
    const problems = Object.keys(news)
      .filter((property) => !INPUTS.includes(property))
      .map((property) => ({ property, reason: "the stand-in of pulumi-command does not know it" }));
    if (!urn.includes("command:local:Command::")) {
      problems.push({ property: "", reason: "the stand-in serves command:local:Command alone" });
    }
    return { inputs: news, problems };
  }

  async diff({ olds, news }: Operation) {
    const [before, after] = [plain(olds), plain(news)];
    const properties = new Map<string, Kind>();
    for (const name of INPUTS) {
      const [old, now] = [before[name], after[name]];
      if (JSON.stringify(old) !== JSON.stringify(now)) {
        const kind = old === undefined ? "ADD" : now === undefined ? "DELETE" : "UPDATE";
        properties.set(name, name === "triggers" ? `${kind}_REPLACE` : kind);
      }
    }
    return { properties };
  }

  async create({ urn, news, isPreview }: Operation) {
    const name = urn.split("::").at(-1) ?? "command";
    const outputs = await this.run(urn, "create", plain(news), {}, isPreview);
    return {
      id: `${name}${randomBytes(4).toString("hex")}`,
      properties: withOutputs(news, outputs),
    };
  }

  async read({ olds, oldInputs }: Operation) {
    return { properties: olds, inputs: oldInputs };
  }

  async update({ urn, olds, news, isPreview }: Operation) {
    const command = plain<Command>(news);
    const which = command.update === undefined ? "create" : "update";
    return withOutputs(news, await this.run(urn, which, command, plain(olds), isPreview));
  }

  async delete({ urn, olds }: Operation) {
    await this.run(urn, "delete", plain(olds), plain(olds), false);
  }

  cancel(): void {
    for (const end of this.running) {
      end();
    }
  }

  private async run(
    urn: string,
    which: "create" | "update" | "delete",
    command: Command,
    previous: Partial<Outputs>,
    isPreview: boolean,
  ): Promise<Outputs> {
    if (isPreview) {
      return { stdout: UNKNOWN, stderr: UNKNOWN };
    }
    const text = command[which];
    if (text === undefined) {
      return { stdout: previous.stdout ?? "", stderr: previous.stderr ?? "" };
    }
    return this.spawn(urn, text, command, previous);
  }

  private spawn(
    urn: string,
    text: string,
    command: Command,
    previous: Partial<Outputs>,
  ): Promise<Outputs> {
    const { interpreter = [], dir, stdin, environment } = command;
    const [program = "/bin/sh", ...words] =
      interpreter.length > 0 ? interpreter : ["/bin/sh", "-c"];
    const child = spawn(program, [...words, text], {
      cwd: dir,
      env: {
        ...process.env,
        ...environment,
        ...(command.addPreviousOutputInEnv === false ? {} : previousOutputs(previous)),
      },
    });
    const end = () => child.kill("SIGKILL");
    this.running.add(end);
    child.stdin.on("error", () => undefined);
    child.stdin.end(stdin ?? "");
    const outputs = { stdout: "", stderr: "" };
    let all = "";
    for (const name of ["stdout", "stderr"] as const) {
      const isLogged = ["stdoutAndStderr", name].includes(command.logging ?? "stdoutAndStderr");
      child[name].setEncoding("utf8").on("data", (chunk: string) => {
        outputs[name] += chunk;
        all += chunk;
        for (const line of isLogged ? chunk.split("\n").filter(Boolean) : []) {
          this.log(urn, "INFO", line);
        }
      });
    }
    return new Promise<Outputs>((resolve, reject) => {
      child.once("error", (error) => reject(new Error(`${error.message}: running "${text}"`)));
      child.once("close", (code, signal) => {
        if (code === 0) {
          const cut = (output: string) => output.replace(/\n$/, "");
          resolve({ stdout: cut(outputs.stdout), stderr: cut(outputs.stderr) });
        } else {
          const how = code === null ? `signal: ${signal}` : `exit status ${code}`;
          reject(new Error(`${how}: running "${text}":\n${all}`));
        }
      });
    }).finally(() => this.running.delete(end));
  }
}

function previousOutputs({ stdout, stderr }: Partial<Outputs>): NodeJS.ProcessEnv {
  return {
    ...(stdout ? { PULUMI_COMMAND_STDOUT: stdout } : {}),
    ...(stderr ? { PULUMI_COMMAND_STDERR: stderr } : {}),
  };
}

/** What a command prints may repeat any of its inputs: one secret makes it secret. */
function withOutputs(inputs: Properties, { stdout, stderr }: Outputs): Properties {
  const mark = hasSecret(inputs) ? asSecret : (value: unknown) => value;
  return { ...inputs, stdout: mark(stdout), stderr: mark(stderr) };
}

serve((log) => new CommandProvider(log));
