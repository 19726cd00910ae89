import { act, renderHook } from "@testing-library/react";
import { describe, expect, it } from "vitest";
import { forgetRecents, parse, useRecents, useRemember, withFirst, type Recent } from "./recents";

const cve = (id: string): Recent => ({ kind: "vulnerability", id });

describe("what was opened last", () => {
  it("has the newest first, each once, and only a few", () => {
    const list = ["1", "2", "3"].map(cve);
    expect(withFirst(list, cve("3"))).toEqual(["3", "1", "2"].map(cve));
    expect(withFirst(Array.from({ length: 8 }, (_, i) => cve(String(i))), cve("new"))).toHaveLength(8);
  });

  it("tells a package from one of the same name", () => {
    const npm: Recent = { kind: "package", type: "npm", name: "semver" };
    const deb: Recent = { kind: "package", type: "deb", name: "semver" };
    expect(withFirst([npm], deb)).toEqual([deb, npm]);
  });

  it("is read with distrust", () => {
    expect(parse(null)).toEqual([]);
    expect(parse("{")).toEqual([]);
    expect(parse('{"kind":"image"}')).toEqual([]);
    expect(parse('[null, 1, {"kind":"image","digest":1,"name":"x"}, {"kind":"other","id":"x"}, {"kind":"environment","name":"prod"}]')).toEqual([
      { kind: "environment", name: "prod" },
    ]);
  });

  it("stays for the next start until it is forgotten", () => {
    const list = renderHook(() => useRecents());
    const page = renderHook(({ thing }: { thing: Recent | undefined }) => {
      useRemember(thing);
    }, { initialProps: { thing: undefined as Recent | undefined } });
    expect(list.result.current).toEqual([]);
    page.rerender({ thing: cve("CVE-1") });
    expect(list.result.current).toEqual([cve("CVE-1")]);
    expect(parse(localStorage.getItem("crowsnest.recents"))).toEqual([cve("CVE-1")]);
    act(forgetRecents);
    expect(list.result.current).toEqual([]);
    expect(localStorage.getItem("crowsnest.recents")).toBeNull();
  });
});
