import { IconPackage } from "@tabler/icons-react";
import { Link } from "@tanstack/react-router";
import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import type { ExportAddress } from "@/data/export";
import type { InUse } from "@/data/images";
import type { Rows } from "@/data/pages";
import type { Holder } from "@/data/vulnerabilities";
import { useFormat } from "@/i18n/format";
import { EnvironmentNames, environmentsWidth } from "./environment-names";
import { ImageName } from "./image-name";
import { InUseState, type Place } from "./in-use";
import { List } from "./list";
import { Locations } from "./locations";
import { useOpenRows } from "./open-rows";
import { State } from "./state";
import type { Column } from "./table";
import { WhyButton, WhyOf, whyWidth } from "./why";

interface HoldersProps {
  title: string;
  aside?: ReactNode;
  list: Rows<Holder>;
  /** Take in-use data from this environment only. */
  environment: string | undefined;
  /** What all images are asked for: with a package the version, the licence and the place tell more than its name. */
  of: "vulnerability" | "package";
  /** Of this one each row can be asked why its image has it. */
  vulnerability?: string;
  empty: string;
  exports: ExportAddress;
}

/** What run time says in each environment an image runs in: loaded anywhere in it counts. */
function placesOf(holder: Holder): Place[] {
  return holder.environments.map((environment) => ({ environment, state: bestUse(holder, environment) }));
}

/** The best known use of an image's packages: loaded anywhere counts, then that they were looked for. */
function bestUse(holder: Holder, environment: string | undefined): InUse {
  const seen = holder.holds.flatMap((h) => (environment === undefined ? Object.values(h.inUse) : [h.inUse[environment]]));
  return seen.includes("in-use") ? "in-use" : seen.includes("not-seen") ? "not-seen" : "not-observed";
}

/** The images that have a vulnerability or a package, and whether it is in use there. */
export function Holders({ title, aside, list, environment, of, vulnerability, empty, exports }: HoldersProps) {
  const { t } = useTranslation();
  const format = useFormat();
  const { isOpen, toggle } = useOpenRows();
  const names = (h: Holder) => h.holds.map(({ package: p }) => (of === "package" ? p.version : `${p.name} ${p.version}`));
  const licences = (h: Holder) => format.list([...new Set(h.holds.flatMap((p) => p.licences))]);
  const columns: Column<Holder>[] = [
    {
      id: "image",
      header: t("image.name"),
      cell: (h) => (
        <Link to="/images/$digest" params={{ digest: h.digest }} data-row>
          <ImageName name={h.name} digest={h.digest} />
        </Link>
      ),
    },
    {
      id: "package",
      header: t(of === "package" ? "package.version" : "vulnerability.package"),
      width: of === "package" ? "clamp(7rem, 18cqi, 18rem)" : "clamp(10rem, 26cqi, 26rem)",
      wrap: true,
      priority: 2,
      cell: (h) => <span title={names(h).join("\n")}>{format.list(names(h))}</span>,
    },
    { id: "licences", header: t("package.licences"), width: "clamp(6rem, 12cqi, 12rem)", priority: 3, cell: (h) => <span title={licences(h)}>{licences(h)}</span> },
    { id: "location", header: t("package.location"), width: "clamp(8rem, 22cqi, 22rem)", priority: 2, cell: (h) => <Locations of={h.holds.flatMap((p) => p.locations)} /> },
    {
      id: "use",
      header: t("inUse.title"),
      width: "9rem",
      cell: (h) => (h.environments.length === 0 ? <span className="muted">{t("image.runsNowhere")}</span> : <InUseState state={bestUse(h, environment)} places={placesOf(h)} />),
    },
    { id: "environments", header: t("image.runsIn"), width: environmentsWidth, priority: 2, cell: (h) => h.environments.length > 0 && <EnvironmentNames names={h.environments} linked /> },
    ...(vulnerability === undefined
      ? []
      : [
          {
            id: "why",
            header: t("why.ask"),
            headless: true,
            width: whyWidth,
            end: true,
            cell: (h: Holder) => (
              <WhyButton
                label={t("why.askOfImage", { image: h.name, id: vulnerability })}
                open={isOpen(h.digest)}
                onClick={() => {
                  toggle(h.digest);
                }}
              />
            ),
          },
        ]),
  ];
  return (
    <List
      title={title}
      aside={aside}
      label={title}
      columns={of === "package" ? columns : columns.filter((c) => c.id !== "licences" && c.id !== "location")}
      list={list}
      rows={list.rows}
      keyOf={(h) => h.digest}
      skeleton={3}
      detail={(h) => (vulnerability !== undefined && isOpen(h.digest) ? <WhyOf digest={h.digest} vulnerability={vulnerability} environment={environment} /> : null)}
      exports={exports}
      empty={<State icon={<IconPackage size={28} stroke={1.5} aria-hidden />} title={empty} />}
    />
  );
}
