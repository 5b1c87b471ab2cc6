/** A query as a form: groups of conditions that are drawn, and the tree that the server reads and writes. */

/** A tree of the query language, as `POST /query/parse` gives it. */
export type Tree =
  | { kind: "and" | "or"; parts: Tree[] }
  | { kind: "not"; part: Tree }
  | { kind: "phrase"; value: string }
  | { kind: "compare"; field: string; op: string; value: Value }
  | { kind: "range"; field: string; low: Value | null; high: Value | null }
  | { kind: "in"; field: string; values: Value[] }
  | { kind: "text"; field: string; mode: string; value: string }
  | { kind: "has"; field: string };
type Value = string | number | boolean;

export interface Field { name: string; type: string; meaning: string; choices: string[]; sortable: boolean; text: string | null; nullable: boolean; absent: boolean; completes?: string | null; person?: boolean }

export interface Condition { field: string; op: string; value: string; high: string }
export interface Group { any: boolean; parts: (Condition | Group)[] }

/** Words anywhere: a condition without a field. */
export const ANYWHERE = "";
const DEEPEST = 3;
const NUMBERS = ["integer", "number", "duration"];

export const isGroup = (part: Condition | Group): part is Group => "parts" in part;

/** What can be asked of a field in the form, the usual first. */
export function operators(field: Field | undefined): string[] {
  if (!field) return ["phrase"];
  const known = field.nullable || field.type === "text" ? ["has", "not has"] : [];
  if (field.type === "boolean") return ["true", "false"];
  if (field.type === "text") return ["contains", "is", "starts", "ends", "wildcard", "not contains", "not is", ...known];
  if (field.type === "date") return ["last", "not last", "on", "after", "before", "range", ...known];
  if (NUMBERS.includes(field.type)) return ["=", "not =", ">", ">=", "<", "<=", "range", ...known];
  return ["=", "not =", "in", "not in", ...known];
}

export const fresh = (field: Field | undefined): Condition => ({ field: field?.name ?? ANYWHERE, op: operators(field)[0] as string, value: "", high: "" });

/** How many values a condition needs. */
export const needs = (op: string): 0 | 1 | 2 => (["has", "not has", "true", "false"].includes(op) ? 0 : op === "range" ? 2 : 1);

/** The form of a tree; null where the form cannot show it. */
export function drawn(tree: Tree): Group | null {
  const group = groupOf(tree, 1);
  if (group) return group;
  const one = conditionOf(tree);
  return one ? { any: false, parts: [one] } : null;
}

function groupOf(tree: Tree, depth: number): Group | null {
  if ((tree.kind !== "and" && tree.kind !== "or") || depth > DEEPEST) return null;
  const parts: (Condition | Group)[] = [];
  for (const part of tree.parts) {
    const one = conditionOf(part) ?? groupOf(part, depth + 1);
    if (!one) return null;
    parts.push(one);
  }
  return { any: tree.kind === "or", parts };
}

function conditionOf(tree: Tree, negated = false): Condition | null {
  const not = negated ? "not " : "";
  const one = (field: string, op: string, value = "", high = ""): Condition | null => (NEGATABLE.has(op) || !negated ? { field, op: not + op, value, high } : null);
  switch (tree.kind) {
    case "not": return negated ? null : conditionOf(tree.part, true);
    case "phrase": return one(ANYWHERE, "phrase", tree.value);
    case "text": return one(tree.field, tree.mode, tree.value);
    case "has": return one(tree.field, "has");
    case "in": return one(tree.field, "in", tree.values.map(String).join(", "));
    case "range": {
      const days = typeof tree.low === "string" && tree.high === null ? /^-(\d+)d$/.exec(tree.low) : null;
      if (days) return one(tree.field, "last", days[1]);
      return one(tree.field, "range", said(tree.low), said(tree.high));
    }
    case "compare": {
      if (typeof tree.value === "boolean") return { field: tree.field, op: String(tree.value !== negated), value: "", high: "" };
      return one(tree.field, tree.op, String(tree.value));
    }
    default: return null;
  }
}

const NEGATABLE = new Set(["contains", "is", "=", "has", "in", "last"]);
const said = (value: Value | null): string => (value === null ? "" : String(value));

/** The tree of a form; conditions that are not filled in yet are left out. */
export function written(group: Group, fields: ReadonlyMap<string, Field>): Tree {
  const parts = group.parts.map((part) => (isGroup(part) ? written(part, fields) : treeOf(part, fields.get(part.field)))).filter((part): part is Tree => part !== null && !isEmpty(part));
  return { kind: group.any ? "or" : "and", parts };
}

const isEmpty = (tree: Tree): boolean => (tree.kind === "and" || tree.kind === "or") && tree.parts.length === 0;

function treeOf(one: Condition, field: Field | undefined): Tree | null {
  const negated = one.op.startsWith("not ");
  const op = negated ? one.op.slice(4) : one.op;
  const value = one.value.trim();
  if (needs(op) === 1 && !value) return null;
  if (op === "range" && !value && !one.high.trim()) return null;
  const tree = bare(one, op, value, field);
  return tree && negated ? { kind: "not", part: tree } : tree;
}

function bare(one: Condition, op: string, value: string, field: Field | undefined): Tree | null {
  if (op === "phrase") return { kind: "phrase", value };
  const name = one.field;
  switch (op) {
    case "has": return { kind: "has", field: name };
    case "true": case "false": return { kind: "compare", field: name, op: "=", value: op === "true" };
    case "last": return /^\d{1,5}$/.test(value) ? { kind: "range", field: name, low: `-${value}d`, high: null } : null;
    case "in": return { kind: "in", field: name, values: value.split(",").map((part) => part.trim()).filter(Boolean) };
    case "range": return { kind: "range", field: name, low: value || null, high: one.high.trim() || null };
    case "on": return { kind: "compare", field: name, op: "=", value };
    case "after": return { kind: "compare", field: name, op: ">", value };
    case "before": return { kind: "compare", field: name, op: "<", value };
    default: return field?.type === "text" ? { kind: "text", field: name, mode: op, value } : { kind: "compare", field: name, op, value };
  }
}

/** How the operator of a tree is called for a field: dates have words of their own. */
export function opFor(op: string, field: Field | undefined): string {
  if (field?.type !== "date") return op;
  return { "=": "on", ">": "after", "<": "before", "not =": "not on" }[op] ?? op;
}

/** A limit as it is written, in parts: `100`, `90min`, `2gb`, `10%`. */
export function limitParts(limit: string | null): { amount: string; unit: string } {
  const found = /^(\d+)\s*(min|gb|mb|%)?$/i.exec(limit ?? "");
  return found ? { amount: found[1] as string, unit: found[2]?.toLowerCase() ?? "rows" } : { amount: "", unit: "rows" };
}
export const limitText = (amount: string, unit: string): string | null => (/^\d+$/.test(amount.trim()) && Number(amount) > 0 ? amount.trim() + (unit === "rows" ? "" : unit) : null);
