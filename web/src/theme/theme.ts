import { createTheme, defaultVariantColorsResolver, DrawerRoot, Menu, ModalRoot, Popover, Select, Tooltip } from "@mantine/core";

// Locking the scroll adds a style element, which the Content-Security-Policy refuses.
const still = { lockScroll: false, transitionProps: { duration: 0 } };

/** Only behaviour and sizes: colours and type are roles in tokens.css. */
export const theme = createTheme({
  primaryColor: "cyan",
  cursorType: "pointer",
  respectReducedMotion: true,
  defaultRadius: "sm",
  // Mantine writes white on every filled button; the accent of the dark theme is light.
  variantColorResolver: (input) => ({
    ...defaultVariantColorsResolver(input),
    ...(input.variant === "filled" && { color: "var(--c-on-accent)" }),
  }),
  components: {
    ModalRoot: ModalRoot.extend({ defaultProps: still }),
    DrawerRoot: DrawerRoot.extend({ defaultProps: still }),
    Menu: Menu.extend({ defaultProps: { transitionProps: { duration: 0 }, shadow: "md" } }),
    Popover: Popover.extend({ defaultProps: { transitionProps: { duration: 0 }, shadow: "md" } }),
    Select: Select.extend({ defaultProps: { comboboxProps: { transitionProps: { duration: 0 }, shadow: "md" } } }),
    Tooltip: Tooltip.extend({ defaultProps: { openDelay: 350, transitionProps: { duration: 0 } } }),
  },
});
