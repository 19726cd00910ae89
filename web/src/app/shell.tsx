import { Drawer } from "@mantine/core";
import { useQueryClient } from "@tanstack/react-query";
import { Outlet, useRouter, useRouterState } from "@tanstack/react-router";
import { lazy, Suspense, useCallback, useEffect, useRef, useState, type RefObject } from "react";
import { useTranslation } from "react-i18next";
import { Overlays } from "@/components/overlays";
import { useChanges } from "@/data/events";
import { useSession } from "@/data/session";
import { offerLanguage } from "@/i18n";
import { Header } from "./header";
import { Navigation } from "./nav";
import { PaletteWaiting, type Typed } from "./palette-waiting";
import { Printed } from "./printed";
import { whenQuiet } from "./quiet";
import classes from "./shell.module.css";
import { useShortcuts } from "./shortcuts";

const loadPalette = () => import("./palette");
const Palette = lazy(loadPalette);
const ShortcutHelp = lazy(() => import("./shortcut-help"));

const key = "crowsnest.nav";
const nothing: Typed = { text: "", entered: false };

/** The frame around every page. */
export function Shell() {
  const { t } = useTranslation();
  useChanges();
  const language = useSession()?.person?.language;
  useEffect(() => {
    if (language !== undefined) {
      void offerLanguage(language);
    }
  }, [language]);
  useWarmPages();
  const [collapsed, setCollapsed] = useState(() => localStorage.getItem(key) === "small");
  const [open, setOpen] = useState<"drawer" | "palette" | "help">();
  const [typed, setTyped] = useState(nothing);
  const close = useCallback(() => {
    setOpen(undefined);
    setTyped(nothing);
  }, []);
  const menu = useCallback(() => {
    setOpen("drawer");
  }, []);
  const palette = useCallback(() => {
    setOpen("palette");
  }, []);
  const help = useCallback(() => {
    setOpen("help");
  }, []);
  const toggle = useCallback(() => {
    localStorage.setItem(key, collapsed ? "wide" : "small");
    setCollapsed(!collapsed);
  }, [collapsed]);
  useShortcuts({ palette, help, navigation: toggle });
  const main = useRef<HTMLElement>(null);

  return (
    <div className={classes.shell} data-collapsed={collapsed || undefined}>
      <button
        type="button"
        className={classes.skip}
        onClick={() => {
          main.current?.focus();
        }}
      >
        {t("app.skip")}
      </button>
      <aside className={classes.side}>
        <Navigation collapsed={collapsed} onToggle={toggle} />
      </aside>
      <Header onMenu={menu} onSearch={palette} onHelp={help} />
      <main className={classes.main} tabIndex={-1} ref={main}>
        <Progress />
        <FocusOnNavigation main={main} />
        <Printed />
        <Outlet />
        <Overlays />
      </main>
      {open === "drawer" && (
        <Drawer.Root opened onClose={close} size="16rem" padding={0}>
          <Drawer.Overlay />
          <Drawer.Content aria-label={t("nav.label")}>
            <Navigation onNavigate={close} />
          </Drawer.Content>
        </Drawer.Root>
      )}
      {open === "palette" && (
        <Suspense fallback={<PaletteWaiting onType={setTyped} onClose={close} />}>
          <Palette onClose={close} typed={typed} />
        </Suspense>
      )}
      <Suspense>{open === "help" && <ShortcutHelp onClose={close} />}</Suspense>
    </div>
  );
}

/** Loads the code of the pages one mostly goes to next, once this one is complete. */
function useWarmPages() {
  const router = useRouter();
  const client = useQueryClient();
  useEffect(
    () =>
      whenQuiet(
        () => router.state.status === "pending" || client.isFetching() > 0,
        () => {
          void loadPalette();
          for (const path of ["/environments", "/environments/$name", "/images", "/images/$digest", "/vulnerabilities", "/packages"] as const) {
            void router.loadRouteChunk(router.routesByPath[path]);
          }
        },
      ),
    [router, client],
  );
}

/** Shows that a page is on its way. */
function Progress() {
  const pending = useRouterState({ select: (s) => s.status === "pending" });
  return pending && <div className={classes.progress} />;
}

/** Moves the focus to the new page's heading, as loading a page would. */
function FocusOnNavigation({ main }: { main: RefObject<HTMLElement | null> }) {
  const path = useRouterState({ select: (s) => s.resolvedLocation?.pathname });
  const before = useRef(path);
  useEffect(() => {
    if (before.current !== undefined && before.current !== path) {
      main.current?.querySelector<HTMLElement>("h1")?.focus({ preventScroll: true });
    }
    before.current = path;
  }, [path, main]);
  return null;
}
