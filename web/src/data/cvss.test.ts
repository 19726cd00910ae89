import { describe, expect, it } from "vitest";
import en from "@/i18n/en.json";
import { partsOf } from "./cvss";

const keys = (vector: string) => partsOf(vector).map((p) => p.key).join(" ");

describe("CVSS vectors", () => {
  it("are read in every version, the base metrics in their order", () => {
    expect(keys("CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H")).toBe("AV.N AC.L PR.N UI.N S.U C.H I.H A.H");
    expect(keys("CVSS:3.0/A:N/I:L/C:N/S:C/UI:R/PR:L/AC:H/AV:P/E:U")).toBe("AV.P AC.H PR.L UI.R S.C C.N I.L A.N");
    expect(keys("CVSS:4.0/AV:L/AC:L/AT:P/PR:N/UI:A/VC:H/VI:N/VA:L/SC:N/SI:H/SA:N")).toBe("AV.L AC.L AT.P PR.N UI.A VC.H VI.N VA.L SC.N SI.H SA.N");
    expect(keys("AV:N/AC:M/Au:S/C:P/I:C/A:N")).toBe("AV.N AC.M Au.S C.P I.C A.N");
    expect(keys("(AV:N/AC:L/Au:N/C:N/I:N/A:C)")).toBe("AV.N AC.L Au.N C.N I.N A.C");
  });

  it("leave out what is not understood", () => {
    expect(keys("CVSS:3.1/AV:Z/AC:L/X")).toBe("AC.L");
    expect(keys("CVSS:9.0/AV:N")).toBe("");
    expect(keys("")).toBe("");
    expect(keys("negligible")).toBe("");
  });

  it("have words for each metric and value", () => {
    const words = en.cvss as unknown as { metric: Record<string, string>; value: Record<string, Record<string, string>> };
    for (const vector of ["AV:A/AC:H/Au:M/C:P/I:P/A:P", "CVSS:3.1/AV:L/AC:H/PR:H/UI:R/S:C/C:L/I:L/A:L", "CVSS:4.0/AV:P/AC:H/AT:N/PR:L/UI:P/VC:L/VI:L/VA:H/SC:H/SI:L/SA:H"]) {
      const parts = partsOf(vector);
      expect(parts.length).toBeGreaterThan(5);
      for (const { metric, key } of parts) {
        expect(words.metric[metric], metric).toBeTruthy();
        expect(words.value[metric]?.[key.slice(metric.length + 1)], key).toBeTruthy();
      }
    }
  });
});
