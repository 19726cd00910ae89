import { Occurrences } from "@/components/occurrences";
import { exportOf } from "@/data/export";
import { imageOccurrencesQuery } from "@/data/images";
import { useRows } from "@/data/pages";

export function ImageOccurrences({ digest }: { digest: string }) {
  const list = useRows(imageOccurrencesQuery(digest));
  return <Occurrences list={list} of="image" exports={exportOf("/api/v1/export/images/{digest}/occurrences", { path: { digest } })} />;
}
