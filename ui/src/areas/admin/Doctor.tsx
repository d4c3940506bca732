import { Button, Text } from "@mantine/core";
import { IconAlertTriangleFilled, IconCircleCheck, IconRefresh, IconSquareXFilled } from "@tabler/icons-react";
import { CopyField } from "../../shell/CopyField";
import { dateTime } from "../../shell/format";
import { AdminFrame } from "./AdminFrame";
import classes from "./Doctor.module.css";
import { byTrouble, verdict } from "./findings";
import { type Check, useExamination } from "./reports";

// Three shapes and three words: the colour only repeats them.
const STATUS = {
  ok: { Icon: IconCircleCheck, word: "OK" },
  warn: { Icon: IconAlertTriangleFilled, word: "Warning" },
  fail: { Icon: IconSquareXFilled, word: "Fails" },
};

/** Whether every part of the installation works, and what to do where one does not. */
export function Doctor() {
  const { data, error, isPending, isFetching, refetch } = useExamination();
  return (
    <AdminFrame
      title="Doctor"
      about="Looks at database, video provider, files, mail, jobs and channels, and says how to mend what is wrong. Looking changes nothing."
      action={
        <Button variant="default" leftSection={<IconRefresh size={18} />} loading={isFetching} onClick={() => void refetch()}>
          Check again
        </Button>
      }
      error={error}
      isPending={isPending}
    >
      {data && (
        <>
          <div>
            <Text fw={600} role="status" data-testid="verdict">{verdict(data.checks)}</Text>
            <Text size="sm" c="dimmed">Looked at <time dateTime={data.checkedAt}>{dateTime(data.checkedAt)}</time>.</Text>
          </div>
          <ul className={classes.checks} aria-label="Checks">
            {byTrouble(data.checks).map((check) => <CheckItem key={check.name} check={check} />)}
          </ul>
        </>
      )}
    </AdminFrame>
  );
}

function CheckItem({ check: { name, status, detail, fix } }: { check: Check }) {
  const { Icon, word } = STATUS[status];
  return (
    <li className={classes.check} data-status={status}>
      <Icon size={22} aria-hidden />
      <div className={classes.text}>
        <Text fw={600}>{name}</Text>
        <Text size="sm" c="dimmed">{detail}</Text>
      </div>
      <span className={classes.word}>{word}</span>
      {fix && status !== "ok" && <div className={classes.fix}><CopyField label={`What to do: ${name}`} value={fix} isMultiline /></div>}
    </li>
  );
}
