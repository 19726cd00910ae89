import type { Page } from "@playwright/test";

/** The texts in cells of tables that reach over the edge of their cell, where nobody reads them. */
export async function cutTexts(page: Page): Promise<string[]> {
  return page.locator("main :is(td, th)").evaluateAll((cells) =>
    cells.flatMap((cell) => {
      const edge = cell.getBoundingClientRect();
      if (edge.width < 2 || getComputedStyle(cell).visibility === "hidden") {
        return [];
      }
      const texts = document.createTreeWalker(cell, NodeFilter.SHOW_TEXT);
      while (texts.nextNode()) {
        const text = texts.currentNode;
        // What is for who hears the page alone has no place on it, and what can be scrolled is not cut.
        if (text.parentElement === null || getComputedStyle(text.parentElement).position === "absolute" || text.parentElement.closest("[tabindex], pre") !== null) {
          continue;
        }
        const range = document.createRange();
        range.selectNodeContents(text);
        if (range.getBoundingClientRect().right > edge.right + 1) {
          return [cell.textContent.slice(0, 80)];
        }
      }
      return [];
    }),
  );
}

/**
 * What is wrong with tables in a window of this width: one that is wider than the box that clips it, a heading
 * that is cut or broken within a word, a button or a mark that is larger than its cell, a severity, time or ID that is cut, a second row with nothing in it, and a column that gave way without its values
 * standing below the rows. Where `all` are asked for, none may give way.
 */
export async function badTables(page: Page, all = false): Promise<string[]> {
  return page.locator("main table").evaluateAll((tables, everyColumn) => {
    const found: string[] = [];
    const rangesOf = (element: Element) => {
      const ranges: Range[] = [];
      const texts = document.createTreeWalker(element, NodeFilter.SHOW_TEXT);
      while (texts.nextNode()) {
        const text = texts.currentNode as Text;
        if (text.parentElement === null || getComputedStyle(text.parentElement).position === "absolute") {
          continue;
        }
        for (const word of text.data.matchAll(/\S+/g)) {
          const range = document.createRange();
          range.setStart(text, word.index);
          range.setEnd(text, word.index + word[0].length);
          ranges.push(range);
        }
      }
      return ranges;
    };
    for (const table of tables) {
      const box = table.parentElement;
      if (box === null || table.closest("details:not([open])") !== null) {
        continue;
      }
      const out = table.getBoundingClientRect().right - box.getBoundingClientRect().right;
      if (out > 1 && getComputedStyle(box).overflowX !== "auto") {
        found.push(`${table.ariaLabel ?? "a table"} is ${String(Math.round(out))} px wider than its box`);
      }
      // The head of a group has no columns.
      const rows = [...table.querySelectorAll<HTMLTableRowElement>("tbody tr[aria-rowindex]")].filter((row) => row.cells.length > 1);
      table.querySelectorAll("thead th").forEach((head, i) => {
        const edge = head.getBoundingClientRect();
        if (edge.width < 2 || getComputedStyle(head).visibility === "hidden") {
          if (everyColumn) {
            found.push(`${head.textContent} gave way`);
          }
          const lost = rows.some((row) => !["", "—", "–"].includes(row.cells[i]?.textContent.trim() ?? "") && ![...(row.nextElementSibling?.querySelectorAll("dt") ?? [])].some((term) => term.textContent === head.textContent));
          if (lost) {
            found.push(`${head.textContent} is nowhere`);
          }
          return;
        }
        for (const range of rangesOf(head)) {
          if (new Set([...range.getClientRects()].map((r) => Math.round(r.top))).size > 1 || range.getBoundingClientRect().right > edge.right + 1) {
            found.push(`${head.textContent} is cut or broken`);
          }
        }
        for (const row of rows) {
          const cell = row.cells[i];
          const boxes = [...(cell?.querySelectorAll("*") ?? [])].filter((e) => e.localName === "button" || getComputedStyle(e).backgroundColor !== "rgba(0, 0, 0, 0)");
          if (boxes.some((e) => e.getBoundingClientRect().right > edge.right + 1)) {
            found.push(`${cell?.textContent ?? ""} is larger than its cell`);
          }
          const whole = cell === undefined ? [] : head.textContent === "Severity" ? [cell] : [...cell.querySelectorAll("time, strong")].filter((e) => e.localName === "time" || /^(CVE|GHSA)-/.test(e.textContent));
          if (whole.some((e) => rangesOf(e).some((r) => r.getBoundingClientRect().right > edge.right + 1))) {
            found.push(`${cell?.textContent ?? ""} is cut`);
          }
        }
      });
      for (const below of table.querySelectorAll<HTMLElement>("tr:has(dl)")) {
        if (below.offsetHeight > 2 && below.innerText.trim() === "") {
          found.push("a second row says nothing");
        }
      }
    }
    return found;
  }, all);
}

/** The texts anywhere on the page that reach over the right edge of a frame they stand in, or of a box that clips them. */
export async function outOfBox(page: Page): Promise<string[]> {
  return page.locator("main").evaluate((main) => {
    const found: string[] = [];
    const texts = document.createTreeWalker(main, NodeFilter.SHOW_TEXT);
    while (texts.nextNode()) {
      const text = texts.currentNode;
      const parent = text.parentElement;
      if (parent === null || text.textContent?.trim() === "" || !parent.checkVisibility({ visibilityProperty: true }) || getComputedStyle(parent).position === "absolute") {
        continue;
      }
      const range = document.createRange();
      range.selectNodeContents(text);
      const { right, width } = range.getBoundingClientRect();
      for (let box: Element | null = parent; width > 1 && box !== null && box !== main; box = box.parentElement) {
        const style = getComputedStyle(box);
        // What scrolls by itself, what says by its dots that there is more, and what only who hears the page has.
        if (["auto", "scroll"].includes(style.overflowX) || style.textOverflow === "ellipsis" || style.clipPath !== "none" || box.clientWidth === 1) {
          break;
        }
        if ((style.overflowX !== "visible" || parseFloat(style.borderRightWidth) > 0) && right > box.getBoundingClientRect().right + 1) {
          found.push(text.textContent?.slice(0, 80) ?? "");
          break;
        }
      }
    }
    return found;
  });
}
