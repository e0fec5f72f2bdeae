import { strict as assert } from "node:assert";
import { readdirSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";

const ROOT = resolve(__dirname, "../../..");
const read = (path: string) => readFileSync(join(ROOT, path), "utf8");

describe("the README", () => {
  it("and the pages of its stacks list every key of the stack configuration, and no other", () => {
    const keys = [
      ...read("stack-config.ts").matchAll(
        /config\.get(?:Number|Boolean|Object<[^(]*>)?\("(\w+)"\)/g,
      ),
    ];
    const pages = ["README.md", "docs/kubernetes.md", "docs/monitoring.md"].map(read).join("\n");
    const listed = [...pages.matchAll(/^\| `tfdc-nats:(\w+)`\s+\|/gm)];
    assert.deepEqual(
      [...new Set(listed.map(([, key]) => key))].sort(),
      [...new Set(keys.map(([, key]) => key))].sort(),
    );
  });

  it("names npm scripts that exist", () => {
    const { scripts } = JSON.parse(read("package.json")) as { scripts: Record<string, string> };
    for (const [, name] of read("README.md").matchAll(
      /npm (?:run )?(start|stop|test|local|edit|check)/g,
    )) {
      assert.ok(scripts[name ?? ""] !== undefined, name);
    }
  });

  it("and the other pages link to pages that exist", () => {
    const pages = readdirSync(join(ROOT, "docs"), { recursive: true, encoding: "utf8" })
      .filter((name) => name.endsWith(".md"))
      .map((name) => join("docs", name));
    for (const page of ["README.md", "CHANGELOG.md", ...pages]) {
      for (const [, target = ""] of read(page).matchAll(/\]\((?!https?:|#)([^)#]+)/g)) {
        assert.doesNotThrow(
          () => readdirOrFile(join(ROOT, page, "..", target)),
          `${page}: ${target}`,
        );
      }
    }
  });

  it("and the program stay small", () => {
    assert.ok(read("index.ts").split("\n").length < 80);
    assert.ok(read("README.md").split("\n").length < 150);
  });
});

function readdirOrFile(path: string): void {
  try {
    readdirSync(path);
  } catch {
    readFileSync(path);
  }
}
