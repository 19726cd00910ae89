import type { Image } from "@/data/images";
import { SeverityCounts } from "./severity";
import { ImageState, Incomplete } from "./status";

/** What was found in an image, or why that is not known. One without a state is analysed. */
export function ImageCounts({ image }: { image: Pick<Image, "summary" | "problemCount"> & Partial<Pick<Image, "state">> }) {
  if (image.state !== undefined && image.state !== "analysed") {
    return <ImageState state={image.state} />;
  }
  return (
    <>
      <SeverityCounts counts={image.summary} /> <Incomplete count={image.problemCount} />
    </>
  );
}
