/** How long nothing may happen before a page counts as complete, in milliseconds. */
const settling = 500;

/**
 * Calls `then` once nothing is under way for a while and the browser has nothing else to do, so that what is
 * fetched for later never stands in the way of what one waits for. Answers with how to call it off.
 */
export function whenQuiet(isBusy: () => boolean, then: () => void): () => void {
  let idle: number | undefined;
  let quiet = false;
  const timer = setInterval(() => {
    if (isBusy() || !quiet) {
      quiet = !isBusy();
      return;
    }
    clearInterval(timer);
    if ("requestIdleCallback" in window) {
      idle = requestIdleCallback(then);
    } else {
      then();
    }
  }, settling);
  return () => {
    clearInterval(timer);
    if (idle !== undefined) {
      cancelIdleCallback(idle);
    }
  };
}
