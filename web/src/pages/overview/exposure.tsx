import { useQuery } from "@tanstack/react-query";
import { exposureQuery } from "@/data/exposure";
import { Figures } from "@/pages/environment/exposure/figures";
import { Trend } from "@/pages/environment/exposure/trend-chart";

/** How long the environment that is chosen has been exposed to what, over a month; its own page has the rest. */
export function Exposure({ name }: { name: string }) {
  const { data: report } = useQuery(exposureQuery(name, 30));
  return (
    <>
      <Figures report={report} />
      {report && <Trend report={report} chosen={[]} />}
    </>
  );
}
