import { ActionIcon, Button, Text, Tooltip, VisuallyHidden } from "@mantine/core";
import { IconArrowLeft, IconArrowRight, IconPhotoOff, IconPhotoPlus, IconRefresh, IconTrash } from "@tabler/icons-react";
import { useEffect, useRef, useState } from "react";
import { useDragging } from "./dragging";
import { ACCEPTED, PICTURES_MAX } from "./order";
import classes from "./PictureGrid.module.css";

/** One picture, kept or on its way. */
export interface Tile {
  key: string;
  url: string;
  /** 0 to 1 while it is sent. */
  sent?: number | undefined;
  error?: string | undefined;
  /** Whether sending it again can help. */
  mayRetry?: boolean;
  /** Whether it has a place among the others that can be changed. */
  isPlaced: boolean;
}

export interface PictureGridProps {
  tiles: readonly Tile[];
  /** Whether nothing may be changed now. */
  isBusy?: boolean;
  onAdd: (files: File[]) => void;
  onMove: (from: number, to: number) => void;
  onRemove: (key: string) => void;
  onRetry?: ((key: string) => void) | undefined;
}

/** Pictures in their order: added by choosing, dropping or pasting; moved by buttons or by dragging. */
export function PictureGrid({ tiles, isBusy = false, onAdd, onMove, onRemove, onRetry }: PictureGridProps) {
  const area = useRef<HTMLDivElement>(null);
  const [said, setSaid] = useState("");
  const room = PICTURES_MAX - tiles.length;
  const placed = tiles.filter(({ isPlaced }) => isPlaced).length;
  const add = (files: FileList | null | undefined) => {
    const chosen = Array.from(files ?? []);
    if (chosen.length === 0) return;
    if (chosen.length > room) setSaid(`Only ${Math.max(0, room)} of ${chosen.length} fit: an auction has at most ${PICTURES_MAX} pictures.`);
    else setSaid("");
    if (room > 0) onAdd(chosen.slice(0, room));
  };
  const move = (from: number, to: number) => {
    onMove(from, to);
    setSaid(`Picture ${from + 1} is now number ${to + 1} of ${placed}.`);
  };
  usePaste(add);
  useDragging(area, { isEnabled: !isBusy, onFiles: add, onMove: move });
  return (
    <div ref={area} className={classes.field} data-testid="picture-grid">
      {tiles.length > 0 && (
        <ol className={classes.grid}>
          {tiles.map((tile, index) => (
            <li
              key={tile.key} className={classes.tile} draggable={tile.isPlaced && !isBusy}
              data-place={tile.isPlaced ? index : undefined}
            >
              <PictureTile
                tile={tile} index={index} last={placed - 1} isBusy={isBusy} onMove={move}
                onRemove={onRemove} onRetry={onRetry}
              />
            </li>
          ))}
        </ol>
      )}
      {room > 0 && <AddPictures isFirst={tiles.length === 0} room={room} onChoose={add} />}
      <Text size="sm" c="dimmed" role="status" className={said ? undefined : "visually-hidden"}>{said}</Text>
    </div>
  );
}

interface PictureTileProps {
  tile: Tile;
  index: number;
  last: number;
  isBusy: boolean;
  onMove: (from: number, to: number) => void;
  onRemove: (key: string) => void;
  onRetry: ((key: string) => void) | undefined;
}

