import { MantineProvider } from "@mantine/core";
import { QueryClientProvider } from "@tanstack/react-query";
import { RouterProvider } from "@tanstack/react-router";
import { newQueryClient } from "@/data/query";
import { become, onSignedOut } from "@/data/session";
import { useScheme } from "@/theme/scheme";
import { theme } from "@/theme/theme";
import { newRouter } from "./router";

const queryClient = newQueryClient();
const router = newRouter(queryClient);

// Who signs out, or is signed out by the server, must not leave data behind.
onSignedOut(() => {
  become(queryClient, null);
  void router.invalidate();
});

export function App() {
  const { shown } = useScheme();
  return (
    // Mantine's style elements are off: what they hold is in its style sheet and in tokens.css.
    <MantineProvider theme={theme} forceColorScheme={shown} withCssVariables={false} withGlobalClasses={false} withStaticClasses={false}>
      <QueryClientProvider client={queryClient}>
        <RouterProvider router={router} />
      </QueryClientProvider>
    </MantineProvider>
  );
}
