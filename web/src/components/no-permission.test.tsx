import { MantineProvider } from "@mantine/core";
import { QueryClientProvider } from "@tanstack/react-query";
import { render, screen } from "@testing-library/react";
import i18next from "i18next";
import { initReactI18next } from "react-i18next";
import { beforeAll, beforeEach, expect, it, vi } from "vitest";
import { newQueryClient } from "@/data/query";
import { sessionQuery, type Session } from "@/data/session";
import en from "@/i18n/en.json";
import { AuditPage } from "@/pages/settings/audit";
import { PeoplePage } from "@/pages/settings/people";
import { TrustsPage } from "@/pages/settings/trusts";

beforeAll(async () => {
  await i18next.use(initReactI18next).init({ lng: "en", resources: { en: { translation: en } } });
});

const asked = vi.fn(() => Promise.reject(new Error("nothing is to be asked")));
beforeEach(() => {
  asked.mockClear();
  vi.stubGlobal("fetch", asked);
});

const member: Session = { organisation: { id: "o", name: "Example", home: true }, organisations: [], permissions: ["read", "upload", "own-tokens"], role: "member" };

it.each([
  ["people", PeoplePage],
  ["trusts", TrustsPage],
  ["audit", AuditPage],
])("a member is told at once that %s are for owners, and nothing is asked", (_, Page) => {
  const client = newQueryClient();
  client.setQueryData(sessionQuery.queryKey, member);
  render(
    <QueryClientProvider client={client}>
      <MantineProvider>
        <Page />
      </MantineProvider>
    </QueryClientProvider>,
  );
  expect(screen.getByRole("alert").textContent).toContain("You may not see this");
  expect(screen.queryAllByRole("button")).toEqual([]);
  expect(screen.queryAllByRole("textbox")).toEqual([]);
  expect(asked).not.toHaveBeenCalled();
});
