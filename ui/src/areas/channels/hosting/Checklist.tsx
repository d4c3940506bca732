import { Text } from "@mantine/core";
import { IconCheck, IconExclamationMark, IconMinus } from "@tabler/icons-react";
import classes from "./Checklist.module.css";
import type { Step, StepState } from "./checklist";

const MARKS: Record<StepState, { Icon: typeof IconCheck; word: string }> = {
  done: { Icon: IconCheck, word: "Done" },
  open: { Icon: IconMinus, word: "To do" },
  problem: { Icon: IconExclamationMark, word: "Problem" },
};

/** Steps that tick themselves; what changes is read out. */
export function Checklist({ steps }: { steps: Step[] }) {
  return (
    <ol className={classes.steps} aria-live="polite" aria-label="What it takes to go live">
      {steps.map(({ key, title, state, text }) => {
        const { Icon, word } = MARKS[state];
        return (
          <li key={key} className={classes.step} data-state={state} data-testid={`step-${key}`}>
            <span className={classes.mark} role="img" aria-label={word}><Icon size={16} stroke={2.6} aria-hidden /></span>
            <div>
              <Text fw={600}>{title}</Text>
              <Text size="sm" c="dimmed">{text}</Text>
            </div>
          </li>
        );
      })}
    </ol>
  );
}
