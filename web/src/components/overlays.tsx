/** The address of where menus and suggestions are put; see the theme. */
export const overlays = "overlays";

/** Where menus and suggestions are put: within a page's landmark, so that who hears the page is told where they are. */
export function Overlays() {
  return <div id={overlays} />;
}
