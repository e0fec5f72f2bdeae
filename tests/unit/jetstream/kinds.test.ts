import { strict as assert } from "node:assert";
import {
  choice,
  count,
  duration,
  flag,
  hasUnknown,
  integer,
  type Kind,
  labels,
  size,
  sortKeys,
  text,
  texts,
  time,
  UNKNOWN,
} from "../../../components/jetstream/kinds";

function parsed(kind: Kind, value: unknown): unknown {
  const result = kind.parse("field", value);
  assert.deepEqual(result.problems, []);
  return result.value;
}

function refusal(kind: Kind, value: unknown): string {
  const { value: none, problems } = kind.parse("field", value);
  assert.equal(none, undefined);
  assert.deepEqual(
    problems.map(({ property }) => property),
    ["field"],
  );
  return problems[0]?.reason ?? "";
}

describe("a duration", () => {
  const kind = duration("unlimited", "7d");

  it("is canonical here, and nanoseconds on the wire", () => {
    assert.equal(parsed(kind, "168h"), "7d");
    assert.equal(kind.toWire("7d"), 604_800_000_000_000);
    assert.equal(kind.fromWire(604_800_000_000_000), "7d");
  });

  it("has a word for zero, and for what is absent", () => {
    assert.equal(parsed(kind, "unlimited"), "unlimited");
    assert.equal(parsed(kind, "0s"), "unlimited");
    assert.equal(kind.toWire("unlimited"), 0);
    assert.equal(kind.fromWire(0), "unlimited");
    assert.equal(kind.fromWire(undefined), "unlimited");
  });

  for (const value of ["7", "", 7, true, null, "none", "-1s"]) {
    it(`refuses ${JSON.stringify(value)}`, () => {
      assert.equal(
        refusal(kind, value),
        `'field' is ${JSON.stringify(value)}: it must be a duration of whole nanoseconds, or "unlimited"; use "7d" or "unlimited"`,
      );
    });
  }

  it("refuses nanoseconds that a number on the wire would round", () => {
    assert.match(refusal(kind, "200d1ns"), /^'field' is "200d1ns": it must be a duration/);
    assert.equal(parsed(kind, "106751d"), "106751d");
  });
});

describe("a size", () => {
  const kind = size("50GiB");

  it("is canonical here, and bytes on the wire", () => {
    assert.equal(parsed(kind, "50GB"), "50GiB");
    assert.equal(parsed(kind, 1024), "1KiB");
    assert.equal(kind.toWire("50GiB"), 53_687_091_200);
    assert.equal(kind.fromWire(53_687_091_200), "50GiB");
  });

  it("has a word for no limit, however the server or the user puts it", () => {
    assert.equal(parsed(kind, "unlimited"), "unlimited");
    assert.equal(parsed(kind, -1), "unlimited");
    assert.equal(kind.toWire("unlimited"), -1);
    assert.deepEqual([-1, 0, undefined].map(kind.fromWire), Array(3).fill("unlimited"));
  });

  for (const value of [0, "0GiB", -2, 1.5, "1PB", "", true, null]) {
    it(`refuses ${JSON.stringify(value)}`, () => {
      assert.equal(
        refusal(kind, value),
        `'field' is ${JSON.stringify(value)}: it must be a size of at least one byte, or "unlimited"; use "50GiB" or "unlimited"`,
      );
    });
  }

  it("refuses bytes that a number on the wire would round", () => {
    assert.match(refusal(kind, "9007199254740993B"), /it must be a size/);
  });
});

describe("a count", () => {
  const kind = count(100);

  it("is a number, or unlimited", () => {
    assert.equal(parsed(kind, 7), 7);
    assert.equal(parsed(kind, "unlimited"), "unlimited");
    assert.equal(parsed(kind, -1), "unlimited");
    assert.deepEqual([7, "unlimited"].map(kind.toWire), [7, -1]);
    assert.deepEqual([7, -1, 0, undefined].map(kind.fromWire), [7, ...Array(3).fill("unlimited")]);
  });

  for (const value of [0, -2, 1.5, 2 ** 53, "7", null]) {
    it(`refuses ${JSON.stringify(value)}`, () => {
      assert.equal(
        refusal(kind, value),
        `'field' is ${JSON.stringify(value)}: it must be a whole number from 1, or "unlimited"; use 100 or "unlimited"`,
      );
    });
  }
});

