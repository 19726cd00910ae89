/** Whether every word of the query is in the text, in any order and case. */
export function matches(text: string, query: string): boolean {
  const folded = text.toLowerCase();
  return query
    .toLowerCase()
    .split(/\s+/)
    .every((word) => folded.includes(word));
}

/** The digest a query is, if it is one: the API takes any from twelve digits on. */
export function digestIn(query: string): string | undefined {
  return /^(?:sha256:)?[0-9a-f]{12,64}$/.test(query) ? query : undefined;
}
