import { MantineProvider } from "@mantine/core";
import { act, fireEvent, render, screen } from "@testing-library/react";
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { SearchInput } from "./filters";

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

function field(value: string, onChange: (text: string) => void) {
  return (
    <MantineProvider>
      <SearchInput label="Filter" value={value} onChange={onChange} />
    </MantineProvider>
  );
}

it("loses no letter that is typed while the address follows", () => {
  const asked = vi.fn<(text: string) => void>();
  const { rerender } = render(field("", asked));
  const input = screen.getByRole<HTMLInputElement>("searchbox");
  const type = (text: string) => {
    fireEvent.change(input, { target: { value: text } });
  };
  const pause = () => {
    act(() => {
      vi.advanceTimersByTime(200);
    });
  };
  type("min");
  pause();
  type("mini");
  rerender(field("min", asked)); // the address has followed, and one typed on
  expect(input.value).toBe("mini");
  pause();
  rerender(field("mini", asked));
  expect(input.value).toBe("mini");
  expect(asked.mock.calls).toEqual([["min"], ["mini"]]);

  // Back, a link and "show all" change what is in the field.
  rerender(field("", asked));
  expect(input.value).toBe("");
  pause();
  expect(asked).toHaveBeenCalledTimes(2);
});
