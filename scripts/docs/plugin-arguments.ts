import { join } from "node:path";
import ts from "typescript";
import { ROOT } from "../local/paths";

/** Where the arguments of the plugin's component are kept. */
export const PLUGIN_ARGUMENTS = join(ROOT, "plugin", "arguments.ts");

const HEAD = `// Written by \`npm run docs\` from the arguments of JetStreamAssets: the same properties in types that
// Pulumi's schema for other languages knows. Words and sizes are strings here; what is wrong with one
// is said at preview.
import type { Input } from "@pulumi/pulumi";
`;

/** What an interface that has no name of its own is called, by the property that holds it. */
const NAMES: Readonly<Record<string, string>> = {
  streams: "StreamArgs",
  buckets: "KeyValueArgs",
  external: "ExternalStreamArgs",
};

/** What \`Input\` adds to a type. */
const LATER: readonly string[] = ["Promise", "OutputInstance"];

/** The text of plugin/arguments.ts. */
export function pluginArguments(): string {
  return new Translation(join(ROOT, "components", "jetstream-assets.ts")).of("JetStreamAssetsArgs");
}

/** Takes an interface, and those that it mentions, down to types without unions. */
class Translation {
  private readonly checker: ts.TypeChecker;
  private readonly source: ts.SourceFile;
  private readonly written = new Map<string, string>();

  constructor(file: string) {
    const options = { strict: true, target: ts.ScriptTarget.ES2022, skipLibCheck: true };
    const program = ts.createProgram([file], {
      ...options,
      module: ts.ModuleKind.Node16,
      moduleResolution: ts.ModuleResolutionKind.Node16,
    });
    const source = program.getSourceFile(file);
    if (source === undefined) {
      throw new Error(`${file} is not there`);
    }
    this.checker = program.getTypeChecker();
    this.source = source;
  }

  of(name: string): string {
    const declaration = this.source.statements.find(
      (one) => ts.isInterfaceDeclaration(one) && one.name.text === name,
    );
    if (declaration === undefined) {
      throw new Error(`${this.source.fileName} has no interface ${name}`);
    }
    this.write("JetStreamArgs", this.checker.getTypeAtLocation(declaration));
    return `${HEAD}\n${[...this.written.values()].join("\n")}`;
  }

  private write(name: string, type: ts.Type): string {
    if (!this.written.has(name)) {
      // Holds the place, so that an interface that mentions itself ends.
      this.written.set(name, "");
      const properties = this.checker.getPropertiesOfType(type).map((one) => this.property(one));
      const about = this.comment(type.getSymbol(), "");
      this.written.set(name, `${about}export interface ${name} {\n${properties.join("")}}\n`);
    }
    return name;
  }

  private property(symbol: ts.Symbol): string {
    const isOptional = (symbol.flags & ts.SymbolFlags.Optional) !== 0;
    const parts = this.partsOf(this.checker.getTypeOfSymbol(symbol));
    const now = parts.filter(isNow);
    const type = this.typeOf(symbol.name, now);
    const said = now.length < parts.length ? `Input<${type}>` : type;
    const mark = isOptional ? "?" : "";
    return `${this.comment(symbol, "  ")}  readonly ${symbol.name}${mark}: ${said};\n`;
  }

  private partsOf(type: ts.Type): readonly ts.Type[] {
    const parts = type.isUnion() ? type.types : [type];
    return parts.filter((part) => (part.flags & ts.TypeFlags.Undefined) === 0);
  }

  /** One type for what may be several: a word where words will do, a number before "unlimited". */
  private typeOf(property: string, parts: readonly ts.Type[]): string {
    const isAny = (flag: ts.TypeFlags) => parts.some((part) => (part.flags & flag) !== 0);
    const isUnlimited = parts.every(
      (part) =>
        (part.flags & ts.TypeFlags.NumberLike) !== 0 ||
        (part.isStringLiteral() && part.value === "unlimited"),
    );
    if (isUnlimited) {
      return "number";
    }
    if (isAny(ts.TypeFlags.StringLike)) {
      return "string";
    }
    if (isAny(ts.TypeFlags.BooleanLike)) {
      return "boolean";
    }
    const [type] = parts;
    if (type === undefined) {
      throw new Error(`'${property}' has no type`);
    }
    return this.objectOf(property, type);
  }

  private objectOf(property: string, type: ts.Type): string {
    const elements = this.checker.getIndexTypeOfType(type, ts.IndexKind.Number);
    if (elements !== undefined && this.checker.isArrayLikeType(type)) {
      return `${this.inner(property, elements)}[]`;
    }
    const values = this.checker.getIndexTypeOfType(type, ts.IndexKind.String);
    if (values !== undefined) {
      return `Record<string, ${this.inner(property, values)}>`;
    }
    const symbol = type.aliasSymbol ?? type.getSymbol();
    const own = symbol === undefined || symbol.name.startsWith("__") ? undefined : symbol.name;
    const name = NAMES[property] ?? own;
    if (name === undefined) {
      throw new Error(`the object in '${property}' has no name in a schema: give it one`);
    }
    return this.write(name, type);
  }

  private inner(property: string, type: ts.Type): string {
    return this.typeOf(property, this.partsOf(type).filter(isNow));
  }

  private comment(symbol: ts.Symbol | undefined, indent: string): string {
    const text = ts.displayPartsToString(symbol?.getDocumentationComment(this.checker));
    const fallback = symbol
      ?.getJsDocTags(this.checker)
      .find(({ name }) => name === "default")?.text;
    const words = [text, ...(fallback ? [`Default: ${ts.displayPartsToString(fallback)}`] : [])];
    const lines = words.flatMap((one) => one.split("\n")).filter((line) => line.trim() !== "");
    return lines.length === 0
      ? ""
      : `${indent}/**\n${lines.map((line) => `${indent} * ${line}\n`).join("")}${indent} */\n`;
  }
}

function isNow(part: ts.Type): boolean {
  return !LATER.includes(part.getSymbol()?.name ?? "");
}
