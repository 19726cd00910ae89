import { IconX } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { useNavigate, useSearch } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";
import { Toggle } from "@/components/filters";
import { imageQuery } from "@/data/images";
import { numberOf } from "./layers";

/** The layer that what is shown lies in, if one was chosen; pressing it ends that. */
export function LayerFilter({ digest }: { digest: string }) {
  const { t } = useTranslation();
  const { layer } = useSearch({ from: "/app/images/$digest" });
  const navigate = useNavigate({ from: "/images/$digest" });
  const { data } = useQuery(imageQuery(digest));
  if (layer === undefined) {
    return null;
  }
  const number = numberOf(data?.layers, layer);
  return (
    <Toggle pressed onChange={() => void navigate({ search: (s) => ({ ...s, layer: undefined }), replace: true })}>
      {number === undefined ? t("layer.only") : t("layer.onlyOf", { n: number })}
      <IconX size={13} aria-hidden />
    </Toggle>
  );
}
