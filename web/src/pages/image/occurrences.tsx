import { OccurrencesTable } from "@/components/occurrences";
import { Section } from "@/components/page";
import { imageOccurrencesQuery } from "@/data/images";
import { useRows } from "@/data/pages";

export function ImageOccurrences({ digest }: { digest: string }) {
  const list = useRows(imageOccurrencesQuery(digest));
  return (
    <Section>
      <OccurrencesTable list={list} of="image" />
    </Section>
  );
}
