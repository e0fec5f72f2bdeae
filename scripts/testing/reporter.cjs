// The spec reporter of mocha, which also leaves the counts of each file where the runner sums them.
const { writeFileSync } = require("node:fs");
const { reporters, Runner } = require("mocha");

// A layer that is left out is only counted: what did not run must not look as if it had passed.
const Printed = process.env.TFDC_NATS_COUNT_ONLY ? reporters.Base : reporters.Spec;
const { EVENT_RUN_END, EVENT_TEST_FAIL, EVENT_TEST_PASS, EVENT_TEST_PENDING } = Runner.constants;

module.exports = class CountingReporter extends Printed {
  constructor(runner, options) {
    super(runner, options);
    const files = {};
    const count = (kind) => (runnable) => {
      // What belongs to no file, such as a hook around all of them, is counted under "".
      const file = runnable.file ?? "";
      files[file] ??= { passes: 0, failures: 0, pending: 0 };
      files[file][kind] += 1;
    };
    runner.on(EVENT_TEST_PASS, count("passes"));
    runner.on(EVENT_TEST_FAIL, count("failures"));
    runner.on(EVENT_TEST_PENDING, count("pending"));
    runner.once(EVENT_RUN_END, () => {
      writeFileSync(process.env.TFDC_NATS_COUNTS, JSON.stringify(files));
    });
  }
};
