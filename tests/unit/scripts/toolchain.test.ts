import { strict as assert } from "node:assert";
import { createHash } from "node:crypto";
import { once } from "node:events";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { fetchVerified } from "../../../scripts/toolchain/download";
import { prometheusFits, pulumiFits, serverFits } from "../../../scripts/toolchain/versions";
import { firstThatWorks } from "../../../scripts/toolchain/ways";

describe("serverFits", () => {
  it("takes the same series with the wanted patch or a newer one", () => {
    assert.equal(serverFits("2.10.29", "2.10.29"), true);
    assert.equal(serverFits("2.10.30", "2.10.29"), true);
  });

  it("refuses an older patch and another series", () => {
    assert.equal(serverFits("2.10.22", "2.10.29"), false);
    assert.equal(serverFits("2.12.15", "2.10.29"), false);
  });
});

describe("pulumiFits", () => {
  it("takes the same major from the pinned version on", () => {
    assert.equal(pulumiFits("3.250.0"), true);
    assert.equal(pulumiFits("3.300.1"), true);
  });

  it("refuses an older one and another major", () => {
    assert.equal(pulumiFits("3.249.9"), false);
    assert.equal(pulumiFits("4.0.0"), false);
  });
});

describe("prometheusFits", () => {
  it("takes the same major from ours on", () => {
    assert.equal(prometheusFits("2.42.0"), true);
    assert.equal(prometheusFits("2.53.1"), true);
  });

  it("refuses an older one and another major", () => {
    assert.equal(prometheusFits("2.41.0"), false);
    assert.equal(prometheusFits("3.0.0"), false);
  });
});

describe("firstThatWorks", () => {
  const tried: string[] = [];
  const way = (title: string, error?: string) => ({
    title,
    attempt: async () => {
      tried.push(title);
      if (error !== undefined) {
        throw new Error(error);
      }
    },
  });

  beforeEach(() => {
    tried.length = 0;
  });

  it("stops at the first way that works", async () => {
    await firstThatWorks("x", [way("a", "no"), way("b"), way("c")], "");
    assert.deepEqual(tried, ["a", "b"]);
  });

  it("tells in one error what was tried, why each failed, and what else can be done", async () => {
    await assert.rejects(
      firstThatWorks(
        "nats-server 2.10.29",
        [way("a", "blocked"), way("b", "no Go")],
        "Put it there.",
      ),
      {
        name: "UserError",
        message:
          "nats-server 2.10.29 is not on this machine and could not be had. Tried: a (blocked); b (no Go). Put it there.",
      },
    );
  });
});

describe("fetchVerified", () => {
  const archive = Buffer.from("the archive");
  const right = createHash("sha256").update(archive).digest("hex");
  let server: Server;
  let base: string;
  let sums = "";

  before(async () => {
    server = createServer((request, response) => {
      const files: Record<string, Buffer> = { "/a.tar.gz": archive, "/SUMS": Buffer.from(sums) };
      const file = files[request.url ?? ""];
      response.writeHead(file === undefined ? 404 : 200).end(file);
    });
    await once(server.listen(0, "127.0.0.1"), "listening");
    base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  });

  after(() => server.close());

  it("returns a file whose checksum is right", async () => {
    sums = `${"0".repeat(64)}  b.tar.gz\n${right}  a.tar.gz\n`;
    assert.deepEqual(await fetchVerified(base, "a.tar.gz", "SUMS"), archive);
  });

  it("refuses a file whose checksum is another", async () => {
    sums = `${"0".repeat(64)}  a.tar.gz\n`;
    await assert.rejects(fetchVerified(base, "a.tar.gz", "SUMS"), {
      message: `a.tar.gz has the checksum ${right}, and SUMS says ${"0".repeat(64)}`,
    });
  });

  it("refuses a file that the release does not name", async () => {
    sums = `${right}  b.tar.gz\n`;
    await assert.rejects(fetchVerified(base, "a.tar.gz", "SUMS"), {
      message: "SUMS of the release does not name a.tar.gz",
    });
  });

  it("refuses within seconds what is not there", async () => {
    await assert.rejects(fetchVerified(base, "c.tar.gz", "SUMS"), {
      message: `${base}/c.tar.gz answers 404`,
    });
  });
});
