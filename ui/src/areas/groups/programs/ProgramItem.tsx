import { ActionIcon, Anchor, Badge, Group as Line, Text, Tooltip } from "@mantine/core";
import { IconArrowDown, IconArrowUp, IconPencil, IconTrash } from "@tabler/icons-react";
import type { ReactNode } from "react";
import type { Program } from "../../../api/types";
import { lengthText } from "./programFields";
import classes from "./Programs.module.css";

export interface ProgramItemProps {
  program: Program;
  index: number;
  last: number;
  /** Whether the order is being changed. */
  isBusy: boolean;
  onMove: (from: number, to: number) => void;
  onEdit: () => void;
  onRemove: () => void;
}

/** One programme of the list, with what can be done to it. */
export function ProgramItem({ program, index, last, isBusy, onMove, onEdit, onRemove }: ProgramItemProps) {
  const { title, description, duration, tags, premium, program_url: url } = program;
  return (
    <li className={classes.program}>
      <span className={classes.place} aria-hidden>{index + 1}</span>
      <div className={classes.text}>
        <Line gap="xs">
          <Text fw={600} component="span"><bdi>{title}</bdi></Text>
          {duration !== null && <Text size="sm" c="dimmed" component="span" className="figures">{lengthText(duration)}</Text>}
          {premium && <Badge variant="light" color="brass">Premium</Badge>}
          {tags.map((tag) => <Badge key={tag} variant="default">{tag}</Badge>)}
        </Line>
        {description && <Text size="sm" c="dimmed" lineClamp={2}><bdi>{description}</bdi></Text>}
        {url && <Text size="sm" truncate><Anchor href={url} target="_blank" rel="noreferrer noopener" inherit>{url}</Anchor></Text>}
      </div>
      <div className={classes.tools}>
        <Tool label={`Move ${title} up`} isDisabled={isBusy || index === 0} onClick={() => onMove(index, index - 1)}><IconArrowUp size={18} aria-hidden /></Tool>
        <Tool label={`Move ${title} down`} isDisabled={isBusy || index >= last} onClick={() => onMove(index, index + 1)}><IconArrowDown size={18} aria-hidden /></Tool>
        <Tool label={`Edit ${title}`} onClick={onEdit}><IconPencil size={18} aria-hidden /></Tool>
        <Tool label={`Remove ${title}`} onClick={onRemove}><IconTrash size={18} aria-hidden /></Tool>
      </div>
    </li>
  );
}

function Tool({ label, isDisabled = false, onClick, children }: { label: string; isDisabled?: boolean; onClick: () => void; children: ReactNode }) {
  return (
    <Tooltip label={label} openDelay={500}>
      <ActionIcon
        color="gray" aria-label={label}
        // A disabled button would lose the focus of whoever moves a programme to an end by keyboard.
        aria-disabled={isDisabled} {...(isDisabled ? { "data-disabled": true } : { onClick })}
      >
        {children}
      </ActionIcon>
    </Tooltip>
  );
}
