import { DATASOURCE, type Dashboard, GRID_COLUMNS, type GridPosition } from "./panels";
import { unknownSeries } from "../known-series";

const overlap = (a: GridPosition, b: GridPosition): boolean =>
  a.x < b.x + b.w && b.x < a.x + a.w && a.y < b.y + b.h && b.y < a.y + a.h;

/** Everything that is wrong with a dashboard, in words; knows nothing of how it was made. */
export function dashboardFaults({ uid, title, panels, templating }: Dashboard): string[] {
  const variables = new Set(templating.list.map(({ name }) => name));
  const repeated = panels.filter(({ id }, i) => panels.findIndex((other) => other.id === id) < i);
  const used = (text: string) => [...text.matchAll(/\$\{?([a-z]\w*)/g)].map(([, name = ""]) => name);
  return [
    ...(/^[a-zA-Z0-9_-]{1,40}$/.test(uid) ? [] : [`uid "${uid}" is not 1 to 40 letters, digits, - and _`]),
    ...(title.trim() === "" ? ["no title"] : []),
    ...(templating.list.some(({ name, type }) => name === DATASOURCE && type === "datasource")
      ? []
      : [`no variable ${DATASOURCE}`]),
    ...repeated.map(({ id }) => `two panels have the id ${id}`),
    ...panels.flatMap(({ title: name, gridPos: { x, w, h } }) =>
      x < 0 || w < 1 || h < 1 || x + w > GRID_COLUMNS ? [`${name} lies outside the grid`] : [],
    ),
    ...panels.flatMap((one, i) =>
      panels
        .slice(i + 1)
        .flatMap((two) => (overlap(one.gridPos, two.gridPos) ? [`${one.title} lies over ${two.title}`] : [])),
    ),
    ...panels.flatMap(({ title: name, description, targets, datasource }) => [
      ...(targets.length === 0 ? [`${name} asks nothing`] : []),
      ...(description.trim() === "" ? [`${name} does not say what it shows`] : []),
      ...[datasource.uid, ...targets.map(({ expr }) => expr)]
        .flatMap(used)
        .filter((variable) => !variables.has(variable))
        .map((variable) => `${name} reads the variable ${variable}, which is not there`),
      ...unknownSeries(targets.map(({ expr }) => expr)).map(
        (series) => `${name} reads ${series}, which nobody exports`,
      ),
    ]),
  ];
}