describe("a number within bounds", () => {
  const kind = integer({ min: 1, max: 5, absent: 1 });

  it("is left out on the wire where that means the same", () => {
    assert.deepEqual([1, 5].map(kind.toWire), [undefined, 5]);
    assert.deepEqual([undefined, 0, 1, 5].map(kind.fromWire), [1, 1, 1, 5]);
  });

  for (const [value, instead] of [
    [0, 1],
    [6, 5],
    [1.5, 1],
    ["3", 1],
    [null, 1],
  ]) {
    it(`refuses ${JSON.stringify(value)}, and names the bound that is nearer`, () => {
      assert.equal(
        refusal(kind, value),
        `'field' is ${JSON.stringify(value)}: it must be a whole number from 1 to 5; use ${instead}`,
      );
    });
  }

  it("names no upper bound where there is none", () => {
    const open = integer({ min: 1, max: Number.MAX_SAFE_INTEGER, absent: 0 });
    assert.equal(refusal(open, 0), "'field' is 0: it must be a whole number from 1; use 1");
  });
});

describe("a flag", () => {
  it("is false where nothing is said", () => {
    assert.deepEqual([true, false, undefined].map(flag.fromWire), [true, false, false]);
    assert.deepEqual([true, false].map(flag.toWire), [true, false]);
  });

  for (const value of ["true", 1, 0, null]) {
    it(`refuses ${JSON.stringify(value)}`, () => {
      assert.equal(
        refusal(flag, value),
        `'field' is ${JSON.stringify(value)}: it must be true or false; use true or false`,
      );
    });
  }
});

describe("a choice", () => {
  const kind = choice("old", "new");

  it("is its first word where nothing is said", () => {
    assert.deepEqual([undefined, "", "new"].map(kind.fromWire), ["old", "old", "new"]);
  });

  it("keeps a word of the server that it does not know, so that it shows", () => {
    assert.equal(kind.fromWire("newest"), "newest");
  });

  for (const value of ["Old", "", 1, null]) {
    it(`refuses ${JSON.stringify(value)}`, () => {
      assert.equal(
        refusal(kind, value),
        `'field' is ${JSON.stringify(value)}: it must be one of "old" or "new"; use "old" or "new"`,
      );
    });
  }
});

describe("a text", () => {
  it("is left out on the wire where it is empty", () => {
    assert.deepEqual(["", "a"].map(text.toWire), [undefined, "a"]);
    assert.deepEqual([undefined, "a"].map(text.fromWire), ["", "a"]);
  });

  it("refuses what is no text", () => {
    assert.equal(refusal(text, 7), "'field' is 7: it must be a text; use a text in quotes");
  });
});

describe("a time", () => {
  for (const [written, canonical] of [
    ["2026-01-31T12:00:00Z", "2026-01-31T12:00:00Z"],
    ["2026-01-31T12:00:00.000Z", "2026-01-31T12:00:00Z"],
    ["2026-01-31T12:00:00.120Z", "2026-01-31T12:00:00.12Z"],
    ["2026-01-31T12:00:00.123456789Z", "2026-01-31T12:00:00.123456789Z"],
    ["2026-01-01T01:00:00.5+01:30", "2025-12-31T23:30:00.5Z"],
  ] as const) {
    it(`writes ${written} as ${canonical}`, () => {
      assert.equal(parsed(time, written), canonical);
      assert.equal(time.fromWire(written), canonical);
    });
  }

  it("is absent where nothing is said", () => {
    assert.deepEqual([undefined, null].map(time.fromWire), [undefined, undefined]);
  });

  for (const value of [
    "2026-01-31",
    "2026-01-31 12:00:00Z",
    "2026-01-31T12:00:00",
    "2026-13-01T00:00:00Z",
    "2026-01-31T12:00:00.1234567891Z",
    1_769_860_800,
  ]) {
    it(`refuses ${JSON.stringify(value)}`, () => {
      assert.equal(
        refusal(time, value),
        `'field' is ${JSON.stringify(value)}: it must be a time as RFC 3339 writes it; use "2026-01-31T12:00:00Z"`,
      );
    });
  }
});

