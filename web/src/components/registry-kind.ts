import { useTranslation } from "react-i18next";

const withSpace = ["docker-hub", "ghcr", "gitlab", "quay"] as const;
const known = [...withSpace, "oci", "harbor", "artifactory", "nexus", "ecr", "gar", "acr"] as const;

interface KindTexts {
  user: string;
  token: string;
  /** What the namespace is, where one is needed. */
  space?: string;
  /** Where the address of the webhook is entered. */
  hook: string;
}

/** What people are told of a kind of registry in their language; undefined for kinds of newer servers. */
export function useKindTexts(name: string): KindTexts | undefined {
  const { t } = useTranslation();
  const kind = known.find((k) => k === name);
  if (kind === undefined) {
    return undefined;
  }
  const spaced = withSpace.find((k) => k === name);
  return {
    user: t(`connect.registry.kinds.${kind}.user`),
    token: t(`connect.registry.kinds.${kind}.token`),
    hook: t(`connect.registry.kinds.${kind}.hook`),
    ...(spaced && { space: t(`connect.registry.kinds.${spaced}.space`) }),
  };
}
