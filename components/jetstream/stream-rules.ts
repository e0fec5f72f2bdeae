import type { Canonical } from "./kinds";
import { serverName, streamNameProblems } from "./names";
import { type Problem, problem, show } from "./problems";
import { NO_WINDOW, type StreamSettings } from "./stream-fields";
import { collide, isSubject, isSubset, overlaps } from "./subjects";
import { parseDuration, parseSize, UNLIMITED } from "./units";

const MAX_DESCRIPTION = 4 * 1024;
const MAX_METADATA = 128 * 1024;
/** The server keeps it in 32 bits. */
const MAX_MESSAGE = 2n ** 31n - 1n;
const SHORTEST = 100_000_000n;

/** Subjects of the server's own APIs, and the part of each that streams may capture. */
const RESERVED: readonly (readonly [string, string])[] = [
  ["$JS.>", "$JS.EVENT.>"],
  ["$JSC.>", ""],
  ["$NRG.>", ""],
  ["$SYS.>", "$SYS.ACCOUNT.>"],
];

/**
 * The rules between the fields of one stream, as the server's `checkStreamCfg` has them.
 *
 * @param settings - the stream with every default filled in
 * @param given - what the user wrote, so that a default is never blamed
 */
export function streamRuleProblems(settings: StreamSettings, given: StreamSettings): Problem[] {
  return [
    ...nameProblems(settings),
    ...durationProblems(settings, given),
    ...messageSizeProblems(settings),
    ...switchProblems(settings),
    ...mirrorProblems(settings, given),
    ...subjectProblems(settings, given),
    ...laterProblems(settings, given),
  ];
}

function nameProblems({ name, description, metadata }: StreamSettings): Problem[] {
  const problems = streamNameProblems("name", typeof name === "string" ? name : "");
  const length = Buffer.byteLength(String(description ?? ""));
  if (length > MAX_DESCRIPTION) {
    const rule = `a description has at most ${MAX_DESCRIPTION} bytes, this one has ${length}`;
    problems.push(problem("description", description, rule, "shorten it"));
  }
  const bytes = Object.entries(metadata ?? {}).reduce(
    (sum, [key, value]) => sum + Buffer.byteLength(key) + Buffer.byteLength(String(value)),
    0,
  );
  if (bytes > MAX_METADATA) {
    const rule = `metadata has at most ${MAX_METADATA} bytes, this has ${bytes}`;
    problems.push(problem("metadata", metadata, rule, "keep less in it"));
  }
  return problems;
}

function durationProblems({ mirror, sources }: StreamSettings, given: StreamSettings): Problem[] {
  const problems: Problem[] = [];
  const { maxAge, duplicateWindow } = given;
  const [age, window] = [nanos(maxAge), nanos(duplicateWindow)];
  if (age !== undefined && age < SHORTEST) {
    problems.push(problem("maxAge", maxAge, "the shortest age is 100ms", 'use "100ms" or more'));
  }
  if (window !== undefined && window < SHORTEST) {
    problems.push(
      problem("duplicateWindow", duplicateWindow, "the shortest window is 100ms", 'use "100ms"'),
    );
  }
  if (age !== undefined && window !== undefined && window > age) {
    const rule = `a duplicate window cannot be longer than maxAge, which is ${show(maxAge)}`;
    const remedy = `use ${show(maxAge)} or less`;
    problems.push(problem("duplicateWindow", duplicateWindow, rule, remedy));
  }
  if (duplicateWindow === NO_WINDOW && mirror === undefined && sources === undefined) {
    const rule = "only a mirror, or a stream with sources, tracks no duplicates";
    problems.push(problem("duplicateWindow", duplicateWindow, rule, 'use "2m" or leave it out'));
  }
  return problems;
}

function messageSizeProblems({ maxMsgSize }: StreamSettings): Problem[] {
  const bytes = parseSize(String(maxMsgSize));
  return bytes !== undefined && bytes > MAX_MESSAGE
    ? [
        problem(
          "maxMsgSize",
          maxMsgSize,
          `the largest is ${MAX_MESSAGE} bytes`,
          `use a smaller one, or "${UNLIMITED}"`,
        ),
      ]
    : [];
}