describe("a list of texts", () => {
  it("is a set: sorted, and each text once", () => {
    assert.deepEqual(parsed(texts, ["b", "a", "b"]), ["a", "b"]);
    assert.deepEqual(texts.fromWire(["b", "a", "b"]), ["a", "b"]);
    assert.deepEqual(texts.fromWire(undefined), []);
    assert.deepEqual([[], ["a"]].map(texts.toWire), [undefined, ["a"]]);
  });

  for (const value of ["a", ["a", ""], [1], { 0: "a" }, null]) {
    it(`refuses ${JSON.stringify(value)}`, () => {
      assert.equal(
        refusal(texts, value),
        `'field' is ${JSON.stringify(value)}: it must be a list of texts, none empty; use ["first", "second"]`,
      );
    });
  }
});

describe("labels", () => {
  it("are in the order of their keys", () => {
    assert.equal(JSON.stringify(parsed(labels, { b: "2", a: "1" })), '{"a":"1","b":"2"}');
  });

  it("are without what the server made itself", () => {
    assert.deepEqual(labels.fromWire({ team: "tfdc", "_nats.ver": "2.12.15" }), { team: "tfdc" });
    assert.deepEqual(labels.fromWire(undefined), {});
    assert.equal(labels.toWire({}), undefined);
    assert.deepEqual(labels.toWire({ a: "1" }), { a: "1" });
  });

  for (const value of ["a", ["a"], { a: 1 }, { a: null }, null]) {
    it(`refuse ${JSON.stringify(value)}`, () => {
      assert.equal(
        refusal(labels, value),
        `'field' is ${JSON.stringify(value)}: it must be a map of texts; use { team: "tfdc" }`,
      );
    });
  }

  it("refuse every key of the server's own", () => {
    const { problems } = labels.parse("metadata", { "_nats.ver": "1", a: "b", "_nats.level": "0" });
    assert.deepEqual(problems, [
      {
        property: 'metadata["_nats.ver"]',
        reason:
          "'metadata[\"_nats.ver\"]' is \"1\": the prefix '_nats.' is the server's own; choose another key",
      },
      {
        property: 'metadata["_nats.level"]',
        reason:
          "'metadata[\"_nats.level\"]' is \"0\": the prefix '_nats.' is the server's own; choose another key",
      },
    ]);
  });
});

describe("a value that is not known yet", () => {
  it("goes through every kind unread", () => {
    const kinds = [
      ...[duration("none", "1s"), size("1B"), count(1), integer({ min: 1, max: 2, absent: 1 })],
      ...[flag, choice("a", "b"), text, time, texts, labels],
    ];
    for (const kind of kinds) {
      assert.equal(parsed(kind, UNKNOWN), UNKNOWN, kind.title);
    }
  });

  it("is found however deep it lies", () => {
    assert.equal(hasUnknown(UNKNOWN), true);
    assert.equal(hasUnknown({ a: [{ b: UNKNOWN }] }), true);
    assert.equal(hasUnknown({ a: [{ b: "known" }], c: null, d: undefined }), false);
  });
});

describe("sortKeys", () => {
  it("orders by code unit, wherever it runs", () => {
    assert.deepEqual(Object.keys(sortKeys({ b: 1, ä: 2, B: 3, a: 4 })), ["B", "a", "b", "ä"]);
  });
});
