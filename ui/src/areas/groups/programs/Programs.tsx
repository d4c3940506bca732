import { Alert, Button, Group as Line, Paper, Skeleton, Stack, Text, Title } from "@mantine/core";
import { IconAlertCircle, IconPlus } from "@tabler/icons-react";
import { useState } from "react";
import { sentence } from "../../../api/error";
import type { Group, Program } from "../../../api/types";
import { Dialog } from "../../../shell/Dialog";
import { moved } from "../../auctions/pictures/order";
import { ProgramForm } from "./ProgramForm";
import { ProgramItem } from "./ProgramItem";
import classes from "./Programs.module.css";
import { useOrderPrograms, usePrograms } from "./queries";
import { RemoveProgram } from "./RemoveProgram";

/** What the group shows, in its order. */
export function Programs({ group }: { group: Group }) {
  const list = usePrograms(group);
  const order = useOrderPrograms(group);
  const [edited, setEdited] = useState<Program | "new">();
  const [removed, setRemoved] = useState<Program>();
  const [said, setSaid] = useState("");
  const known = list.data?.programs ?? [];
  // While the server is asked, they stand where they were put.
  const asked = order.isPending ? order.variables : undefined;
  const programs = asked ? [...known].sort((a, b) => asked.indexOf(a.programId) - asked.indexOf(b.programId)) : known;
  const move = (from: number, to: number) => {
    order.mutate(moved(programs.map(({ programId }) => programId), from, to));
    setSaid(`Programme ${from + 1} is now number ${to + 1} of ${programs.length}.`);
  };
  return (
    <Paper withBorder p={{ base: "md", sm: "xl" }} component="section" aria-labelledby="programmes">
      <Stack gap="md">
        <Line justify="space-between" gap="sm">
          <Title order={2} id="programmes">Programmes</Title>
          <Button variant="light" leftSection={<IconPlus size={18} aria-hidden />} onClick={() => setEdited("new")}>Add a programme</Button>
        </Line>
        {[list.error, order.error].map((error) => error && (
          <Alert key={error.message} role="alert" color="live" icon={<IconAlertCircle />} title={sentence(error)} />
        ))}
        {list.isPending && <Skeleton h={90} radius="md" aria-label="Loading" role="status" />}
        {list.data && programs.length === 0 && (
          <Text c="dimmed">No programmes yet. Each is something to be shown: a title, how long it runs, where it is kept.</Text>
        )}
        {programs.length > 0 && (
          <ol className={classes.list} aria-label="Programmes" data-testid="programs">
            {programs.map((program, index) => (
              <ProgramItem
                key={program.programId} program={program} index={index} last={programs.length - 1} isBusy={order.isPending} onMove={move}
                onEdit={() => setEdited(program)} onRemove={() => setRemoved(program)}
              />
            ))}
          </ol>
        )}
        <span className="visually-hidden" role="status">{said}</span>
      </Stack>
      <Dialog
        title={edited === "new" ? "Add a programme" : "Edit the programme"} isOpen={edited !== undefined} onClose={() => setEdited(undefined)}
      >
        {edited !== undefined && (
          <ProgramForm group={group} program={edited === "new" ? undefined : edited} onClose={() => setEdited(undefined)} />
        )}
      </Dialog>
      <RemoveProgram group={group} program={removed} onDone={() => setRemoved(undefined)} />
    </Paper>
  );
}
