// A table whose rows the server pages and searches. Going back is a stack of cursors, since a cursor
// only leads on. The search stands in the address, so that a page can be sent to somebody.
import type { ComponentChildren } from "preact";
import { useEffect, useState } from "preact/hooks";
import { number, t } from "../i18n/words";
import { go, path, query } from "../router";
import { Trouble, Waiting } from "./basics";
import { useLoaded } from "./loaded";

export interface Column<Row> {
  name: string;
  cell: (row: Row) => ComponentChildren;
  kind?: "number" | "short";
}

interface Page<Row> {
  items: Row[];
  next?: string | null;
}

interface TableProps<Row> {
  label: string;
  columns: Column<Row>[];
  read: (query: { limit: number; cursor?: string | undefined; search?: string | undefined }) => Promise<Page<Row>>;
  key_of: (row: Row) => string | number;
  empty: string;
  // What is searched for; missing: there is no search.
  search?: string;
  // Counted up to read the rows again.
  version?: number;
  // Beside the search.
  filters?: ComponentChildren;
}

const kLimit = 25;

export function Table<Row>({ label, columns, read, key_of, empty, search, version = 0, filters }: TableProps<Row>) {
  const asked = query.value.get("search") ?? "";
  const [typed, set_typed] = useState(asked);
  // The cursors of the pages before this one.
  const [before, set_before] = useState<(string | undefined)[]>([]);
  const cursor = before.at(-1);
  const { value, error } = useLoaded(
    () => read({ limit: kLimit, cursor, search: asked || undefined }),
    [cursor, asked, version, path.value],
  );

  // The server is asked when the person stops typing.
  useEffect(() => {
    if (typed === asked) {
      return undefined;
    }
    const timer = setTimeout(() => {
      set_before([]);
      go(typed ? `${path.value}?search=${encodeURIComponent(typed)}` : path.value, { replace: true });
    }, 250);
    return () => clearTimeout(timer);
  }, [typed, asked]);

  const first = before.length * kLimit + 1;
  const rows = value?.items ?? [];
  return (
    <div class="stack">
      {(search || filters) && (
        <search class="row">
          {search && (
            <input
              class="search"
              type="search"
              aria-label={search}
              placeholder={search}
              value={typed}
              onInput={(event) => set_typed(event.currentTarget.value)}
            />
          )}
          {filters}
        </search>
      )}
      <Trouble error={error} />
      {!value && !error && <Waiting />}
      {value && (
        // biome-ignore lint/a11y/noNoninteractiveTabindex: a region that scrolls must take the keyboard
        <section class="table" aria-label={label} tabIndex={0}>
          {rows.length === 0 ? (
            <p class="empty">{asked ? t("table.nothing_found") : empty}</p>
          ) : (
            <table>
              <thead>
                <tr>
                  {columns.map((column) => (
                    <th key={column.name} scope="col" class={column.kind ?? ""}>
                      {column.name}
                    </th>
                  ))}
                </tr>
              </thead>
              <tbody>
                {rows.map((row) => (
                  <tr key={key_of(row)}>
                    {columns.map((column, place) => (
                      <td key={column.name} data-name={column.name} class={`${column.kind ?? ""} ${place === 0 ? "first" : ""}`}>
                        <span>{column.cell(row)}</span>
                      </td>
                    ))}
                  </tr>
                ))}
              </tbody>
            </table>
          )}
        </section>
      )}
      <div class="row apart">
        <p class="soft small" aria-live="polite">
          {rows.length > 0 && t("table.rows", { from: number(first), to: number(first + rows.length - 1) })}
        </p>
        {(before.length > 0 || value?.next) && (
          <nav class="row" aria-label={t("table.pages")}>
            <button type="button" class="small" disabled={before.length === 0} onClick={() => set_before(before.slice(0, -1))}>
              {t("table.newer")}
            </button>
            <button type="button" class="small" disabled={!value?.next} onClick={() => set_before([...before, value?.next ?? undefined])}>
              {t("table.older")}
            </button>
          </nav>
        )}
      </div>
    </div>
  );
}
