import { strict as assert } from "node:assert";
import { dashboard } from "../../../components/monitoring/dashboard/dashboard";
import { METRICS } from "../../../components/monitoring/metric-catalogue";
import { ruleGroups } from "../../../components/monitoring/rule-groups";
import { metricsOf, panelExpressions, ruleExpressions } from "../../support/monitoring/expressions";
import { BOUNDED, colour, RUNBOOKS } from "../../support/monitoring/test-clusters";

const BACKUP = { cronJob: "backup", maxAge: "26h" };
const GROUPS = ruleGroups([colour("blue", { streams: BOUNDED, backup: BACKUP })], RUNBOOKS);
const EXPRESSIONS = [...ruleExpressions(GROUPS), ...panelExpressions(dashboard())];

describe("The metrics that rules and panels use", () => {
  const known = new Set(METRICS.map(({ name }) => name));
  const recorded = new Set(
    GROUPS.flatMap(({ rules }) => rules.flatMap((rule) => ("record" in rule ? rule.record : []))),
  );

  it("are found in an expression, and labels and functions are not", () => {
    assert.deepEqual(
      metricsOf(
        'sum by (color) (rate(a_b{x="y z",q=~"w"}[5m])) / on (s) nats:c:d > bool 3 or absent(e offset 10m)',
      ),
      ["a_b", "nats:c:d", "e"],
    );
  });

  for (const [where, expr] of EXPRESSIONS) {
    it(`are in the catalogue or recorded: ${where}`, () => {
      const names = metricsOf(expr);
      assert.ok(names.length > 0, expr);
      assert.deepEqual(
        names.filter((name) => !known.has(name) && !recorded.has(name)),
        [],
      );
    });
  }

  it("are all that the catalogue has, and all that is recorded for a rule or a panel", () => {
    const used = new Set(EXPRESSIONS.flatMap(([, expr]) => metricsOf(expr)));
    assert.deepEqual(
      [...known].filter((name) => !used.has(name)),
      [],
    );
    const own = [...recorded].filter((name) => name.startsWith("nats:"));
    assert.deepEqual(
      own.filter((name) => !used.has(name)),
      [],
    );
  });

  it("never include those that stick or mean something else than they say", () => {
    const traps = ["nats_varz_jetstream_meta_leader", "nats_varz_routes", "nats_routez_num_routes"];
    for (const [where, expr] of EXPRESSIONS) {
      assert.deepEqual(
        metricsOf(expr).filter((name) => traps.includes(name)),
        [],
        where,
      );
    }
  });

  it("never tell the living from the dead by one that sticks", () => {
    const sticking = METRICS.filter(({ source }) => source.sticks).map(({ name }) => name);
    // Counters end to grow when a server is gone, and adding them up is what the reference asks for.
    const alerts = EXPRESSIONS.filter(([where]) => where.startsWith("alert"));
    for (const [where, expr] of alerts) {
      for (const name of metricsOf(expr).filter((one) => sticking.includes(one))) {
        const guarded = new RegExp(`\\(${name}\\{[^}]*\\} and on \\(nats_cluster, server_id\\)`);
        const counted = new RegExp(`increase\\(${name}\\{`);
        assert.ok(guarded.test(expr) || counted.test(expr), `${where}: ${name}`);
      }
    }
  });
});
