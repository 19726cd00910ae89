import { IconBug, IconBuildingWarehouse, IconChecklist, IconComponents, IconCube, IconHierarchy2, IconLanguage, IconLogout, IconMoon, IconPackage, IconPlugConnected, IconServer2, IconStack2, IconSun, IconUserCog, type Icon } from "@tabler/icons-react";
import { useNavigate } from "@tanstack/react-router";
import { useMemo, type ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { ImageName } from "@/components/image-name";
import { PackageType } from "@/components/package-type";
import { keyOf, useRecents, type Recent } from "@/data/recents";
import { placeOf } from "@/data/repository";
import type { Found, WorkloadHit } from "@/data/search";
import { useSignOut } from "@/data/session";
import { chooseLanguage, languages } from "@/i18n";
import { usePolicyWords } from "@/i18n/policy";
import { chooseScheme, useScheme } from "@/theme/scheme";
import { useDestinations } from "./navigation";
import { matches } from "./palette-match";

export interface Option {
  id: string;
  icon: Icon;
  label: ReactNode;
  aside?: string;
  run: () => void;
}

export interface Group {
  title: string;
  options: Option[];
  /** Whether the server found these, and will find others for another text. */
  found?: boolean;
}

/** What the palette knows by itself: pages and actions that match, and without a text what was opened last. */
export function useOwnGroups(query: string): Group[] {
  const { t, i18n } = useTranslation();
  const { mutate: signOut } = useSignOut();
  const { shown } = useScheme();
  const destinations = useDestinations();
  const recents = useRecents();
  const navigate = useNavigate();
  const open = useOpen();

  return useMemo(() => {
    const scheme = shown === "dark" ? "light" : "dark";
    const pages = destinations.map((d) => ({ id: d.to, icon: d.icon, text: t(`nav.${d.name}`), aside: `g ${d.key}`, run: () => void navigate({ to: d.to }) }));
    const actions = [
      {
        id: "scheme",
        icon: shown === "dark" ? IconSun : IconMoon,
        text: t(`palette.${scheme}`),
        run: () => {
          chooseScheme(scheme);
        },
      },
      ...languages
        .filter((l) => l.code !== i18n.language)
        .map((l) => ({ id: l.code, icon: IconLanguage, text: l.name, run: () => void chooseLanguage(l.code) })),
      { id: "account", icon: IconUserCog, text: t("account.title"), run: () => void navigate({ to: "/account" }) },
      { id: "sign-out", icon: IconLogout, text: t("user.signOut"), run: signOut },
    ];
    const pick = (options: (Omit<Option, "label"> & { text: string })[]) =>
      options.filter((o) => matches(o.text, query)).map(({ text, ...option }): Option => ({ ...option, label: text }));
    return [
      { title: t("palette.recents"), options: query === "" ? recents.map((r) => open(r)) : [] },
      { title: t("palette.pages"), options: pick(pages) },
      { title: t("palette.actions"), options: pick(actions) },
    ];
  }, [query, t, i18n.language, navigate, shown, signOut, destinations, recents, open]);
}

/** What the server found, by kind. */
export function useFoundGroups(result: Found | undefined): Group[] {
  const { t } = useTranslation();
  const navigate = useNavigate();
  const open = useOpen();
  return useMemo(() => {
    if (!result) {
      return [];
    }
    const workload = (w: WorkloadHit): Option => ({
      id: ["workload", w.environment, w.cluster, w.namespace, w.kind, w.name].join(" "),
      icon: IconHierarchy2,
      label: (
        <>
          <span className="muted">
            {w.cluster} / {w.namespace} /
          </span>{" "}
          {w.name} <span className="muted">{w.kind}</span>
        </>
      ),
      aside: w.environment,
      run: () => void navigate({ to: "/environments/$name", params: { name: w.environment }, search: { tab: "occurrences", q: `${w.kind} ${w.name}`, namespace: w.namespace, cluster: w.cluster, running: true } }),
    });
    const groups: Group[] = [
      { title: t("nav.environments"), options: result.environments.map((name) => open({ kind: "environment", name })) },
      { title: t("nav.images"), options: result.images.map((i) => open({ kind: "image", digest: i.digest, name: i.name }, i.state === "analysed" ? undefined : t(`image.state.${i.state}`))) },
      { title: t("nav.packages"), options: result.packages.map((p) => open({ kind: "package", ...p })) },
      {
        title: t("nav.vulnerabilities"),
        // One that was found by another name says by which.
        options: result.vulnerabilities.map((v) => open({ kind: "vulnerability", id: v.id }, v.name === v.id ? t(`severity.${v.severity}`) : v.name)),
      },
      { title: t("nav.policies"), options: result.policies.map((p) => open({ kind: "policy", name: p.name }, p.enabled ? undefined : t("policy.disabled"))) },
      { title: t("workload.title"), options: result.workloads.map(workload) },
      { title: t("nav.repositories"), options: result.repositories.map((r) => open({ kind: "repository", name: r.reference }, t(`repositories.state.${r.state}`))) },
      {
        title: t("nav.bases"),
        options: result.bases.map((b) => ({
          id: `base ${b.name ?? ""} ${b.digest ?? ""}`,
          icon: IconCube,
          label: <ImageName name={b.name ?? ""} digest={b.digest ?? ""} />,
          run: () => void navigate({ to: "/base-images", search: { q: b.name ?? b.digest } }),
        })),
      },
      {
        title: t("nav.integrations"),
        options: [
          ...result.integrations.map((i) => ({ id: `integration ${i.name}`, icon: IconPlugConnected, label: i.name, aside: i.environment, run: () => void navigate({ to: "/integrations/$name", params: { name: i.name } }) })),
          ...result.registries.map((r) => ({ id: `registry ${r.name}`, icon: IconBuildingWarehouse, label: r.name, aside: r.host, run: () => void navigate({ to: "/integrations/registries/$name", params: { name: r.name } }) })),
        ],
      },
    ];
    return groups.map((g) => ({ ...g, found: true }));
  }, [result, t, navigate, open]);
}

/** Makes the option that leads to the page of a thing. */
function useOpen(): (thing: Recent, aside?: string) => Option {
  const navigate = useNavigate();
  const words = usePolicyWords();
  return useMemo(() => {
    const of = (thing: Recent): Omit<Option, "id" | "aside"> => {
      switch (thing.kind) {
        case "environment":
          return { icon: IconServer2, label: thing.name, run: () => void navigate({ to: "/environments/$name", params: { name: thing.name } }) };
        case "image":
          return {
            icon: IconPackage,
            label: <ImageName name={thing.name} digest={thing.digest} />,
            run: () => void navigate({ to: "/images/$digest", params: { digest: thing.digest } }),
          };
        case "repository":
          return { icon: IconStack2, label: <ImageName name={thing.name} digest="" />, run: () => void navigate({ to: "/repositories/$host/$", params: placeOf(thing.name) }) };
        case "package":
          return {
            icon: IconComponents,
            label: (
              <>
                {thing.name} <PackageType type={thing.type} />
              </>
            ),
            run: () => void navigate({ to: "/packages/$type", params: { type: thing.type }, search: { name: thing.name } }),
          };
        case "policy":
          return { icon: IconChecklist, label: words.name(thing.name), run: () => void navigate({ to: "/policies/$name", params: { name: thing.name } }) };
        case "vulnerability":
          return { icon: IconBug, label: thing.id, run: () => void navigate({ to: "/vulnerabilities/$id", params: { id: thing.id } }) };
      }
    };
    return (thing, aside) => ({ id: keyOf(thing), ...(aside !== undefined && { aside }), ...of(thing) });
  }, [navigate, words]);
}
