import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import classes from "./page.module.css";

interface PageProps {
  /** Of the document and, unless there is a heading, of the page. */
  title: string;
  heading?: ReactNode;
  /** Links to the pages above this one, outermost first. */
  crumbs?: ReactNode[];
  lead?: ReactNode;
  actions?: ReactNode;
  children: ReactNode;
}

/** The frame of every page: document title, breadcrumbs, one heading, actions. */
export function Page({ title, heading, crumbs, lead, actions, children }: PageProps) {
  const { t } = useTranslation();
  return (
    <div className={classes.page}>
      <title>{t("app.documentTitle", { title })}</title>
      <header className={classes.head}>
        <div className={classes.titles}>
          {crumbs && (
            <nav aria-label={t("app.breadcrumbs")}>
              <ol className={classes.crumbs}>
                {crumbs.map((crumb, i) => (
                  <li key={i}>{crumb}</li>
                ))}
              </ol>
            </nav>
          )}
          <h1 tabIndex={-1}>{heading ?? title}</h1>
          {lead !== undefined && <div className={classes.lead}>{lead}</div>}
        </div>
        {actions !== undefined && <div className={`${classes.actions ?? ""} no-print`}>{actions}</div>}
      </header>
      {children}
    </div>
  );
}

interface SectionProps {
  title?: string;
  aside?: ReactNode;
  /** With space around; tables need none. */
  padded?: boolean;
  children: ReactNode;
}

/** A part of a page on a surface of its own. */
export function Section({ title, aside, padded = false, children }: SectionProps) {
  return (
    <section className={classes.section} aria-label={title}>
      {title !== undefined && (
        <div className={classes.sectionHead}>
          <h2>{title}</h2>
          {aside}
        </div>
      )}
      {padded ? <div className={classes.body}>{children}</div> : children}
    </section>
  );
}

/** Names and values; what has no value is left out. */
export function Facts({ facts }: { facts: [string, ReactNode][] }) {
  return (
    <dl className={classes.facts}>
      {facts
        .filter(([, value]) => value !== undefined && value !== "" && value !== null)
        .map(([name, value]) => (
          <FactRow key={name} name={name} value={value} />
        ))}
    </dl>
  );
}

function FactRow({ name, value }: { name: string; value: ReactNode }) {
  return (
    <>
      <dt>{name}</dt>
      <dd>{value}</dd>
    </>
  );
}
