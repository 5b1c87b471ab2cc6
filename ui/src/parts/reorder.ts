/** Moving a row by its handle, with mouse, pen or finger. Rows are of equal height and children of one element. */

/** Starts a move when the handle is pressed; `done` gets the index the row was let go at. */
export function dragRow(event: PointerEvent, from: number, done: (to: number) => void): void {
  const handle = event.currentTarget as HTMLElement;
  const row = handle.closest<HTMLElement>("[data-place]");
  const parent = row?.parentElement;
  if (!row || !parent || event.button !== 0) return;
  event.preventDefault();
  handle.setPointerCapture(event.pointerId);
  const rows = [...parent.querySelectorAll<HTMLElement>(":scope > [data-place]")];
  const height = row.offsetHeight;
  const here = rows.indexOf(row);
  const startY = event.clientY;
  let to = here;
  row.style.zIndex = "2";
  row.style.position = "relative";
  const moved = (now: PointerEvent) => {
    const by = now.clientY - startY;
    to = Math.min(rows.length - 1, Math.max(0, here + Math.round(by / height)));
    rows.forEach((other, index) => {
      const shift = index === here ? by : index > here && index <= to ? -height : index < here && index >= to ? height : 0;
      other.style.transform = shift ? `translateY(${shift}px)` : "";
      other.style.transition = index === here ? "none" : "transform 120ms";
    });
  };
  const ended = (finish: PointerEvent) => {
    handle.removeEventListener("pointermove", moved);
    handle.removeEventListener("pointerup", ended);
    handle.removeEventListener("pointercancel", ended);
    for (const other of rows) other.style.transform = other.style.transition = other.style.zIndex = other.style.position = "";
    if (finish.type === "pointerup" && to !== here) done(from + to - here);
  };
  handle.addEventListener("pointermove", moved);
  handle.addEventListener("pointerup", ended);
  handle.addEventListener("pointercancel", ended);
}