function switchProblems(settings: StreamSettings): Problem[] {
  const problems: Problem[] = [];
  if (settings.denyPurge === true && settings.allowRollup === true && settings.sealed !== true) {
    problems.push(
      problem("denyPurge", true, "a roll-up purges, and allowRollup is true", "set one of the two"),
    );
  }
  if (settings.discardNewPerSubject === true && settings.discard !== "new") {
    const rule = `it needs discard "new", which is ${show(settings.discard)}`;
    problems.push(problem("discardNewPerSubject", true, rule, 'set discard: "new"'));
  }
  if (settings.discardNewPerSubject === true && settings.maxMsgsPerSubject === UNLIMITED) {
    const rule = "it needs a limit of messages per subject";
    problems.push(problem("discardNewPerSubject", true, rule, "set maxMsgsPerSubject"));
  }
  return problems;
}

function mirrorProblems(settings: StreamSettings, given: StreamSettings): Problem[] {
  const { mirror, sources } = settings;
  const problems = sourceProblems("mirror", mirror);
  for (const source of Array.isArray(sources) ? sources : []) {
    // By name: the canonical order is not the one that the user wrote.
    const { name } = source as Record<string, Canonical>;
    problems.push(...sourceProblems(`sources[${show(name)}]`, source));
  }
  if (mirror === undefined) {
    const rule = "only a mirror answers for an origin";
    return settings.mirrorDirect === true
      ? [...problems, problem("mirrorDirect", true, rule, "remove it, or set mirror")]
      : problems;
  }
  for (const field of ["subjects", "sources"] as const) {
    const value = given[field];
    if (Array.isArray(value) && value.length > 0) {
      problems.push(problem(field, value, `a mirror has no ${field} of its own`, "remove it"));
    }
  }
  if (settings.firstSeq !== 1) {
    const rule = "a mirror takes its sequence from the origin";
    problems.push(problem("firstSeq", settings.firstSeq, rule, "remove it"));
  }
  if (settings.subjectDeleteMarkerTtl !== "none") {
    const rule = "a mirror takes its messages from the origin";
    const value = settings.subjectDeleteMarkerTtl;
    problems.push(problem("subjectDeleteMarkerTtl", value, rule, "remove it"));
  }
  for (const field of [
    "allowMsgCounter",
    "allowAtomicPublish",
    "allowMsgSchedules",
    "allowBatchPublish",
  ] as const) {
    if (settings[field] === true) {
      problems.push(
        problem(field, true, "a mirror takes its messages from the origin", "remove it"),
      );
    }
  }
  return problems;
}

function sourceProblems(path: string, source: Canonical | undefined): Problem[] {
  if (source === undefined || typeof source !== "object" || Array.isArray(source)) {
    return [];
  }
  const origin = source as Record<string, Canonical | undefined>;
  const { name, filterSubject, subjectTransforms } = origin;
  const problems = streamNameProblems(`${path}.name`, String(name ?? ""));
  if (filterSubject !== undefined && subjectTransforms !== undefined) {
    const rule = "it excludes subjectTransforms, whose sources are filters already";
    problems.push(problem(`${path}.filterSubject`, filterSubject, rule, "remove one of the two"));
  }
  return [...problems, ...originConsumerProblems(path, origin)];
}

/** A consumer of the origin has its own beginning and filter, and is found by its name. */
function originConsumerProblems(
  path: string,
  origin: Readonly<Record<string, Canonical | undefined>>,
): Problem[] {
  if (origin.consumer === undefined) {
    return [];
  }
  const { name, deliverSubject } = origin.consumer as Readonly<Record<string, Canonical>>;
  const [consumer, subject] = [String(name ?? ""), String(deliverSubject ?? "")];
  const problems: Problem[] = [];
  if (consumer === "" || serverName(consumer) !== consumer) {
    const rule = "a consumer's name has no '.', '*', '>', '/', '\\' and no white space";
    problems.push(problem(`${path}.consumer.name`, consumer, rule, "name the origin's consumer"));
  }
  if (!isSubject(subject) || /(^|\.)[*>](\.|$)/.test(subject)) {
    const rule = "messages are delivered on one subject, without wildcards";
    const remedy = 'use the consumer\'s own, such as "deliver.orders"';
    problems.push(problem(`${path}.consumer.deliverSubject`, subject, rule, remedy));
  }
  for (const field of ["startSequence", "startTime", "filterSubject"] as const) {
    if (origin[field] !== undefined) {
      const rule = "the origin's consumer decides it";
      problems.push(problem(`${path}.${field}`, origin[field], rule, "remove it, or consumer"));
    }
  }
  return problems;
}

