/** An element with text or elements in it. Text is set as text: nothing in it is markup. */
export const element = <T extends keyof HTMLElementTagNameMap>(
  tag: T,
  properties: Partial<HTMLElementTagNameMap[T]> = {},
  ...children: readonly (Node | string)[]
): HTMLElementTagNameMap[T] => {
  const made = Object.assign(document.createElement(tag), properties);
  made.append(...children);
  return made;
};

/** An element that the page is known to have (html.ts). */
export const byId = <T extends Element>(id: string, type: new () => T): T => {
  const found = document.getElementById(id);
  if (found instanceof type) return found;
  throw new Error(`The page has no ${type.name} #${id}.`);
};

/** A button that shows an operation in the timeline (main.ts listens). */
export const showButton = (operation: number, text: string): HTMLButtonElement => {
  const button = element("button", { type: "button", className: "link" }, text);
  button.dataset.operation = String(operation);
  return button;
};