function PictureTile({ tile, index, last, isBusy, onMove, onRemove, onRetry }: PictureTileProps) {
  const name = `picture ${index + 1}`;
  return (
    <>
      <div className={classes.frame} data-faded={!tile.isPlaced || undefined}>
        <Preview url={tile.url} alt={`Number ${index + 1}`} />
        {index === 0 && tile.isPlaced && <span className={classes.main}>Shown first</span>}
        {tile.sent !== undefined && tile.error === undefined && (
          <progress
            className={classes.progress} value={tile.sent >= 1 ? undefined : tile.sent}
            aria-label={tile.sent >= 1 ? `Preparing ${name}` : `Sending ${name}`}
          />
        )}
      </div>
      {tile.error !== undefined && <Text size="xs" c="var(--mantine-color-error)" role="alert" mt={4}>{tile.error}</Text>}
      <div className={classes.tools}>
        {tile.isPlaced && (
          <>
            <Tool label={`Move ${name} forward`} isDisabled={isBusy || index === 0} onClick={() => onMove(index, index - 1)}>
              <IconArrowLeft size={17} aria-hidden />
            </Tool>
            <Tool label={`Move ${name} back`} isDisabled={isBusy || index >= last} onClick={() => onMove(index, index + 1)}>
              <IconArrowRight size={17} aria-hidden />
            </Tool>
          </>
        )}
        {onRetry && <RetryTool tile={tile} name={name} onRetry={onRetry} />}
        <Tool label={`Remove ${name}`} isDisabled={isBusy && tile.isPlaced} onClick={() => onRemove(tile.key)}>
          <IconTrash size={17} aria-hidden />
        </Tool>
      </div>
    </>
  );
}

/** What can be shown of it; a file that the browser cannot read is still a file. */
function Preview({ url, alt }: { url: string; alt: string }) {
  const [broken, setBroken] = useState<string>();
  if (url === broken) return <IconPhotoOff size={32} stroke={1.3} role="img" aria-label={`${alt}, cannot be shown`} />;
  return <img src={url} alt={alt} draggable={false} onError={() => setBroken(url)} />;
}

function RetryTool({ tile, name, onRetry }: { tile: Tile; name: string; onRetry: (key: string) => void }) {
  if (tile.error === undefined || !tile.mayRetry) return null;
  return <Tool label={`Send ${name} again`} onClick={() => onRetry(tile.key)}><IconRefresh size={17} aria-hidden /></Tool>;
}

interface ToolProps {
  label: string;
  isDisabled?: boolean;
  onClick: () => void;
  children: React.ReactNode;
}

function Tool({ label, isDisabled = false, onClick, children }: ToolProps) {
  return (
    <Tooltip label={label} openDelay={500}>
      <ActionIcon
        variant="subtle" color="gray" size="lg" aria-label={label}
        // A disabled button would lose the focus of whoever moves a picture to an end by keyboard.
        aria-disabled={isDisabled} {...(isDisabled ? { "data-disabled": true } : { onClick })}
      >
        {children}
      </ActionIcon>
    </Tooltip>
  );
}

function AddPictures({ isFirst, room, onChoose }: { isFirst: boolean; room: number; onChoose: (files: FileList | null) => void }) {
  const input = useRef<HTMLInputElement>(null);
  return (
    <div className={classes.add}>
      <input
        ref={input} type="file" accept={ACCEPTED} multiple className="visually-hidden" tabIndex={-1} aria-label="Picture files"
        data-testid="picture-input"
        onChange={(event) => {
          onChoose(event.currentTarget.files);
          // The same file can be chosen again after it was removed.
          event.currentTarget.value = "";
        }}
      />
      <Button variant="light" leftSection={<IconPhotoPlus size={18} aria-hidden />} onClick={() => input.current?.click()}>
        {isFirst ? "Add pictures" : "Add more"}
      </Button>
      <Text size="sm" c="dimmed">
        {isFirst ? "Or drop or paste them here. JPEG, PNG, WebP or GIF, up to 12 MB each; place and camera data are removed." : `Room for ${room} more.`}
        <VisuallyHidden>{` An auction has at most ${PICTURES_MAX} pictures.`}</VisuallyHidden>
      </Text>
    </div>
  );
}

/** Pictures in the clipboard are added wherever the cursor is; text is left to the field that it is pasted into. */
function usePaste(add: (files: FileList | undefined) => void): void {
  const latest = useRef(add);
  useEffect(() => {
    latest.current = add;
  });
  useEffect(() => {
    const paste = (event: ClipboardEvent) => {
      if (!event.clipboardData || event.clipboardData.files.length === 0) return;
      event.preventDefault();
      latest.current(event.clipboardData.files);
    };
    document.addEventListener("paste", paste);
    return () => document.removeEventListener("paste", paste);
  }, []);
}
