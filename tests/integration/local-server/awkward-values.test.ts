import { strict as assert } from "node:assert";
import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import {
  passwordProblems,
  renderCredentials,
  renderNatsConf,
} from "../../../components/nats-server/nats-conf";
import type { NatsServerOptions, Passwords } from "../../../components/nats-server/server-options";
import { cachedServerProgram } from "../../../components/provider/local-server/server-process";
import { FIRST_OF_THREE, filesIn, RELOADABLE, RESTART_ONLY } from "../../support/server-options";
import { DeclaredServers } from "./declared-servers";

const ROUTES = ["127.0.0.1:16222", "127.0.0.1:16223", "127.0.0.1:16224"];

/** Each of these ends a careless configuration, or means something else in it. */
const AWKWARD: readonly string[] = [
  "0",
  "007",
  "1e9",
  "12GB",
  "true",
  "nil",
  "2026-01-01T00:00:00Z",
  " ",
  "#",
  "//",
  "$",
  "$HOME",
  "$".concat("{HOME}"),
  "$2b",
  '"',
  "'",
  "\\",
  "\\x41",
  '\\"',
  "\n",
  "a\r\nb\tc",
  "}\naccounts: {}",
  '", permissions: { publish: ">" }, x: "',
  "include 'other.conf'",
  "(",
  "a:b@c/d?e=f&g#h%20%zz",
  "\u0001\u001b\u007f",
  "päßwörd 密码 🔑",
  "\u2028\ufeff",
  "x".repeat(200),
];

const password = fc
  .oneof(
    fc.constantFrom(...AWKWARD),
    fc.string({ unit: "binary", minLength: 1, maxLength: 200 }),
    fc.string({ unit: fc.constantFrom(...`"'\\$#{}[]()\n\r\t;:=,%@ x4`), minLength: 1 }),
    fc.integer({ min: 0 }).map(String),
  )
  .filter((text) => passwordProblems(each(text)).length === 0);

function each(text: string): Passwords {
  return { client: text, provisioner: text, system: text, cluster: text };
}

function options(folder: string): NatsServerOptions {
  return {
    ...FIRST_OF_THREE,
    restartOnly: { ...RESTART_ONLY, syncInterval: "always" },
    reloadable: RELOADABLE,
    files: filesIn(folder),
  };
}

describe("the configuration of a server", function () {
  this.timeout(120_000);
  let folder: string;

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "tfdc-conf-"));
  });

  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  /** What the server's own check of a configuration says. */
  function judge(version: string, declared: NatsServerOptions, credentials: string): string {
    const conf = join(folder, "nats.conf");
    writeFileSync(join(folder, "credentials.conf"), credentials);
    writeFileSync(conf, renderNatsConf(declared));
    const run = spawnSync(cachedServerProgram(version), ["-t", "-c", conf], { encoding: "utf8" });
    return (run.stdout + run.stderr).replaceAll(conf, "nats.conf").trim();
  }

  for (const version of ["2.10.22", "2.10.29", "2.12.15"]) {
    it(`is accepted by nats-server ${version}, in a cluster and alone`, () => {
      const valid = /^nats-server: configuration file nats\.conf is valid/;
      assert.match(judge(version, options(folder), renderCredentials(each("x"), ROUTES)), valid);
      const alone = { ...options(folder), size: 1 };
      assert.match(judge(version, alone, renderCredentials(each("x"), [])), valid);
    });
  }

  it("is accepted with any password that is not refused", () => {
    const passwords = fc.record({
      client: password,
      provisioner: password,
      system: password,
      cluster: password,
    });
    fc.assert(
      fc.property(passwords, (some) => {
        const words = judge("2.10.29", options(folder), renderCredentials(some, ROUTES));
        assert.match(words, /^nats-server: configuration file nats\.conf is valid/);
      }),
      { numRuns: 150, examples: AWKWARD.map((text) => [each(text)]) },
    );
  });

  it("is accepted in a folder of any name", () => {
    for (const name of ["it's", 'a "b" c', "back\\slash", "$HOME # {x}", "új mappa"]) {
      folder = join(folder, name);
      mkdirSync(folder, { recursive: true });
      const words = judge("2.10.29", options(folder), renderCredentials(each("x"), ROUTES));
      assert.match(words, /is valid/, name);
    }
    folder = folder.slice(0, folder.indexOf("/it's"));
  });

  it("is refused by the server where a text stands as it is, which the quotes are for", () => {
    const text = renderCredentials(each("x"), ROUTES).replaceAll('"x"', "$NOBODY_HAS_SET_THIS");
    assert.match(judge("2.10.29", options(folder), text), /variable reference.*can not be found/);
  });
});

describe("a login", function () {
  this.timeout(120_000);
  let servers: DeclaredServers;

  before(async () => {
    servers = await DeclaredServers.make(1);
    await servers.up(0);
  });

  after(() => servers.remove());

  it("works with every awkward password after a reload, and only with that one", async () => {
    for (const [index, text] of AWKWARD.entries()) {
      await servers.up(0, { passwords: { client: text } });
      const client = await servers.client({ password: text });
      await client.close();
      const another = AWKWARD[index + 1] ?? "another";
      await assert.rejects(servers.client({ password: another }), /Authorization Violation/);
    }
  });

  it("is needed: nobody is let in without one", async () => {
    const anonymous = servers.client({ user: "", password: "" });
    await assert.rejects(anonymous, /Authorization Violation/);
  });
});
