import { VisuallyHidden } from "@mantine/core";
import { useEffect, useState } from "react";
import { useTranslation } from "react-i18next";
import { serverNow } from "@/data/clock";
import { useFormat } from "@/i18n/format";

/** The whole seconds until a moment of {@link serverNow}; 0 once it is over. */
export function useSecondsUntil(until: number): number {
  const [now, setNow] = useState(serverNow);
  const left = Math.max(0, Math.ceil((until - now) / 1000));
  const over = left === 0;
  useEffect(() => {
    if (over) {
      return;
    }
    const timer = setInterval(() => {
      setNow(serverNow());
    }, 250);
    return () => {
      clearInterval(timer);
    };
  }, [over, until]);
  return left;
}

interface CountdownProps {
  until: number;
  /** What is waited for, around the time that is left. */
  says: (time: string) => string;
  /** What holds once the time is over. */
  over: string;
}

/** Counts down. Who hears the page is told at the beginning and at the end, and not of each second. */
export function Countdown({ until, says, over }: CountdownProps) {
  const { i18n } = useTranslation();
  const format = useFormat();
  const left = useSecondsUntil(until);
  const [first] = useState(left);
  if (left === 0) {
    return <span role="status">{over}</span>;
  }
  return (
    <>
      <span aria-hidden data-countdown lang={i18n.language}>
        {says(format.clock(left))}
      </span>
      <VisuallyHidden role="status">{says(format.wait(first))}</VisuallyHidden>
    </>
  );
}
