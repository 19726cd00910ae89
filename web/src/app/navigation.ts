import { IconBug, IconLayoutDashboard, IconPackage, IconPlugConnected, IconServer2 } from "@tabler/icons-react";

/** The pages the navigation leads to, each with the key that follows "g". */
export const destinations = [
  { to: "/", name: "overview", key: "o", icon: IconLayoutDashboard },
  { to: "/environments", name: "environments", key: "e", icon: IconServer2 },
  { to: "/images", name: "images", key: "i", icon: IconPackage },
  { to: "/vulnerabilities", name: "vulnerabilities", key: "v", icon: IconBug },
  { to: "/integrations", name: "integrations", key: "n", icon: IconPlugConnected },
] as const;
