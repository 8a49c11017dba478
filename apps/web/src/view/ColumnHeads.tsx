import { IconArrowDown, IconArrowUp } from '@tabler/icons-react';
import { useTranslation } from 'react-i18next';
import { sortOfColumn, type Column } from './columns.js';
import { pressed, sortText, type Sort } from './filter.js';
import styles from './ItemRows.module.css';

/** The names of the columns. A press sorts by one, another turns the order round. */
export function ColumnHeads({
  columns,
  template,
  sort,
  setSort,
}: {
  columns: readonly Column[];
  template: string;
  sort: Sort;
  setSort: (sort: string) => void;
}) {
  const { t } = useTranslation();
  return (
    <div role="rowgroup" className={styles.heads}>
      <div role="row" className={styles.headRow} style={{ gridTemplateColumns: template }}>
        <span role="columnheader">
          <span className={styles.hidden}>{t('view.selection')}</span>
        </span>
        {columns.map((column) => {
          const name = t(`view.columnNames.${column}`);
          const field = sortOfColumn[column];
          const sorted = field === sort.field;
          return (
            <span
              key={column}
              role="columnheader"
              className={styles[column]}
              aria-sort={sorted ? (sort.falling ? 'descending' : 'ascending') : undefined}
            >
              {column === 'type' ? (
                <span className={styles.hidden}>{name}</span>
              ) : field ? (
                <button
                  type="button"
                  className={styles.head}
                  data-sorted={sorted || undefined}
                  onClick={() => setSort(sortText(pressed(sort, field)))}
                >
                  <span>{name}</span>
                  {sorted &&
                    (sort.falling ? <IconArrowDown size={12} aria-hidden /> : <IconArrowUp size={12} aria-hidden />)}
                </button>
              ) : (
                <span className={styles.head}>{name}</span>
              )}
            </span>
          );
        })}
      </div>
    </div>
  );
}
