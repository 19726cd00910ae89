import { Modal } from "@mantine/core";
import { IconBug, IconLanguage, IconLogout, IconMoon, IconPackage, IconServer2, IconSun, type Icon } from "@tabler/icons-react";
import { useInfiniteQuery, useQuery } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { useEffect, useId, useMemo, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import { ImageName } from "@/components/image-name";
import { useEnvironmentNames } from "@/data/coverage";
import { searchableImagesQuery } from "@/data/images";
import { useSignOut } from "@/data/session";
import { vulnerabilitiesQuery } from "@/data/vulnerabilities";
import { chooseLanguage, languages } from "@/i18n";
import { chooseScheme, useScheme } from "@/theme/scheme";
import classes from "./dialog.module.css";
import { useDestinations } from "./navigation";
import { digestIn, matches } from "./palette-match";

interface Option {
  id: string;
  icon: Icon;
  label: React.ReactNode;
  text: string;
  aside?: string;
  run: () => void;
}

/** Options shown of one kind; who wants more types more. */
const most = 8;

/** Leads to every page and to what it knows of images, environments and vulnerabilities. */
export default function Palette({ onClose }: { onClose: () => void }) {
  const { t } = useTranslation();
  const [query, setQuery] = useState("");
  const [active, setActive] = useState(0);
  const groups = useOptions(query);
  const options = groups.flatMap((g) => g.options);
  const at = Math.min(active, Math.max(0, options.length - 1));
  const listId = useId();
  const list = useRef<HTMLDivElement>(null);

  useEffect(() => {
    list.current?.querySelector('[aria-selected="true"]')?.scrollIntoView({ block: "nearest" });
  }, [at]);

  const run = (option: Option | undefined) => {
    if (option) {
      onClose();
      option.run();
    }
  };

  return (
    <Modal.Root opened onClose={onClose} padding={0} size="36rem" yOffset="12vh">
      <Modal.Overlay />
      <Modal.Content aria-label={t("palette.open")}>
      <input
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
        value={query}
        onChange={(event) => {
          setQuery(event.currentTarget.value);
          setActive(0);
        }}
        onKeyDown={(event) => {
          const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
          if (step !== undefined && options.length > 0) {
            event.preventDefault();
            setActive((at + step + options.length) % options.length);
          } else if (event.key === "Enter" && !event.nativeEvent.isComposing) {
            event.preventDefault();
            run(options[at]);
          }
        }}
      />
      <div id={listId} role="listbox" aria-label={t("palette.open")} className={classes.list} ref={list}>
        {groups.map((group) => (
          <div key={group.title} role="group" aria-label={group.title}>
            <div className={classes.heading} aria-hidden>
              {group.title}
            </div>
            {group.options.map((option) => {
              const index = options.indexOf(option);
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
        {options.length === 0 ? t("palette.nothing") : t("palette.scope")}
      </div>
      </Modal.Content>
    </Modal.Root>
  );
}

interface Group {
  title: string;
  options: Option[];
}

function useOptions(query: string): Group[] {
  const { mutate: signOut } = useSignOut();
  const destinations = useDestinations();
  const { t, i18n } = useTranslation();
  const navigate = useNavigate();
  const environments = useEnvironmentNames();
  const { data: images } = useQuery(searchableImagesQuery);
  const { data: vulnerabilities } = useInfiniteQuery(vulnerabilitiesQuery({}));
  const { shown } = useScheme();

  return useMemo(() => {
    const pages: Option[] = destinations.map((d) => ({
      id: d.to,
      icon: d.icon,
      label: t(`nav.${d.name}`),
      text: t(`nav.${d.name}`),
      aside: `g ${d.key}`,
      run: () => void navigate({ to: d.to }),
    }));
    const places: Option[] = environments.map((name) => ({
      id: `environment ${name}`,
      icon: IconServer2,
      label: name,
      text: name,
      run: () => void navigate({ to: "/environments/$name", params: { name } }),
    }));
    const found: Option[] = (images?.items ?? []).map((image) => ({
      id: image.digest,
      icon: IconPackage,
      label: <ImageName name={image.name} digest={image.digest} />,
      text: `${image.name} ${image.digest} ${image.imageId}`,
      run: () => void navigate({ to: "/images/$digest", params: { digest: image.digest } }),
    }));
    const known: Option[] = (vulnerabilities?.pages.flatMap((p) => p.items) ?? []).map((v) => ({
      id: v.id,
      icon: IconBug,
      label: v.id,
      text: `${v.id} ${v.summary}`,
      aside: t(`severity.${v.severity}`),
      run: () => void navigate({ to: "/vulnerabilities", search: { q: v.id } }),
    }));
    const actions: Option[] = [
      {
        id: "scheme",
        icon: shown === "dark" ? IconSun : IconMoon,
        label: t(shown === "dark" ? "palette.light" : "palette.dark"),
        text: t(shown === "dark" ? "palette.light" : "palette.dark"),
        run: () => {
          chooseScheme(shown === "dark" ? "light" : "dark");
        },
      },
      ...languages
        .filter((l) => l.code !== i18n.language)
        .map((l) => ({ id: l.code, icon: IconLanguage, label: l.name, text: l.name, run: () => void chooseLanguage(l.code) })),
      { id: "sign-out", icon: IconLogout, label: t("user.signOut"), text: t("user.signOut"), run: signOut },
    ];

    const wanted = query.trim();
    const pick = (options: Option[]) => options.filter((o) => matches(o.text, wanted)).slice(0, most);
    const digest = digestIn(wanted);
    const byDigest: Option[] =
      digest === undefined || pick(found).length > 0
        ? []
        : [
            {
              id: "digest",
              icon: IconPackage,
              label: t("palette.digest", { digest }),
              text: digest,
              run: () => void navigate({ to: "/images/$digest", params: { digest } }),
            },
          ];
    return [
      { title: t("palette.pages"), options: pick(pages) },
      { title: t("nav.environments"), options: pick(places) },
      // Without a word to look for these lists would be arbitrary.
      { title: t("nav.images"), options: wanted === "" ? [] : [...pick(found), ...byDigest] },
      { title: t("nav.vulnerabilities"), options: wanted === "" ? [] : pick(known) },
      { title: t("palette.actions"), options: pick(actions) },
    ].filter((g) => g.options.length > 0);
  }, [query, t, i18n.language, navigate, environments, images, vulnerabilities, shown, signOut, destinations]);
}
