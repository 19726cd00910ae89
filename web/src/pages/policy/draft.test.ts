import { expect, it } from "vitest";
import type { Policy, PolicyType } from "@/data/policies";
import { blank, draftOf, faultsOf, lines, requestOf, retyped } from "./draft";

const type: PolicyType = {
  id: "some",
  name: "Some",
  description: "Asks something.",
  weight: 20,
  runtime: false,
  parameters: { severities: ["high", "critical"], fixableOnly: true, names: ["a", "b"], days: 3 },
  fields: [
    { name: "severities", kind: "severities", description: "Which", least: 1, most: 500 },
    { name: "fixableOnly", kind: "flag", description: "Whether", least: 0, most: 0 },
    { name: "names", kind: "texts", description: "What", least: 1, most: 3, longest: 8, example: "a" },
    { name: "days", kind: "days", description: "How long", least: 0, most: 3650 },
  ],
};
const other: PolicyType = { ...type, id: "other", weight: 0, parameters: {}, fields: [] };

it("a form begins with the defaults of its type, and asks for them", () => {
  const draft = blank(type);
  expect(draft.parameters).toEqual({ severities: ["critical", "high"], fixableOnly: true, names: "a\nb", days: "3" });
  expect(requestOf({ ...draft, name: " Ours ", repositories: "shop/*\n\n shop/* \nteam/web" }, type)).toEqual({
    type: "some",
    name: "Ours",
    description: "",
    parameters: { severities: ["critical", "high"], fixableOnly: true, names: ["a", "b"], days: 3 },
    repositories: ["shop/*", "team/web"],
    environments: [],
    weight: 20,
    enabled: true,
  });
});

it("another type keeps what is not of the type", () => {
  const draft = retyped({ ...blank(type), name: "Ours", repositories: "shop/*" }, other);
  expect(draft).toMatchObject({ type: "other", name: "Ours", repositories: "shop/*", parameters: {}, weight: "0" });
});

it("the form of a policy asks for the same policy", () => {
  const policy: Policy = { name: "Ours", description: "d", type: "some", parameters: { severities: ["low"], fixableOnly: false, names: ["x"], days: 0 }, repositories: ["a/*"], environments: ["production"], weight: 0, enabled: false, created: "", changed: "" };
  expect({ ...requestOf(draftOf(policy, type), type), created: "", changed: "" }).toEqual(policy);
});

it.each([
  ["no name", { name: " " }, "name", { fault: "missing" }],
  ["a name with a slash", { name: "a/b" }, "name", { fault: "name" }],
  ["a name too long", { name: "a".repeat(129) }, "name", { fault: "name" }],
  ["a weight too high", { weight: "1001" }, "weight", { fault: "range", least: 0, most: 1000 }],
  ["no weight", { weight: "" }, "weight", { fault: "range", least: 0, most: 1000 }],
  ["no severity", { parameters: { ...blank(type).parameters, severities: [] } }, "parameters.severities", { fault: "few", count: 1 }],
  ["no line", { parameters: { ...blank(type).parameters, names: " \n" } }, "parameters.names", { fault: "few", count: 1 }],
  ["many lines", { parameters: { ...blank(type).parameters, names: "a\nb\nc\nd" } }, "parameters.names", { fault: "many", count: 3 }],
  ["a line of too many bytes", { parameters: { ...blank(type).parameters, names: "许可证" } }, "parameters.names", { fault: "long", count: 8 }],
  ["half a day", { parameters: { ...blank(type).parameters, days: "0.5" } }, "parameters.days", { fault: "range", least: 0, most: 3650 }],
  ["days too many", { parameters: { ...blank(type).parameters, days: "3651" } }, "parameters.days", { fault: "range", least: 0, most: 3650 }],
])("%s is a fault of its field alone", (_, change, field, fault) => {
  expect([...faultsOf({ ...blank(type), name: "Ours", ...change }, type)]).toEqual([[field, fault]]);
});

it("at the limits nothing is wrong", () => {
  expect(faultsOf({ ...blank(type), name: "a".repeat(128), weight: "1000", parameters: { ...blank(type).parameters, names: "aaaaaaaa\nb\nc", days: "3650" } }, type).size).toBe(0);
});

it("lines are told apart, each once", () => {
  expect(lines(" a \n\nb\na")).toEqual(["a", "b"]);
});

const written: PolicyType = {
  ...other,
  id: "rego",
  parameters: { source: "", config: {} },
  fields: [
    { name: "source", kind: "source", description: "The text", least: 0, most: 0, longest: 40 },
    { name: "config", kind: "object", description: "An object", least: 0, most: 0, longest: 20 },
  ],
};

it("a policy in Rego is asked for as it is typed, with an object", () => {
  const draft = { ...blank(written), name: "Ours", parameters: { source: "package crowsnest\n\npass := true\n", config: ' {"a": [1]} ' } };
  expect(blank(written).parameters).toEqual({ source: "", config: "" });
  expect(faultsOf(draft, written).size).toBe(0);
  expect(requestOf(draft, written).parameters).toEqual({ source: "package crowsnest\n\npass := true\n", config: { a: [1] } });
  expect(requestOf({ ...draft, parameters: { ...draft.parameters, config: "" } }, written).parameters).toMatchObject({ config: {} });
  expect(draftOf({ name: "Ours", description: "", type: "rego", parameters: { source: "x", config: { a: 1 } }, repositories: [], environments: [], weight: 0, enabled: true, created: "", changed: "" }, written).parameters).toEqual({ source: "x", config: '{\n  "a": 1\n}' });
});

it.each([
  ["no text", { source: " \n" }, "parameters.source", { fault: "missing" }],
  ["a text of too many bytes", { source: "许".repeat(14) }, "parameters.source", { fault: "bytes", count: 40 }],
  ["a list for an object", { config: "[]" }, "parameters.config", { fault: "object" }],
  ["half an object", { config: "{" }, "parameters.config", { fault: "object" }],
  ["an object of too many bytes", { config: `{"a": "${"a".repeat(20)}"}` }, "parameters.config", { fault: "bytes", count: 20 }],
])("of a policy in Rego %s is a fault of its field alone", (_, change, field, fault) => {
  expect([...faultsOf({ ...blank(written), name: "Ours", parameters: { source: "x", config: "{}", ...change } }, written)]).toEqual([[field, fault]]);
});
