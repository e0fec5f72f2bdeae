import { strict as assert } from "node:assert";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { dashboard } from "../../../components/monitoring/dashboard/dashboard";
import type { AlertingRule } from "../../../components/monitoring/rule";
import { ruleGroups } from "../../../components/monitoring/rule-groups";
import { BOUNDED, colour, RUNBOOKS } from "../../support/monitoring/test-clusters";

const FOLDER = resolve(__dirname, "../../../docs/runbooks");
const BACKUP = { cronJob: "backup", maxAge: "26h" };
const ALERTS = ruleGroups([colour("blue", { streams: BOUNDED, backup: BACKUP })], RUNBOOKS)
  .flatMap(({ rules }) => rules)
  .filter((rule): rule is AlertingRule => "alert" in rule);
const PAGES = readdirSync(FOLDER).filter((name) => name !== "README.md");

describe("The runbooks", () => {
  it("are one page for each alert, and no other", () => {
    const wanted = ALERTS.map(({ annotations }) =>
      annotations.runbook_url.replace(`${RUNBOOKS}/`, ""),
    );
    assert.deepEqual([...new Set(wanted)].sort(), PAGES.sort());
  });

  for (const page of PAGES) {
    const text = readFileSync(join(FOLDER, page), "utf8");

    it(`say what it means, where to look first and what to do: ${page}`, () => {
      assert.ok(text.startsWith(`# ${page.replace(".md", "")}\n\n`));
      assert.match(text, /\*\*What it means\.\*\* \S/);
      assert.match(text, /## First look\n\n```console\n\$ /);
      assert.match(text, /## What to do\n\n\S/);
    });

    it(`lead nowhere that is not there: ${page}`, () => {
      for (const [, link = ""] of text.matchAll(/\]\(([^)]+)\)/g)) {
        assert.ok(/^https:/.test(link) || existsSync(join(FOLDER, link)), link);
      }
    });

    it(`send to panels that the dashboard has: ${page}`, () => {
      const titles = dashboard().panels.map(({ title }) => title);
      for (const [, title = ""] of text.matchAll(/“([^”]+)”/g)) {
        assert.ok(titles.includes(title), title);
      }
    });
  }
});
