import { IconLock } from "@tabler/icons-react";
import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { Section } from "./page";
import { State } from "./state";

/** In place of what only owners may see or do, for everybody else: nothing is asked of the server, which would refuse it. */
export function OwnersOnly({ children }: { children?: ReactNode }) {
  const { t } = useTranslation();
  return <NoPermission>{children ?? t("error.forbidden.owners")}</NoPermission>;
}

/** In place of what the caller's role may not see or do; says whose may. */
export function NoPermission({ children }: { children: ReactNode }) {
  const { t } = useTranslation();
  return (
    <Section>
      <div role="alert">
        <State icon={<IconLock size={28} stroke={1.5} aria-hidden />} title={t("error.forbidden.title")}>
          {children}
        </State>
      </div>
    </Section>
  );
}
