import { createTheme, defaultVariantColorsResolver, DrawerRoot, Menu, ModalRoot, Popover, Select, Tooltip } from "@mantine/core";
import { overlays } from "@/components/overlays";

// Locking the scroll adds a style element, which the Content-Security-Policy refuses.
const still = { lockScroll: false, transitionProps: { duration: 0 } };

// Within a landmark of the page, see Overlays.
const portalProps = { target: `#${overlays}` };

// What cannot be taken back; Mantine's red has too little contrast in both themes.
const danger = { background: "var(--c-bad-soft)", hover: "var(--c-bad-soft)", color: "var(--c-bad)", border: "1px solid var(--c-bad)" };

/** Only behaviour and sizes: colours and type are roles in tokens.css. */
export const theme = createTheme({
  primaryColor: "cyan",
  cursorType: "pointer",
  respectReducedMotion: true,
  defaultRadius: "sm",
  // Mantine writes white on every filled button; the accent of the dark theme is light.
  variantColorResolver: (input) => ({
    ...defaultVariantColorsResolver(input),
    ...(input.variant === "filled" && (input.color === "red" ? danger : { color: "var(--c-on-accent)" })),
  }),
  components: {
    ModalRoot: ModalRoot.extend({ defaultProps: still }),
    DrawerRoot: DrawerRoot.extend({ defaultProps: still }),
    Menu: Menu.extend({ defaultProps: { transitionProps: { duration: 0 }, shadow: "md", portalProps, withInitialFocusPlaceholder: false } }),
    Popover: Popover.extend({ defaultProps: { transitionProps: { duration: 0 }, shadow: "md", portalProps } }),
    Select: Select.extend({ defaultProps: { comboboxProps: { transitionProps: { duration: 0 }, shadow: "md" } } }),
    Tooltip: Tooltip.extend({ defaultProps: { openDelay: 350, transitionProps: { duration: 0 }, portalProps } }),
  },
});
