import { strict as assert } from "node:assert";
import { errors } from "nats";
import {
  API_ERRORS,
  ApiError,
  isApiError,
  isTransient,
  Unreachable,
  untilDone,
  wordsOf,
} from "../../../components/provider/faults";
import { UserError } from "../../../components/user-error";

const answer = (code: number, description = "no") => new ApiError(code, description, "$JS.API.X");

describe("Unreachable", () => {
  const error = new Unreachable("nats-blue (127.0.0.1:4222)", "connection refused", "start it");

  it("says where, why and what to do, in one sentence and without a stack", () => {
    const message = "cannot reach nats-blue (127.0.0.1:4222): connection refused; start it";
    assert.equal(error.message, message);
    assert.equal(error.stack, message);
    assert.equal(error.reason, "connection refused");
    assert.ok(error instanceof UserError);
  });

  it("tells the whole story once", () => {
    const again = error.again();
    const message =
      "cannot reach nats-blue (127.0.0.1:4222) either: the reason is given once, with another resource";
    assert.equal(again.message, message);
    assert.equal(again.stack, message);
    assert.equal(again.reason, "connection refused");
    assert.equal(again.cause, error);
  });

  it("keeps what caused it", () => {
    const cause = new Error("ECONNREFUSED");
    assert.equal(new Unreachable("a", "b", "c", { cause }).cause, cause);
  });
});

describe("ApiError", () => {
  it("has the server's words and number", () => {
    assert.equal(answer(10059, "stream not found").message, "stream not found (10059)");
  });

  it("is known by its number", () => {
    assert.equal(isApiError(answer(10059), API_ERRORS.streamNotFound), true);
    assert.equal(isApiError(answer(10058), API_ERRORS.streamNotFound), false);
    assert.equal(isApiError(new Error("10059"), API_ERRORS.streamNotFound), false);
    assert.equal(isApiError(undefined, API_ERRORS.streamNotFound), false);
  });
});

describe("isTransient", () => {
  for (const code of [
    10004, 10007, 10008, 10009, 10023, 10035, 10041, 10064, 10076, 10118, 10124, 10226,
  ]) {
    it(`tries again after ${code}`, () => assert.equal(isTransient(answer(code)), true));
  }

  for (const code of [10025, 10047, 10052, 10058, 10059, 10065, 10074]) {
    it(`takes ${code} for the last word`, () => assert.equal(isTransient(answer(code)), false));
  }

  it("tries again where peers are missing for now, not where none will ever do", () => {
    const placed = (rest: string) => answer(10005, `no suitable peers for placement${rest}`);
    for (const rest of ["", ", peer offline", ", miscellaneous issue"]) {
      assert.equal(isTransient(placed(rest)), true, rest);
    }
    assert.equal(isTransient(placed(", jetstream not enabled in cluster")), true);
    for (const rest of [", insufficient storage", ", tags not matched ['ssd']"]) {
      assert.equal(isTransient(placed(rest)), false, rest);
    }
  });

  it("tries again where a store could not be made yet, not where a create failed otherwise", () => {
    const made = (words: string) => isTransient(answer(API_ERRORS.streamCreate, words));
    assert.equal(made("error creating store for stream: mkdir: no such file"), true);
    assert.equal(made("no space left on device"), false);
  });

  it("tries again where nobody answered", () => {
    for (const error of [
      new errors.TimeoutError(),
      new errors.NoRespondersError("$JS.API.INFO"),
      new errors.ConnectionError("gone"),
      new errors.ClosedConnectionError(),
      new errors.DrainingConnectionError(),
      new errors.RequestError("failed", { cause: new errors.NoRespondersError("a") }),
    ]) {
      assert.equal(isTransient(error), true, error.name);
    }
  });

  it("takes a refused permission for the last word", () => {
    const cause = new errors.PermissionViolationError("no", "publish", "$JS.API.INFO");
    assert.equal(isTransient(new errors.RequestError("failed", { cause })), false);
  });

  it("takes any other error for the last word", () => {
    assert.equal(isTransient(new Error("a bug")), false);
    assert.equal(isTransient("a text"), false);
    assert.equal(isTransient(undefined), false);
  });
});

describe("wordsOf", () => {
  it("says in few words that nobody answered", () => {
    const cause = new errors.NoRespondersError("a");
    assert.equal(wordsOf(cause), "nobody answers");
    assert.equal(wordsOf(new errors.RequestError("failed", { cause })), "nobody answers");
    assert.equal(wordsOf(new errors.TimeoutError()), "no answer in time");
  });

  it("prefers the cause, whose words say more", () => {
    assert.equal(wordsOf(new Error("outer", { cause: new Error("inner") })), "inner");
    assert.equal(wordsOf(new Error("outer", { cause: "text" })), "outer");
    assert.equal(wordsOf(new Error("outer")), "outer");
  });

  it("writes what is no error as it is", () => {
    assert.equal(wordsOf("a text"), "a text");
    assert.equal(wordsOf(undefined), "undefined");
  });
});

describe("untilDone", () => {
  const soon = () => Date.now() + 5_000;

  it("returns what the first attempt gives", async () => {
    assert.equal(await untilDone(soon(), async () => 7), 7);
  });

  it("tries again after what passes by itself", async () => {
    let attempts = 0;
    const result = await untilDone(soon(), async () => {
      attempts++;
      if (attempts < 3) {
        throw new errors.TimeoutError();
      }
      return attempts;
    });
    assert.equal(result, 3);
  });

  it("throws the last word as it came, at once", async () => {
    const refusal = answer(10052, "invalid");
    let attempts = 0;
    const attempt = async () => {
      attempts++;
      throw refusal;
    };
    await assert.rejects(untilDone(soon(), attempt), (error) => error === refusal);
    assert.equal(attempts, 1);
  });

  it("throws the last error as it came where no time is left", async () => {
    let attempts = 0;
    const attempt = async () => {
      attempts++;
      throw answer(10008, "JetStream system temporarily unavailable");
    };
    await assert.rejects(untilDone(Date.now(), attempt), {
      message: "JetStream system temporarily unavailable (10008)",
    });
    assert.equal(attempts, 1);
  });
});
