import { longestName, mostWeight, nameForm, type Policy, type PolicyRequest, type PolicyType } from "@/data/policies";
import { severities } from "@/data/severity";
import { daysIn, objectIn, parametersOf, severitiesIn, sourceIn, textsIn } from "./rule";

/** What is typed into the form of a policy: lists are a line for each, numbers what the field holds. */
export interface Draft {
  type: string;
  name: string;
  description: string;
  parameters: Record<string, string | boolean | readonly string[]>;
  repositories: string;
  environments: readonly string[];
  weight: string;
  enabled: boolean;
}

/** What is wrong with a field, before the server is asked. */
export type Fault =
  | { fault: "name" | "missing" | "object" }
  | { fault: "few" | "many" | "long" | "bytes"; count: number }
  | { fault: "range"; least: number; most: number };

/** The lines of a field, each once; blank ones are passed over. */
export function lines(text: string): string[] {
  return [...new Set(text.split("\n").map((line) => line.trim()))].filter((line) => line !== "");
}

function typed(type: PolicyType, from: { parameters?: unknown }): Draft["parameters"] {
  const given = parametersOf(from);
  return Object.fromEntries(
    type.fields.map(({ name, kind }): [string, string | boolean | readonly string[]] => {
      switch (kind) {
        case "severities":
          return [name, severitiesIn(given, name)];
        case "flag":
          return [name, given[name] === true];
        case "days":
          return [name, String(daysIn(given, name))];
        case "texts":
          return [name, textsIn(given, name).join("\n")];
        case "source":
          return [name, sourceIn(given, name)];
        case "object":
          return [name, objectIn(given, name)];
      }
    }),
  );
}

/** The form of a policy that is to be made, with the defaults of its type. */
export function blank(type: PolicyType): Draft {
  return { type: type.id, name: "", description: "", parameters: typed(type, type), repositories: "", environments: [], weight: String(type.weight), enabled: true };
}

/** What stays of a form when another type is chosen: all but what only the type knows. */
export function retyped(draft: Draft, type: PolicyType): Draft {
  return { ...draft, type: type.id, parameters: typed(type, type), weight: String(type.weight) };
}

/** The form of a policy that there is. */
export function draftOf(policy: Policy, type: PolicyType): Draft {
  const { name, description, environments, enabled } = policy;
  return { type: type.id, name, description, parameters: typed(type, policy), repositories: policy.repositories.join("\n"), environments, weight: String(policy.weight), enabled };
}

/** What a text of JSON says, if it is an object. */
function objectOf(text: unknown): Record<string, unknown> | undefined {
  if (typeof text !== "string" || text.trim() === "") {
    return {};
  }
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === "object" && value !== null && !Array.isArray(value) ? (value as Record<string, unknown>) : undefined;
  } catch {
    return undefined;
  }
}

const isWhole = (text: string, least: number, most: number) => /^\d+$/.test(text.trim()) && Number(text) >= least && Number(text) <= most;

/** What is wrong with a form, by the field's name in the API. */
export function faultsOf(draft: Draft, type: PolicyType): Map<string, Fault> {
  const faults = new Map<string, Fault>();
  const name = draft.name.trim();
  if (name === "") {
    faults.set("name", { fault: "missing" });
  } else if (!nameForm.test(name) || name.length > longestName) {
    faults.set("name", { fault: "name" });
  }
  if (!isWhole(draft.weight, 0, mostWeight)) {
    faults.set("weight", { fault: "range", least: 0, most: mostWeight });
  }
  const bytes = new TextEncoder();
  for (const field of type.fields) {
    const value = draft.parameters[field.name];
    const place = `parameters.${field.name}`;
    if (field.kind === "days") {
      if (typeof value !== "string" || !isWhole(value, field.least, field.most)) {
        faults.set(place, { fault: "range", least: field.least, most: field.most });
      }
    } else if (field.kind === "source" || field.kind === "object") {
      const text = typeof value === "string" ? value : "";
      if (field.kind === "source" && text.trim() === "") {
        faults.set(place, { fault: "missing" });
      } else if (field.kind === "object" && objectOf(text) === undefined) {
        faults.set(place, { fault: "object" });
      } else if (field.longest !== undefined && bytes.encode(text).length > field.longest) {
        faults.set(place, { fault: "bytes", count: field.longest });
      }
    } else if (field.kind !== "flag") {
      const list = typeof value === "string" ? lines(value) : Array.isArray(value) ? (value as readonly string[]) : [];
      const longest = field.longest ?? 0;
      if (list.length < field.least) {
        faults.set(place, { fault: "few", count: field.least });
      } else if (list.length > field.most) {
        faults.set(place, { fault: "many", count: field.most });
      } else if (longest > 0 && list.some((one) => bytes.encode(one).length > longest)) {
        faults.set(place, { fault: "long", count: longest });
      }
    }
  }
  return faults;
}

/** What is asked of the server for a form without faults. */
export function requestOf(draft: Draft, type: PolicyType): PolicyRequest {
  return {
    type: draft.type,
    name: draft.name.trim(),
    description: draft.description.trim(),
    parameters: Object.fromEntries(
      type.fields.map(({ name, kind }) => {
        const value = draft.parameters[name];
        switch (kind) {
          case "severities":
            return [name, severities.filter((s) => Array.isArray(value) && value.includes(s))];
          case "flag":
            return [name, value === true];
          case "days":
            return [name, Number(value)];
          case "texts":
            return [name, lines(String(value))];
          case "source":
            return [name, String(value)];
          case "object":
            return [name, objectOf(value) ?? {}];
        }
      }),
    ),
    repositories: lines(draft.repositories),
    environments: [...draft.environments],
    weight: Number(draft.weight),
    enabled: draft.enabled,
  };
}
