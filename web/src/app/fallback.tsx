import { Button } from "@mantine/core";
import { IconMapOff } from "@tabler/icons-react";
import { Link, useRouter } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";
import { Page, Section } from "@/components/page";
import { ErrorState, State } from "@/components/state";

export function NotFound() {
  const { t } = useTranslation();
  return (
    <Page title={t("notFound.title")}>
      <Section>
        <State
          icon={<IconMapOff size={28} stroke={1.5} aria-hidden />}
          title={t("notFound.text")}
          actions={
            <Button component={Link} to="/" size="xs" variant="default">
              {t("notFound.home")}
            </Button>
          }
        />
      </Section>
    </Page>
  );
}

/** A fault in a page itself, or one of its files that did not come. */
export function RouteError({ error }: { error: unknown }) {
  const { t } = useTranslation();
  const router = useRouter();
  return (
    <Page title={t("error.page")}>
      <Section>
        <ErrorState error={error} retry={() => router.invalidate()} />
      </Section>
    </Page>
  );
}
