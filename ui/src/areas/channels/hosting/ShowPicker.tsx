import { Button, Group, Select, Skeleton, TextInput } from "@mantine/core";
import { useState } from "react";
import { FormError } from "../../accounts/FormError";
import { useCreateShow, useShows } from "./queries";

/** Chooses one of the host's shows, or makes a new one. */
export function ShowPicker({ value, onChange }: { value: string | null; onChange: (showId: string | null) => void }) {
  const shows = useShows();
  const [isNew, setIsNew] = useState(false);
  if (shows.isPending) return <Skeleton h={60} role="status" aria-label="Loading your shows" />;
  const known = shows.data ?? [];
  if (isNew || (shows.data && known.length === 0)) {
    return (
      <NewShow
        canCancel={known.length > 0} onCancel={() => setIsNew(false)}
        onCreated={(id) => {
          setIsNew(false);
          onChange(id);
        }}
      />
    );
  }
  return (
    <>
      <FormError error={shows.error} />
      <Group align="end" gap="sm">
        <Select
          label="Show" placeholder="Choose a show" data={known.map(({ id, title }) => ({ value: id, label: title }))} value={value}
          onChange={onChange} style={{ flex: "1 1 14rem" }} searchable nothingFoundMessage="No such show"
        />
        <Button variant="default" onClick={() => setIsNew(true)}>New show</Button>
      </Group>
    </>
  );
}

function NewShow({ canCancel, onCancel, onCreated }: { canCancel: boolean; onCancel: () => void; onCreated: (id: string) => void }) {
  const create = useCreateShow();
  const [title, setTitle] = useState("");
  return (
    <form
      noValidate
      onSubmit={(event) => {
        event.preventDefault();
        if (title.trim()) create.mutate({ title: title.trim() }, { onSuccess: ({ id }) => onCreated(id) });
      }}
    >
      <FormError error={create.error} />
      <Group align="end" gap="sm">
        <TextInput
          label="Title of your show" required maxLength={200} value={title} style={{ flex: "1 1 14rem" }}
          onChange={(event) => setTitle(event.currentTarget.value)}
        />
        <Button type="submit" variant="light" disabled={!title.trim()} loading={create.isPending}>Create show</Button>
        {canCancel && <Button variant="subtle" onClick={onCancel}>Cancel</Button>}
      </Group>
    </form>
  );
}
