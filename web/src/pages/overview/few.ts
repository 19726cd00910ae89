/** How many rows of each list the first page shows. */
export const few = 6;
