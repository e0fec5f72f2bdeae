import { strict as assert } from "node:assert";
import { readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { type ConsoleBlock, typedBlocks } from "./console-blocks";
import type { LocalClone } from "./local-clone";

const ROOT = resolve(__dirname, "../..");

/** A page whose commands are typed in a clone, block by block, and must print what the page shows. */
export class TypedPage {
  private readonly left: ConsoleBlock[];

  /**
   * @param name - of the page, from the checkout's root
   * @param here - what the page's names are in this clone: folders, ports, days
   */
  constructor(
    private readonly clone: LocalClone,
    private readonly name: string,
    private readonly here: Readonly<Record<string, string>> = {},
  ) {
    this.left = typedBlocks(readFileSync(join(ROOT, name), "utf8"));
  }

  /** Types the next block. */
  next(code = 0): string {
    const { commands, printed } = this.take();
    const output = this.typed(commands, code);
    for (const line of printed) {
      assert.match(output, pattern(this.put(line)), `${this.name} shows: ${line}\n${output}`);
    }
    return output;
  }

  /** Types the next block command by command, and says before each what its page's names are. */
  eachOfNext(codes: readonly number[], here: () => Readonly<Record<string, string>>): string {
    const { commands, printed } = this.take();
    assert.equal(commands.length, codes.length);
    let output = "";
    for (const [index, command] of commands.entries()) {
      const mine = replaced(this.put(command), here());
      output += this.typed([mine], codes[index] ?? 0);
    }
    for (const line of printed) {
      const mine = replaced(this.put(line), here());
      assert.match(output, pattern(mine), `${this.name} shows: ${line}\n${output}`);
    }
    return output;
  }

  /** Leaves the next block out, which is this command alone: something else runs it. */
  skip(command: string): void {
    assert.deepEqual(this.take().commands, [command]);
  }

  /** Every command of the page was typed. */
  end(): void {
    assert.deepEqual(this.left, []);
  }

  private take(): ConsoleBlock {
    const block = this.left.shift();
    assert.ok(block !== undefined, `${this.name} has no more commands`);
    return block;
  }

  private typed(commands: readonly string[], code: number): string {
    const lines = commands.map((command) => this.put(command)).join("\n");
    const run = this.clone.run("bash", "-c", lines);
    assert.equal(run.code, code, `${lines}\n${run.output}`);
    return run.output;
  }

  private put(text: string): string {
    return replaced(text, this.here);
  }
}

function replaced(text: string, names: Readonly<Record<string, string>>): string {
  return Object.entries(names).reduce((all, [from, to]) => all.replaceAll(from, to), text);
}

/** A line as the page has it, whatever its numbers, sizes, times and widths of columns are. */
function pattern(line: string): RegExp {
  const parts = line
    .replace(/[\\^$.*+?()[\]{}|]/g, "\\$&")
    .replaceAll("\\.\\.\\.", ".*")
    .replace(/\d+(?:\\\.\d+)?/g, "\\d+(?:\\.\\d+)?")
    .replace(/ [KMG]?i?B\b/g, " [KMGi]*B")
    .replace(/\s+/g, "\\s+");
  return new RegExp(parts);
}
