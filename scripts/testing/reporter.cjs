// The spec reporter of mocha, which also leaves the counts of a layer where the runner sums them.
const { appendFileSync } = require("node:fs");
const { reporters, Runner } = require("mocha");

// A layer that is left out is only counted: what did not run must not look as if it had passed.
const Printed = process.env.TFDC_NATS_COUNT_ONLY ? reporters.Base : reporters.Spec;

module.exports = class CountingReporter extends Printed {
  constructor(runner, options) {
    super(runner, options);
    runner.once(Runner.constants.EVENT_RUN_END, () => {
      const { passes, failures, pending } = this.stats;
      appendFileSync(
        process.env.TFDC_NATS_COUNTS,
        `${JSON.stringify({ passes, failures, pending })}\n`,
      );
    });
  }
};
