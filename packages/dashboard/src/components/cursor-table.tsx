/** A list in pages, as a table; under 800 px the same rows are cards. */
import { Button, Checkbox, Group, Table, Text } from "@mantine/core";
import { IconChevronLeft, IconChevronRight } from "@tabler/icons-react";
import {
  type ColumnDef,
  createColumnHelper,
  type RowData,
  type SortDirection,
  tableFeatures,
  useTable,
} from "@tanstack/react-table";
import type { ReactNode } from "react";
import classes from "./cursor-table.module.css";
import { LoadingRows } from "./loading.tsx";

const features = tableFeatures({});
export type Columns<T extends RowData> = readonly ColumnDef<typeof features, T>[];

/**
 * A helper for a table's columns: `const column = columnsOf<Row>(); column.accessor("name", { header: "Name" })`,
 * `column.display({ id: "tags", header: "Tags", cell: ({ row }) => ... })`. Make them outside of the component.
 */
export const columnsOf = <T extends RowData>() => createColumnHelper<typeof features, T>();

export interface Selection {
  readonly ids: ReadonlySet<string>;
  readonly onChange: (ids: ReadonlySet<string>) => void;
  /** For the boxes' names: "Select ana@shop.io". */
  readonly nameOf: (id: string) => string;
}

export interface Sorting {
  /** As it stands in the address: "created" or "-created". */
  readonly value: string;
  /** Ids of columns that can be sorted by. */
  readonly columns: readonly string[];
  readonly onChange: (value: string) => void;
}

export interface Paging {
  readonly onPrevious?: (() => void) | undefined;
  readonly onNext?: (() => void) | undefined;
  /** "51 to 100 of about 1.2 M". */
  readonly summary?: ReactNode;
}

export interface CursorTableProps<T extends RowData> {
  /** For who cannot see it: "Identities". */
  readonly label: string;
  readonly columns: Columns<T>;
  /** undefined = on their way. */
  readonly rows: readonly T[] | undefined;
  readonly rowId: (row: T) => string;
  readonly empty: ReactNode;
  readonly selection?: Selection;
  readonly sorting?: Sorting;
  readonly paging?: Paging;
  /** The rows shown are an older page's while the next is on its way. */
  readonly isStale?: boolean;
}

const NO_ROWS: readonly never[] = [];

/** Where "-created" points. */
export function directionOf(sort: string, column: string): SortDirection | undefined {
  if (sort === column) return "asc";
  return sort === `-${column}` ? "desc" : undefined;
}

/** A click on a header: upwards, then downwards. */
export const nextSort = (sort: string, column: string): string => (sort === column ? `-${column}` : column);

export function CursorTable<T extends RowData>(props: CursorTableProps<T>) {
  const { label, columns, rows, rowId, empty, paging, isStale = false } = props;
  const table = useTable({
    features,
    columns: columns as ColumnDef<typeof features, T>[],
    data: rows ?? NO_ROWS,
    getRowId: rowId,
  });
  if (rows === undefined) return <LoadingRows label={`Loading ${label}`} />;
  if (rows.length === 0 && !paging?.onPrevious && !paging?.onNext) return empty;
  return (
    <>
      <div className={classes["frame"]} data-is-stale={isStale} aria-busy={isStale}>
        <Table aria-label={label} className={classes["table"] ?? ""} verticalSpacing={8} horizontalSpacing="md">
          <Table.Thead>
            {table.getHeaderGroups().map((group) => (
              <Table.Tr key={group.id}>
                {props.selection && <SelectAll selection={props.selection} ids={rows.map(rowId)} />}
                {group.headers.map((header) => (
                  <HeaderCell key={header.id} id={header.column.id} sorting={props.sorting}>
                    {header.isPlaceholder ? null : <table.FlexRender header={header} />}
                  </HeaderCell>
                ))}
              </Table.Tr>
            ))}
          </Table.Thead>
          <Table.Tbody>
            {table.getRowModel().rows.map((row) => (
              <Table.Tr key={row.id} data-is-selected={props.selection?.ids.has(row.id)}>
                {props.selection && <SelectOne selection={props.selection} id={row.id} />}
                {row.getAllCells().map((cell, index) => {
                  const { header } = cell.column.columnDef;
                  // On a card, the first says what the card is.
                  const place =
                    index === 0
                      ? { className: classes["title"] ?? "" }
                      : { "data-label": typeof header === "string" ? header : "" };
                  return (
                    <Table.Td key={cell.id} {...place}>
                      <div className={classes["cell"]}>
                        <table.FlexRender cell={cell} />
                      </div>
                    </Table.Td>
                  );
                })}
              </Table.Tr>
            ))}
          </Table.Tbody>
        </Table>
      </div>
      {paging && <Pager {...paging} />}
    </>
  );
}

function HeaderCell({ id, sorting, children }: { id: string; sorting: Sorting | undefined; children: ReactNode }) {
  if (!sorting?.columns.includes(id)) return <Table.Th scope="col">{children}</Table.Th>;
  const direction = directionOf(sorting.value, id);
  const inWords = direction && (direction === "asc" ? "ascending" : "descending");
  return (
    <Table.Th scope="col" {...(inWords && { "aria-sort": inWords })}>
      <button type="button" className={classes["sort"]} onClick={() => sorting.onChange(nextSort(sorting.value, id))}>
        {children}
        <span aria-hidden>{direction === undefined ? "↕" : direction === "asc" ? "↑" : "↓"}</span>
      </button>
    </Table.Th>
  );
}

function SelectAll({ selection, ids }: { selection: Selection; ids: readonly string[] }) {
  const count = ids.filter((id) => selection.ids.has(id)).length;
  const rest = [...selection.ids].filter((id) => !ids.includes(id));
  return (
    <Table.Th w={44} scope="col">
      <Checkbox
        aria-label="Select all on this page"
        checked={count > 0 && count === ids.length}
        indeterminate={count > 0 && count < ids.length}
        onChange={() => selection.onChange(new Set(count === ids.length ? rest : [...rest, ...ids]))}
      />
    </Table.Th>
  );
}

function SelectOne({ selection, id }: { selection: Selection; id: string }) {
  const isSelected = selection.ids.has(id);
  const toggled = isSelected ? [...selection.ids].filter((each) => each !== id) : [...selection.ids, id];
  return (
    <Table.Td className={classes["select"] ?? ""}>
      <Checkbox
        aria-label={`Select ${selection.nameOf(id)}`}
        checked={isSelected}
        onChange={() => selection.onChange(new Set(toggled))}
      />
    </Table.Td>
  );
}

function Pager({ onPrevious, onNext, summary }: Paging) {
  if (!onPrevious && !onNext && summary === undefined) return null;
  return (
    <Group justify="space-between" mt="sm" component="nav" aria-label="Pages">
      <Text size="sm" c="dimmed" component="div">
        {summary}
      </Text>
      {(onPrevious || onNext) && (
        <Group gap="sm">
          <Button
            variant="default"
            size="xs"
            disabled={!onPrevious}
            {...(onPrevious && { onClick: onPrevious })}
            leftSection={<IconChevronLeft size={14} />}
          >
            Previous
          </Button>
          <Button
            variant="default"
            size="xs"
            disabled={!onNext}
            {...(onNext && { onClick: onNext })}
            rightSection={<IconChevronRight size={14} />}
          >
            Next
          </Button>
        </Group>
      )}
    </Group>
  );
}
