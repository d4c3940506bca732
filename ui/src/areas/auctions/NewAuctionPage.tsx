import {
  Alert, Autocomplete, Button, Group, NumberInput, Paper, SegmentedControl, Select, SimpleGrid, Stack, Text, Textarea, TextInput,
} from "@mantine/core";
import { useForm } from "@mantine/form";
import { IconAlertCircle } from "@tabler/icons-react";
import { useState } from "react";
import { useNavigate } from "react-router";
import { sentence } from "../../api/error";
import { ApiEcho } from "../../shell/ApiEcho";
import { focusFirst, showErrors } from "../../shell/forms";
import { duration } from "../../shell/format";
import { Page } from "../../shell/Page";
import { useSession } from "../accounts/useSession";
import { CATEGORIES, CONDITIONS } from "./categories";
import { type NewAuctionFields, NO_FIELDS, PRESETS, toDurationS, toNewAuction, validate } from "./newAuction";
import { type ChosenPicture, ChosenPictures } from "./pictures/ChosenPictures";
import { uploadsOf } from "./pictures/uploads";
import { useCreateAuction } from "./queries";
import { TermsFields } from "./selling/TermsFields";

/** The form that creates an auction; afterwards the seller stands at its desk. */
export default function NewAuctionPage() {
  const session = useSession();
  const navigate = useNavigate();
  const create = useCreateAuction();
  const [pictures, setPictures] = useState<ChosenPicture[]>([]);
  const form = useForm<NewAuctionFields>({ initialValues: NO_FIELDS, validate: (fields) => validate(fields) });
  const body = toNewAuction(form.values);
  const durationS = toDurationS(form.values);
  const submit = (fields: NewAuctionFields) =>
    create.mutate(toNewAuction(fields), {
      onSuccess: ({ auction_id }) => {
        // The desk shows how they arrive, and what the server says about each.
        uploadsOf(auction_id).add(pictures.map(({ file }) => file));
        void navigate(`/auctions/${auction_id}/desk`);
      },
      onError: (error) => showErrors(form, error),
    });
  return (
    <Page title="Sell something" lead="Describe the lot. The next page gives you what OBS needs to go live." width="46rem">
      <form noValidate onSubmit={form.onSubmit(submit, (errors) => focusFirst(form, errors))}>
        <Stack gap="lg">
          {create.error && (
            <Alert role="alert" color="live" icon={<IconAlertCircle />} title={sentence(create.error)} data-testid="form-error" />
          )}
          <Paper withBorder p={{ base: "md", sm: "xl" }}>
            <Stack gap="lg">
              <TextInput label="Title" required maxLength={500} placeholder="Omega Seamaster, 1968" {...form.getInputProps("title")} />
              <Textarea label="Description" autosize minRows={3} maxRows={12} placeholder="What a buyer wants to know" {...form.getInputProps("description")} />
              <SimpleGrid cols={{ base: 1, sm: 2 }}>
                <Select label="Category" data={CATEGORIES} placeholder="None" clearable {...form.getInputProps("category")} />
                <Autocomplete label="Condition" data={CONDITIONS} placeholder="used" maxLength={100} {...form.getInputProps("condition")} />
                <NumberInput
                  label="Starting bid" required min={0} decimalScale={2} thousandSeparator=" " inputMode="decimal"
                  hideControls {...form.getInputProps("starting_bid")}
                />
                <TextInput
                  label="Seller name" maxLength={100}
                  placeholder={session.status === "signed-in" ? session.account.name : ""} {...form.getInputProps("seller_name")}
                />
              </SimpleGrid>
              <div role="group" aria-labelledby="pictures">
                <Text id="pictures" size="sm" fw={500} mb={6}>Pictures</Text>
                <ChosenPictures pictures={pictures} onChange={setPictures} />
              </div>
              <div role="group" aria-labelledby="duration">
                <Text id="duration" size="sm" fw={500} mb={6}>Duration</Text>
                <SegmentedControl
                  aria-label="Duration" fullWidth data={PRESETS} {...form.getInputProps("preset")} />
                {form.values.preset === "custom" && (
                  <Group mt="sm" grow maw={320}>
                    <NumberInput label="Hours" min={0} max={720} allowDecimal={false} {...form.getInputProps("hours")} />
                    <NumberInput label="Minutes" min={0} max={59} allowDecimal={false} {...form.getInputProps("minutes")} />
                  </Group>
                )}
                <Text size="sm" c={form.errors["duration"] ? "var(--mantine-color-error)" : "dimmed"} mt={6} role="status">
                  {form.errors["duration"] ?? `It closes by itself ${duration(durationS * 1000)} after ${form.values.starts_at ? "its start" : "you create it"}.`}
                </Text>
              </div>
              <TermsFields form={form} />
            </Stack>
          </Paper>
          <Button type="submit" size="md" loading={create.isPending} w="fit-content">Create auction</Button>
          <ApiEcho method="POST" path="/api/auctions" body={body} isAuthorised />
        </Stack>
      </form>
    </Page>
  );
}
