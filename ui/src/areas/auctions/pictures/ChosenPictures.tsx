import { useEffect, useRef } from "react";
import { PictureGrid } from "./PictureGrid";
import { moved, refusal } from "./order";

/** A file chosen for an auction that does not exist yet. */
export interface ChosenPicture {
  key: string;
  file: File;
  previewUrl: string;
}

let count = 0;

/** Pictures for a new auction: they are sent once it exists. */
export function ChosenPictures({ pictures, onChange }: { pictures: ChosenPicture[]; onChange: (pictures: ChosenPicture[]) => void }) {
  const shown = useRef<ChosenPicture[]>([]);
  useEffect(() => {
    shown.current = pictures;
  }, [pictures]);
  useEffect(() => () => shown.current.forEach(({ previewUrl }) => URL.revokeObjectURL(previewUrl)), []);
  const add = (files: File[]) => {
    const added = files.map((file) => ({ key: `chosen-${++count}`, file, previewUrl: URL.createObjectURL(file) }));
    onChange([...pictures, ...added]);
  };
  const remove = (key: string) => {
    const gone = pictures.find((picture) => picture.key === key);
    if (gone) URL.revokeObjectURL(gone.previewUrl);
    onChange(pictures.filter((picture) => picture.key !== key));
  };
  return (
    <PictureGrid
      tiles={pictures.map(({ key, file, previewUrl }) => ({ key, url: previewUrl, error: refusal(file), isPlaced: true }))}
      onAdd={add} onRemove={remove} onMove={(from, to) => onChange(moved(pictures, from, to))}
    />
  );
}
