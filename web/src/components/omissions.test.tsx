import { render, screen } from "@testing-library/react";
import i18next from "i18next";
import { initReactI18next } from "react-i18next";
import { beforeAll, describe, expect, it } from "vitest";
import en from "@/i18n/en.json";
import { Omissions } from "./omissions";

beforeAll(async () => {
  await i18next.use(initReactI18next).init({ lng: "en", resources: { en: { translation: en } } });
});

describe("Omissions", () => {
  it("says how many packages of which ecosystems were not judged", () => {
    render(
      <Omissions
        image={{
          missingAdvisories: [
            { ecosystem: "PyPI", type: "pypi", packages: 1200 },
            { ecosystem: "Alpine", type: "apk", packages: 3 },
          ],
        }}
      />,
    );
    expect(screen.getByText(/^1,203 packages of this image were not checked completely/)).toBeDefined();
    expect(screen.getByText("PyPI (1,200), Alpine (3)")).toBeDefined();
  });

  it.each([[undefined], [{}], [{ missingAdvisories: [] }]])("says nothing of %j", (image) => {
    expect(render(<Omissions image={image} />).container.textContent).toBe("");
  });
});
