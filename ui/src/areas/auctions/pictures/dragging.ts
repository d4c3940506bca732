import { type RefObject, useEffect, useRef } from "react";

export interface Dragging {
  /** Whether pictures may be moved now. */
  isEnabled: boolean;
  /** Files of the computer were dropped. */
  onFiles: (files: FileList) => void;
  /** A picture was dropped on another one's place. */
  onMove: (from: number, to: number) => void;
}

/**
 * Dragging by mouse, beside the buttons that do the same by keyboard: files onto `area`, and among its elements with a
 * `data-place` from one place to another. While something is over the area it carries `data-over`.
 */
export function useDragging(area: RefObject<HTMLElement | null>, dragging: Dragging): void {
  const latest = useRef(dragging);
  useEffect(() => {
    latest.current = dragging;
  });
  useEffect(() => {
    const element = area.current;
    if (!element) return;
    const listening = new AbortController();
    const on = (kind: "dragstart" | "dragover" | "dragleave" | "dragend" | "drop", listener: (event: DragEvent) => void) =>
      element.addEventListener(kind, listener, { signal: listening.signal });
    let from: number | undefined;
    on("dragstart", (event) => {
      from = latest.current.isEnabled ? placeOf(event) : undefined;
      if (from === undefined) event.preventDefault();
      // Some browsers drag nothing that carries nothing.
      else event.dataTransfer?.setData("text/plain", String(from + 1));
    });
    on("dragover", (event) => {
      const isFiles = from === undefined && event.dataTransfer?.types.includes("Files") === true;
      if (isFiles || (from !== undefined && placeOf(event) !== undefined)) event.preventDefault();
      element.toggleAttribute("data-over", isFiles);
    });
    on("dragleave", () => element.removeAttribute("data-over"));
    on("dragend", () => (from = undefined));
    on("drop", (event) => {
      element.removeAttribute("data-over");
      const to = placeOf(event);
      const files = event.dataTransfer?.files;
      if (from !== undefined && to !== undefined) {
        event.preventDefault();
        if (from !== to) latest.current.onMove(from, to);
      } else if (files && files.length > 0) {
        event.preventDefault();
        latest.current.onFiles(files);
      }
      from = undefined;
    });
    return () => listening.abort();
  }, [area]);
}

function placeOf({ target }: DragEvent): number | undefined {
  const tile = target instanceof Element ? target.closest<HTMLElement>("[data-place]") : null;
  return tile?.dataset["place"] === undefined ? undefined : Number(tile.dataset["place"]);
}
