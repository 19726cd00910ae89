import { Modal } from "@mantine/core";
import { useDebouncedValue } from "@mantine/hooks";
import { useQuery } from "@tanstack/react-query";
import { useEffect, useId, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import { searchQuery } from "@/data/search";
import { useFormat } from "@/i18n/format";
import classes from "./dialog.module.css";
import { focus, type Typed } from "./palette-waiting";
import { useFoundGroups, useOwnGroups, type Option } from "./palette-options";

/** How long typing must pause before the server is asked, in milliseconds. */
const pause = 120;
/** The longest text the server searches for. */
const longest = 256;

/** Leads to every page, and to whatever the server finds: images, packages, vulnerabilities, workloads, environments. */
export default function Palette({ typed: before, onClose }: { typed: Typed; onClose: () => void }) {
  const { t } = useTranslation();
  const format = useFormat();
  const [typed, setTyped] = useState(before.text);
  const [active, setActive] = useState(0);
  const query = typed.trim();
  const [asked] = useDebouncedValue(query, pause);
  const search = useQuery(searchQuery(asked));
  const isSearching = query !== "" && !search.isError && (asked !== query || search.isPlaceholderData || search.isPending);
  const own = useOwnGroups(query);
  const found = useFoundGroups(query === "" || search.isError ? undefined : search.data);
  const groups = [...own.slice(0, 2), ...found, ...own.slice(2)].filter((g) => g.options.length > 0);
  const options = groups.flatMap((g) => g.options.map((option) => ({ option, found: g.found ?? false })));
  const at = Math.min(active, Math.max(0, options.length - 1));
  const listId = useId();
  const list = useRef<HTMLDivElement>(null);

  const run = (option: Option) => {
    onClose();
    option.run();
  };
  // Who types and presses Enter at once means what will be found, not what was found before.
  const [entered, setEntered] = useState(before.entered ? before.text.trim() : undefined);
  const first = options[0]?.option;
  useEffect(() => {
    if (first && entered === query && !isSearching) {
      onClose();
      first.run();
    }
  }, [entered, query, isSearching, first, onClose]);

  useEffect(() => {
    list.current?.querySelector('[aria-selected="true"]')?.scrollIntoView({ block: "nearest" });
  }, [at]);

  const onKeyDown = (event: React.KeyboardEvent) => {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step !== undefined && options.length > 0) {
      event.preventDefault();
      setActive((at + step + options.length) % options.length);
    } else if (event.key === "Enter" && !event.nativeEvent.isComposing) {
      event.preventDefault();
      const chosen = options[at];
      if (chosen && !(chosen.found && isSearching)) {
        run(chosen.option);
      } else if (isSearching) {
        setEntered(query);
      }
    }
  };

  return (
    <Modal.Root opened onClose={onClose} padding={0} size="36rem" yOffset="12vh">
      <Modal.Overlay />
      <Modal.Content aria-label={t("palette.open")}>
        <input
          ref={focus}
          className={classes.input}
          role="combobox"
          aria-expanded
          aria-controls={listId}
          aria-activedescendant={options.length > 0 ? `${listId}-${at}` : undefined}
          aria-label={t("palette.open")}
          placeholder={t("palette.placeholder")}
          data-autofocus
          autoComplete="off"
          spellCheck={false}
          maxLength={longest}
          value={typed}
          onChange={(event) => {
            setTyped(event.currentTarget.value);
            setActive(0);
            setEntered(undefined);
          }}
          onKeyDown={onKeyDown}
        />
        <div id={listId} role="listbox" aria-label={t("palette.open")} aria-busy={isSearching} className={classes.list} ref={list}>
          {groups.map((group) => (
            <div key={group.title} role="group" aria-label={group.title} className={group.found && isSearching ? classes.stale : undefined}>
              <div className={classes.heading} aria-hidden>
                {group.title}
              </div>
              {group.options.map((option) => {
                const index = options.findIndex((o) => o.option === option);
                return (
                  // The keys are handled by the input, which keeps the focus.
                  // eslint-disable-next-line jsx-a11y/click-events-have-key-events
                  <div
                    key={option.id}
                    id={`${listId}-${index}`}
                    role="option"
                    tabIndex={-1}
                    aria-selected={index === at}
                    className={classes.option}
                    onMouseMove={() => {
                      setActive(index);
                    }}
                    onClick={() => {
                      run(option);
                    }}
                  >
                    <option.icon size={16} stroke={1.75} aria-hidden />
                    <span>{option.label}</span>
                    {option.aside !== undefined && <span>{option.aside}</span>}
                  </div>
                );
              })}
            </div>
          ))}
        </div>
        <div className={classes.note} role="status">
          {search.isError && query !== ""
            ? t("palette.failed")
            : isSearching
              ? t("palette.searching")
              : options.length === 0
                ? t("palette.nothing")
                : query === ""
                  ? t("palette.keys")
                  : t("palette.found", { count: options.length, n: format.number(options.length) })}
        </div>
      </Modal.Content>
    </Modal.Root>
  );
}
