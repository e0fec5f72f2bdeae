import type { RuleCase } from "./rule-cases";

/** A rule that a server does not have: it takes the stream, and what it makes of it helps nobody. */
export interface StricterRule extends RuleCase {
  /** The versions that take it. */
  readonly taken: readonly string[];
  readonly because: string;
}

/** Where the rules refuse what a server takes. */
export const STRICTER_RULES: readonly StricterRule[] = [
  {
    rule: "the window of a stream that copies from none",
    stream: { name: "x", duplicateWindow: "none" },
    property: "duplicateWindow",
    reason:
      '\'duplicateWindow\' is "none": only a mirror, or a stream with sources, tracks no duplicates; use "2m" or leave it out',
    taken: ["2.10.29", "2.12.15", "2.15.3"],
    because: "the server puts its default in the place of none, which would differ for ever",
  },
  {
    rule: "the name of an origin in another domain",
    stream: { name: "x", mirror: { name: "o.p", external: { api: "far.api" } } },
    property: "mirror.name",
    reason:
      "'mirror.name' is \"o.p\": a stream name cannot contain '.', '*', '>', '/', '\\' or white space; use \"o_p\"",
    taken: ["2.10.29", "2.12.15", "2.15.3"],
    because:
      "the server does not look at it, and the mirror would never find a stream of that name",
  },
  {
    rule: "a slash in the name of a mirror's origin",
    stream: { name: "x", mirror: { name: "o/p" } },
    property: "mirror.name",
    reason:
      "'mirror.name' is \"o/p\": a stream name cannot contain '.', '*', '>', '/', '\\' or white space; use \"o_p\"",
    taken: ["2.10.29"],
    because: "a 2.10 does not look at it, and no stream can have that name",
  },
  {
    rule: "a slash in the name of a source",
    stream: { name: "x", sources: [{ name: "o/p" }] },
    property: 'sources["o/p"].name',
    reason:
      "'sources[\"o/p\"].name' is \"o/p\": a stream name cannot contain '.', '*', '>', '/', '\\' or white space; use \"o_p\"",
    taken: ["2.10.29"],
    because: "a 2.10 does not look at it, and no stream can have that name",
  },
  {
    rule: "two filters of a source in another domain",
    stream: {
      name: "x",
      sources: [
        {
          name: "o",
          external: { api: "far.api" },
          filterSubject: "a",
          subjectTransforms: [{ source: "a", destination: "b" }],
        },
      ],
    },
    property: 'sources["o"].filterSubject',
    reason:
      '\'sources["o"].filterSubject\' is "a": it excludes subjectTransforms, whose sources are filters already; remove one of the two',
    taken: ["2.10.29"],
    because: "a 2.10 does not look at them, and a newer one refuses them",
  },
  {
    rule: "markers in a stream of counters",
    stream: { name: "x", allowMsgCounter: true, subjectDeleteMarkerTtl: "1m" },
    property: "subjectDeleteMarkerTtl",
    reason: "'subjectDeleteMarkerTtl' is \"1m\": a stream of counters has none; remove it",
    taken: ["2.12.15", "2.15.3"],
    because:
      "the server looks before it switches allowMsgTtl on, and refuses its own result at the next update",
  },
  {
    rule: "white space beyond ASCII in a name",
    stream: { name: "a\u00a0b" },
    property: "name",
    reason:
      "'name' is \"a\u00a0b\": a stream name cannot contain '.', '*', '>', '/', '\\' or white space; use \"a_b\"",
    taken: ["2.10.29", "2.12.15", "2.15.3"],
    because: "the server refuses that of ASCII only, and nobody could tell the names apart",
  },
  {
    rule: "white space beyond ASCII in a subject",
    stream: { name: "x", subjects: ["a\u00a0b"] },
    property: "subjects",
    reason:
      "'subjects' is \"a\u00a0b\": a subject is tokens joined by dots, with '>' only as the last one; use the form \"metrics.>\"",
    taken: ["2.10.29", "2.12.15", "2.15.3"],
    because: "the server refuses that of ASCII only, and nobody could tell the subjects apart",
  },
];