function subjectProblems(settings: StreamSettings, given: StreamSettings): Problem[] {
  const subjects = Array.isArray(settings.subjects) ? (settings.subjects as string[]) : [];
  const written = given.subjects === undefined ? [] : subjects;
  const problems = written
    .filter((subject) => !isSubject(subject))
    .map((subject) => {
      const rule = "a subject is tokens joined by dots, with '>' only as the last one";
      return problem("subjects", subject, rule, 'use the form "metrics.>"');
    });
  for (const [one, other] of overlaps(written)) {
    const rule = `it overlaps with ${show(other)} of the same stream`;
    problems.push(problem("subjects", one, rule, "remove one of the two"));
  }
  for (const subject of written) {
    problems.push(...captureProblems(subject, settings));
  }
  const destination = (settings.republish as Record<string, Canonical> | undefined)?.destination;
  const cycle = subjects.find((subject) => collide(String(destination ?? ""), subject));
  if (destination !== undefined && cycle !== undefined) {
    const rule = `the stream would store it again, through its subject ${show(cycle)}`;
    problems.push(problem("republish.destination", destination, rule, "republish elsewhere"));
  }
  return problems;
}

function captureProblems(subject: string, settings: StreamSettings): Problem[] {
  if (subject === ">") {
    return settings.noAck === true && settings.replicas === 1
      ? []
      : [
          problem(
            "subjects",
            subject,
            "a stream of all subjects would answer its own requests",
            "set noAck: true and replicas: 1, or name the subjects",
          ),
        ];
  }
  const reserved = RESERVED.find(
    ([all, allowed]) => collide(subject, all) && !(allowed !== "" && isSubset(subject, allowed)),
  );
  return reserved === undefined || settings.noAck === true
    ? []
    : [
        problem(
          "subjects",
          subject,
          `it captures the server's own ${show(reserved[0])}`,
          "set noAck: true, or name other subjects",
        ),
      ];
}

/** Rules of the fields that later servers brought. */
function laterProblems(settings: StreamSettings, given: StreamSettings): Problem[] {
  const problems: Problem[] = [];
  const refuse = (field: string, broken: boolean, rule: string, remedy: string): void => {
    if (broken) {
      problems.push(problem(field, settings[field], rule, remedy));
    }
  };
  const marker = nanos(settings.subjectDeleteMarkerTtl);
  refuse(
    "subjectDeleteMarkerTtl",
    marker !== undefined && marker < 1_000_000_000n,
    "the shortest is 1s",
    'use "1s" or more',
  );
  if (settings.allowMsgCounter === true) {
    const counter = "a stream of counters";
    refuse("discard", settings.discard === "new", `${counter} discards old`, 'use "old"');
    // A marker switches it on: then the marker is what has to go.
    const ttl = given.allowMsgTtl === true ? "allowMsgTtl" : "subjectDeleteMarkerTtl";
    refuse(ttl, settings.allowMsgTtl === true, `${counter} has none`, "remove it");
    refuse(
      "allowMsgSchedules",
      settings.allowMsgSchedules === true,
      `${counter} has none`,
      "remove it",
    );
    refuse(
      "retention",
      settings.retention !== "limits",
      `${counter} keeps to limits`,
      'use "limits"',
    );
  }
  if (settings.allowMsgSchedules === true) {
    refuse(
      "discard",
      settings.discard === "new",
      "a stream of schedules discards old",
      'use "old"',
    );
    refuse(
      "sources",
      settings.sources !== undefined,
      "a stream of schedules has none",
      "remove it",
    );
  }
  if (settings.persistMode === "async") {
    const async = "it needs storage on file, one replica and no atomic publish";
    const fits =
      settings.storage === "file" &&
      settings.replicas === 1 &&
      settings.allowAtomicPublish === false;
    refuse("persistMode", !fits, async, 'use "default"');
  }
  return problems;
}

function nanos(value: Canonical | undefined): bigint | undefined {
  return typeof value === "string" ? parseDuration(value) : undefined;
}
