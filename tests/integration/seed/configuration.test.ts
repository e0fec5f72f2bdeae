import { strict as assert } from "node:assert";
import { eventually } from "../../support/eventually";
import { quoted } from "../../support/seed-document";
import {
  ALONE,
  checkConf,
  GIVEN,
  run,
  SEED_CONF,
  SeedServers,
  STARTABLE,
} from "../../support/seed-server";

for (const version of ["2.10.22", "2.10.29"]) {
  describe(`the seed's nats.conf, read by nats-server ${version}`, function () {
    this.timeout(30_000);

    /** The configuration is refused, in the words that the entry quotes. */
    function refused(conf: string, env: Readonly<Record<string, string>>, words: string): void {
      const said = checkConf(version, conf, env);
      assert.ok(said.includes(words), `it says: ${said}`);
    }

    it("has a server name and passwords that nobody gives it", () => {
      const { POD_NAME = "", CLUSTER_PASSWORD = "" } = GIVEN;
      const missing = (name: string, line: number) =>
        quoted(5, `variable reference for '${name}' on line ${line} can not be found`);
      refused(SEED_CONF, {}, missing("POD_NAME", 2));
      refused(SEED_CONF, { POD_NAME }, missing("CLUSTER_PASSWORD", 25));
      refused(SEED_CONF, { POD_NAME, CLUSTER_PASSWORD }, missing("CLIENT_PASSWORD", 61));
    });

    it("reads its system account as a variable", () => {
      const words = quoted(9, "variable reference for 'SYS' on line 75 can not be found");
      refused(SEED_CONF, GIVEN, words);
      assert.equal(checkConf(version, STARTABLE, GIVEN), "", "the rest is valid");
    });

    it("does not start with the system account in quotes", async () => {
      const conf = SEED_CONF.replace("$SYS", '"$SYS"');
      assert.equal(checkConf(version, conf, GIVEN), "", "-t finds nothing");
      const words = quoted(9, "error resolving system account: account missing");
      const servers = await SeedServers.start({ version, conf });
      try {
        const said = await eventually(
          () => servers.output(0),
          (output) => output.includes(words),
        );
        assert.ok(said.includes(words), said);
      } finally {
        await servers.stop();
      }
    });

    it("breaks on a password that looks like a number, a flag or a date", () => {
      for (const [password, kind] of [
        ["12345", "int64"],
        ["5k", "int64"],
        ["1.5", "float64"],
        ["true", "bool"],
        ["2026-01-01T00:00:00Z", "time.Time"],
      ]) {
        const words = `interface conversion: interface {} is ${kind}, not string`;
        refused(STARTABLE, { ...GIVEN, CLIENT_PASSWORD: password ?? "" }, words);
        refused(STARTABLE, { ...GIVEN, CLUSTER_PASSWORD: password ?? "" }, words);
      }
      quoted(5, "interface conversion: interface {} is int64, not string");
      const crash = quoted(5, "runtime error: invalid memory address or nil pointer dereference");
      refused(STARTABLE, { ...GIVEN, CLUSTER_PASSWORD: "12345" }, crash);
    });

    it("breaks on a password with a space or a quote", () => {
      const words = quoted(
        5,
        "variable reference for 'CLIENT_PASSWORD' on line 61 could not be parsed",
      );
      for (const password of ["two words", "it's"]) {
        refused(STARTABLE, { ...GIVEN, CLIENT_PASSWORD: password }, words);
      }
    });

    it("cuts a password short at a space and a #, without a word", async () => {
      const env = { CLIENT_PASSWORD: "short #and the long rest" };
      const servers = await SeedServers.start({ version, conf: ALONE, env });
      try {
        await eventually(
          () => servers.log(0),
          (log) => log.includes("Server is ready"),
        );
        await assert.rejects(servers.client(env.CLIENT_PASSWORD), /Authorization Violation/);
        await (await servers.client("short")).close();
        quoted(5, "`short #and the long rest` lets in whoever says `short`");
      } finally {
        await servers.stop();
      }
    });

    it("is told no lame duck shorter than half a minute", () => {
      const words = quoted(21, "invalid lame_duck_duration of 20s, minimum is 30 seconds");
      refused("lame_duck_duration: 20s", {}, words);
      assert.equal(checkConf(version, "lame_duck_duration: 30s", {}), "");
    });

    it("names no pid file, and without one nobody in the image can find the server", () => {
      assert.doesNotMatch(SEED_CONF, /pid_file/);
      // The image holds one file, the server: there is no pgrep on its PATH.
      const said = run(version, ["--signal", "ldm"], { PATH: "/nowhere" });
      const words = quoted(21, "unable to resolve pid, try providing one");
      assert.ok(said.includes(words), said);
    });
  });
}
