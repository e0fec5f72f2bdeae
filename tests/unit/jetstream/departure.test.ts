import { strict as assert } from "node:assert";
import {
  departureMoves,
  departureProblems,
  type HeldAsset,
  heldBy,
  isComplete,
  nextMoves,
  sizeRule,
} from "../../../components/jetstream/departure";

const GIB = 1n << 30n;

function replicas(...servers: string[]) {
  return servers.map((name) => ({
    server: name.replace("!", ""),
    isCurrent: !name.endsWith("!"),
  }));
}

/** A stream on these servers; a name with `!` is not current. */
function asset(stream: string, servers: string[], more: Partial<HeldAsset> = {}): HeldAsset {
  return {
    account: "TFDC",
    stream,
    replicas: servers.length,
    storage: "file",
    bytes: GIB,
    held: replicas(...servers),
    isMoving: false,
    consumers: [],
    ...more,
  };
}

const ROOMS = ["a-0", "a-1", "a-2"].map((server) => ({ server, file: 10n * GIB, memory: GIB }));
const SIZES = { from: 5, to: 3 };

function reasons(assets: readonly HeldAsset[], rooms = ROOMS): string[] {
  return departureProblems(SIZES, assets, rooms).map(({ reason }) => reason);
}

describe("sizeRule", () => {
  it("lets a cluster grow, and go from five to three", () => {
    assert.deepEqual(
      [sizeRule(3, 5), sizeRule(5, 3), sizeRule(3, 3), sizeRule(1, 1)],
      [undefined, undefined, undefined, undefined],
    );
  });

  it("lets no server alone join others, nor stay alone of several", () => {
    assert.equal(
      sizeRule(1, 3),
      "a server that was alone deletes its streams when it joins a cluster",
    );
    assert.equal(
      sizeRule(3, 1),
      "a server that stays alone is no cluster any more and does not find its streams again",
    );
  });
});

describe("departureProblems", () => {
  it("has nothing against streams that have a place on those that stay", () => {
    assert.deepEqual(reasons([asset("A", ["a-0", "a-3", "a-4"]), asset("B", ["a-4"])]), []);
  });

  it("refuses streams with more replicas than servers would stay, by name", () => {
    const all = ["a-0", "a-1", "a-2", "a-3", "a-4"];
    assert.deepEqual(reasons([asset("A", all), asset("B", all), asset("C", ["a-0"])]), [
      "'replicas' goes from 5 to 3: streams have more replicas than servers would stay: A (account TFDC) has 5, B (account TFDC) has 5; lower their replicas to 3 in an update of its own, and then the servers",
    ]);
  });

  it("refuses what does not fit, for each kind of storage", () => {
    const big = { bytes: 6n * GIB };
    assert.deepEqual(
      reasons([
        asset("A", ["a-0", "a-3", "a-4"], big),
        asset("B", ["a-1", "a-3", "a-4"], big),
        asset("C", ["a-1", "a-3", "a-4"], { storage: "memory", bytes: 2n * GIB }),
      ]),
      [
        "'replicas' goes from 5 to 3: what the streams have reserved in file (36GiB, replicas counted) does not fit those that stay (30GiB); raise max_file_store, or lower maxBytes of streams first",
        "'replicas' goes from 5 to 3: what the streams have reserved in memory (6GiB, replicas counted) does not fit those that stay (3GiB); raise max_memory_store, or lower maxBytes of streams first",
      ],
    );
  });
});

describe("departureMoves", () => {
  it("names what moves, off which servers, and how much it is", () => {
    assert.deepEqual(
      departureMoves(
        [asset("B", ["a-4"]), asset("A", ["a-4", "a-0", "a-3"]), asset("C", ["a-0", "a-1", "a-2"])],
        ["a-3", "a-4"],
      ),
      [
        "A (account TFDC): 2 of 3 off a-3 and a-4, 1GiB",
        "B (account TFDC): its only replica off a-4, 1GiB",
      ],
    );
  });
});

describe("departureMoves of many streams", () => {
  it("is fifty lines, and how many more there are", () => {
    const many = Array.from({ length: 60 }, (_, index) => asset(`S${index}`, ["a-4"]));
    const moves = departureMoves(many, ["a-4"]);
    assert.equal(moves.length, 51);
    assert.equal(moves.at(-1), "and 10 more streams");
  });
});

describe("nextMoves", () => {
  const names = (assets: readonly HeldAsset[]) =>
    nextMoves(assets, "a-4").map(({ stream }) => stream);

  it("takes streams whose other replicas are current, and one that is alone if it is", () => {
    const assets = [
      asset("A", ["a-0", "a-1", "a-4"]),
      asset("B", ["a-0", "a-1!", "a-4"]),
      asset("C", ["a-4"]),
      asset("D", ["a-4!"]),
      asset("E", ["a-0", "a-1", "a-2"]),
    ];
    assert.deepEqual(names(assets), ["A", "C"]);
  });

  it("takes a replica off a server that is away, while the others are current", () => {
    assert.deepEqual(names([asset("A", ["a-0", "a-1", "a-4!"])]), ["A"]);
  });

  it("lets alone what moves already, and moves four at once", () => {
    const moving = asset("M", ["a-0", "a-1", "a-4", "a-2!"], {
      replicas: 3,
      isMoving: true,
    });
    const waiting = ["A", "B", "C", "D"].map((name) => asset(name, ["a-0", "a-1", "a-4"]));
    assert.deepEqual(names([moving, ...waiting]), ["A", "B", "C"]);
  });

  it("lets alone what has said that it moves, and has not begun", () => {
    const bound = asset("M", ["a-0", "a-1", "a-4"], { isMoving: true });
    const waiting = ["A", "B", "C", "D"].map((name) => asset(name, ["a-0", "a-1", "a-4"]));
    assert.deepEqual(names([bound, ...waiting]), ["A", "B", "C"]);
  });

  it("waits for consumers that are behind on other servers", () => {
    const consumers = [replicas("a-0", "a-1!", "a-4")];
    assert.deepEqual(names([asset("A", ["a-0", "a-1", "a-4"], { consumers })]), []);
  });
});

describe("heldBy", () => {
  it("counts consumers that are left behind", () => {
    const left = asset("A", ["a-0", "a-1", "a-2"], { consumers: [replicas("a-4")] });
    assert.deepEqual(heldBy([left, asset("B", ["a-0"])], "a-4"), [left]);
  });
});

describe("isComplete", () => {
  it("is a stream with all its replicas, each of which is current, consumers included", () => {
    assert.ok(isComplete(asset("A", ["a-0", "a-1", "a-2"])));
    assert.ok(!isComplete(asset("A", ["a-0", "a-1", "a-2!"])));
    assert.ok(!isComplete(asset("A", ["a-0", "a-1"], { replicas: 3 })));
    assert.ok(!isComplete(asset("A", ["a-0"], { consumers: [[]] })));
    assert.ok(!isComplete(asset("A", ["a-0", "a-1", "a-2"], { isMoving: true })));
  });
});
