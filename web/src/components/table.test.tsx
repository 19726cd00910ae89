import { MantineProvider } from "@mantine/core";
import { render, screen, within } from "@testing-library/react";
import { userEvent } from "@testing-library/user-event";
import i18next from "i18next";
import { initReactI18next } from "react-i18next";
import { beforeAll, expect, it, vi } from "vitest";
import en from "@/i18n/en.json";
import { Foot, Table, type Column } from "./table";

beforeAll(async () => {
  await i18next.use(initReactI18next).init({ lng: "en", resources: { en: { translation: en } } });
});

const rows = (n: number) => Array.from({ length: n }, (_, i) => `row ${String(i)}`);
const choose = vi.fn();
const columns: Column<string>[] = [
  { id: "name", header: "Name", cell: (r) => r, sort: { direction: "ascending", active: true, choose } },
  { id: "length", header: "Length", width: "4rem", cell: (r) => r.length },
];

function show(list: string[] | undefined) {
  return render(
    <MantineProvider>
      <Table label="Rows" columns={columns} rows={list} keyOf={(r) => r} empty={<p>nothing</p>} foot={<p>foot</p>} detail={(r) => (r === "row 1" ? "below" : null)} />
    </MantineProvider>,
  );
}

it("keeps its place while loading", () => {
  show(undefined);
  expect(screen.getByRole("table", { name: "Rows" }).getAttribute("aria-busy")).toBe("true");
  expect(screen.queryByText("nothing")).toBeNull();
});

it("says when there is nothing", () => {
  show([]);
  expect(screen.getByText("nothing")).toBeTruthy();
  expect(screen.queryByText("foot")).toBeNull();
});

it("has a short list whole, with details below their row", () => {
  show(rows(3));
  const table = screen.getByRole("table", { name: "Rows" });
  expect(table.getAttribute("aria-rowcount")).toBe("4");
  expect(within(table).getAllByRole("row").map((r) => r.textContent)).toEqual(["NameLength", "row 05", "row 15", "below", "row 25"]);
});

it("tells how it is sorted and sorts when asked", async () => {
  show(rows(1));
  expect(screen.getByRole("columnheader", { name: "Name" }).getAttribute("aria-sort")).toBe("ascending");
  await userEvent.click(screen.getByRole("button", { name: "Name" }));
  expect(choose).toHaveBeenCalledOnce();
});

it("counts what filters hide and offers to show it", async () => {
  const clear = vi.fn();
  render(
    <MantineProvider>
      <Foot loaded={1200} shown={7} hasMore isLoadingMore={false} loadMore={() => undefined} clear={clear} />
    </MantineProvider>,
  );
  expect(screen.getByRole("status").textContent).toBe("7 shown · 1,193 hidden by filters · there are more");
  await userEvent.click(screen.getByRole("button", { name: "Show all" }));
  expect(clear).toHaveBeenCalledOnce();
});

it("has below its row what a narrow window has no column for", () => {
  render(
    <MantineProvider>
      <Table
        label="Rows"
        columns={[
          { id: "name", header: "Name", cell: (r: string) => r },
          { id: "from", header: "From", priority: 3, cell: () => "10.0.0.1" },
          { id: "other", header: "Other", priority: 2, cell: () => "here" },
          { id: "ended", header: "Ended", priority: 3, cell: () => <span className="muted">—</span> },
        ]}
        rows={["one"]}
        keyOf={(r) => r}
        empty={null}
      />
    </MantineProvider>,
  );
  expect(screen.getAllByRole("term").map((e) => e.textContent)).toEqual(["From", "Other"]);
  expect(screen.getAllByRole("definition").map((e) => e.textContent)).toEqual(["10.0.0.1", "here"]);
});
