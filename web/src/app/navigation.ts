import { IconArrowsDiff, IconBug, IconBuildingWarehouse, IconCalendarTime, IconChecklist, IconComponents, IconCube, IconDatabase, IconGavel, IconGitBranch, IconHistory, IconKey, IconLayoutDashboard, IconListCheck, IconPackage, IconPlugConnected, IconServer2, IconStack2, IconTimelineEvent, IconUsers } from "@tabler/icons-react";
import { useMemo } from "react";
import { useSession, type Permission } from "@/data/session";

/** The pages the navigation leads to, each with the key that follows "g" and what it needs, if anything but a session. */
const all = [
  { to: "/", name: "overview", key: "o", icon: IconLayoutDashboard, needs: "read" },
  { to: "/environments", name: "environments", key: "e", icon: IconServer2, needs: "read" },
  { to: "/images", name: "images", key: "i", icon: IconPackage, needs: "read" },
  { to: "/compare", name: "compare", key: "d", icon: IconArrowsDiff, needs: "read" },
  { to: "/base-images", name: "bases", key: "b", icon: IconCube, needs: "read" },
  { to: "/packages", name: "packages", key: "k", icon: IconComponents, needs: "read" },
  { to: "/vulnerabilities", name: "vulnerabilities", key: "v", icon: IconBug, needs: "read" },
  { to: "/changes", name: "changes", key: "s", icon: IconTimelineEvent, needs: "read" },
  { to: "/policies", name: "policies", key: "l", icon: IconChecklist, needs: "read" },
  { to: "/decisions", name: "decisions", key: "x", icon: IconGavel, needs: "read" },
  { to: "/integrations", name: "integrations", key: "n", icon: IconPlugConnected, needs: "read" },
  { to: "/repositories", name: "repositories", key: "u", icon: IconStack2, needs: "read" },
  { to: "/settings/jobs", name: "jobs", key: "j", icon: IconListCheck, needs: "read" },
  { to: "/settings/remediation", name: "remediation", key: "r", icon: IconCalendarTime, needs: "read" },
  { to: "/settings/registries", name: "registries", key: "y", icon: IconBuildingWarehouse, needs: "read" },
  { to: "/settings/data", name: "data", key: "m", icon: IconDatabase, needs: "read" },
  { to: "/settings/people", name: "people", key: "p", icon: IconUsers, needs: "manage-people" },
  { to: "/settings/tokens", name: "tokens", key: "t", icon: IconKey, needs: "own-tokens" },
  { to: "/settings/trusts", name: "trusts", key: "c", icon: IconGitBranch, needs: "manage-tokens" },
  { to: "/settings/audit", name: "audit", key: "a", icon: IconHistory, needs: "read-audit" },
] as const satisfies readonly { needs: Permission; [more: string]: unknown }[];

/** Those of them that the caller may open. */
export function useDestinations() {
  const permissions = useSession()?.permissions;
  return useMemo(() => all.filter((d) => permissions?.includes(d.needs)), [permissions]);
}
