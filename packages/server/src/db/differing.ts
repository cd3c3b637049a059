/** For updates that say what a row should hold: leaves what it holds already, so that a change of nothing is none. */

/** The columns of `wanted` that `row` has otherwise. Left-out columns (undefined) stay as they are. */
export function differing<Row extends object>(
  row: Row,
  wanted: { readonly [Column in keyof Row]?: Row[Column] | undefined },
): Partial<Row> {
  const changed: Partial<Row> = {};
  for (const column of Object.keys(wanted) as (keyof Row)[]) {
    const value = wanted[column];
    if (value !== undefined && value !== row[column]) changed[column] = value;
  }
  return changed;
}

export const isEmpty = (columns: object): boolean => Object.keys(columns).length === 0;

/** As the tables hold yes and no; undefined stays undefined. */
export function flag(value: boolean): number;
export function flag(value: boolean | undefined): number | undefined;
export function flag(value: boolean | undefined): number | undefined {
  return value === undefined ? undefined : value ? 1 : 0;
}
