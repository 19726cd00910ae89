import { Select } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { shortDigest } from "@/components/name-parts";
import { useEnvironmentNames } from "@/data/coverage";
import { imagesQuery } from "@/data/images";
import { useRows } from "@/data/pages";
import { searchQuery } from "@/data/search";

/** What one side of a comparison can be. */
export type Choice = { kind: "image"; key: string } | { kind: "environment"; name: string } | { kind: "latest" };

interface PickerProps {
  label: string;
  value: Choice | undefined;
  /** What an image that is chosen is called, once that is known. */
  imageName: string | undefined;
  kinds: readonly Choice["kind"][];
  onChange: (choice: Choice) => void;
}

/** As many images as a list of choices holds before something is typed. */
const offered = 8;

const write = (c: Choice) => (c.kind === "image" ? `image ${c.key}` : c.kind === "environment" ? `environment ${c.name}` : "latest");

function read(value: string): Choice {
  const [kind = "", ...rest] = value.split(" ");
  const name = rest.join(" ");
  return kind === "image" ? { kind, key: name } : kind === "environment" ? { kind, name } : { kind: "latest" };
}

/** Chooses an environment, or an image by typing a part of its name. */
export function SidePicker({ label, value, imageName, kinds, onChange }: PickerProps) {
  const { t } = useTranslation();
  const [typed, setTyped] = useState("");
  const environments = useEnvironmentNames();
  // What stands in the field of a choice that is made is no question.
  const chosen = value === undefined ? "" : value.kind === "image" ? (imageName ?? value.key) : value.kind === "environment" ? value.name : t("compare.latest");
  const q = typed === chosen ? "" : typed.trim();
  const { data: hits } = useQuery(searchQuery(kinds.includes("image") ? q : ""));
  const { rows: newest } = useRows(imagesQuery({ sort: "newest" }));
  const found = q === "" ? newest?.slice(0, offered) : hits?.images;
  const fits = (name: string) => name.toLowerCase().includes(q.toLowerCase());

  const images = (found ?? []).filter((i) => i.state === "analysed").map((i) => ({ value: write({ kind: "image", key: i.digest }), label: i.name === "" ? shortDigest(i.digest) : i.name }));
  const current = value && { value: write(value), label: chosen };
  // What is chosen stands by itself, under one name: the field follows the name of its choice, and what
  // stands in the field is searched, so that two names of it would chase each other.
  const others = (items: { value: string; label: string }[]) => items.filter((i) => i.value !== current?.value);
  const groups = [
    { group: t("compare.group.chosen"), items: current ? [current] : [] },
    { group: t("compare.group.other"), items: kinds.includes("latest") && fits(t("compare.latest")) ? others([{ value: "latest", label: t("compare.latest") }]) : [] },
    { group: t("nav.environments"), items: kinds.includes("environment") ? others(environments.filter(fits).map((name) => ({ value: write({ kind: "environment", name }), label: name }))) : [] },
    { group: t("nav.images"), items: kinds.includes("image") ? others(images) : [] },
  ];
  return (
    <Select
      label={label}
      size="xs"
      searchable
      allowDeselect={false}
      placeholder={kinds.includes("image") ? t("compare.pick") : t("environment.choose")}
      nothingFoundMessage={t("compare.nothing")}
      data={groups.filter((g) => g.items.length > 0)}
      // The server searched, and environments are chosen from above.
      filter={({ options }) => options}
      value={current?.value ?? null}
      onSearchChange={setTyped}
      onChange={(to) => {
        if (to !== null) {
          onChange(read(to));
        }
      }}
    />
  );
}
